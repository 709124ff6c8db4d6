import CLua
import NNEngine

/// `layer.units`, `layer.rate`, `layer.kernel`: what a layer was made with, and its variables, as fields that can be read.
enum LayerFields {
  static func add(to members: inout LuaClass<Layer>) {
    let layers = Catalog.nouns.first { $0.module == "layers" }?.members ?? []
    // What every layer has keeps its meaning: Lambda, for one, is made with an `output_shape` too.
    let own = Set(members.getters.keys).union(["dtype"])
    for field in Set(layers.flatMap { $0.fields.map(\.name) } + variables).subtracting(own) {
      members.property(field) { layer, lua throws(LuaError) in
        // A variable comes first: PReLU's alpha is one, LeakyReLU's a number.
        if let variable = layer.variables.first(where: { $0.name == field }), layer.nested == nil {
          return lua.push(variable)
        }
        let configuration = layer.configuration
        if let value = configuration[field] { return try lua.push(Axes.toLua(value, field)) }
        guard !(variables.contains(field) && !layer.isBuilt) else {
          throw .message("\(layer.name) has no '\(field)' yet: it is not built")
        }
        let known = configuration.entries.map(\.name) + layer.variables.map(\.name)
        throw .message("\(layer.name): " + unknownName(field, kind: "field", among: known))
      }
    }
  }

  /// What layers call their variables.
  private static let variables = [
    "kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance", "alpha", "mean", "variance", "embeddings",
  ]
}
