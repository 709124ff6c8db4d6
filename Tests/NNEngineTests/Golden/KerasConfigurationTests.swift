import Testing

@testable import NNEngine

/// TensorFlow 2.1's `to_json` of the book's models: read, and written again field by field.
@Suite("Golden: configurations")
struct KerasConfigurationTests {
  static let cases = ["model_1_to_json", "leakyrelu_model_to_json", "model_dropout_to_json", "model_l2_to_json"]
  static let variablesCase = "model_1_layer1_variables"

  /// Text in which equal values are equal: fields in alphabetical order, all numbers as floats, a list of one axis as that axis.
  private static func canonical(_ value: Value, _ field: String = "") -> String {
    switch value {
    case .list(let items) where field == "axis" && items.count == 1: canonical(items[0])
    case .integer(let i): "\(Double(i))"
    case .number(let x): "\(Double(Float(x)))"  // Keras writes float32s in full: 0.20000000298023224
    case .list(let items): "[" + items.map { canonical($0) }.joined(separator: ", ") + "]"
    case .table(let table):
      "{"
        + table.entries.sorted { $0.name < $1.name }.map { "\($0.name): \(canonical($0.value, $0.name))" }
        .joined(separator: ", ") + "}"
    default: JSON.text(value)
    }
  }

  @Test("Keras's JSON makes a model, whose configuration is Keras's JSON", arguments: cases)
  func roundTrip(_ name: String) throws {
    let keras = try JSON.parse(Fixtures.named(.summaries, name).string("json"))
    let ours = try #require(Model(configuration: keras).configuration.table)
    let expected = try #require(keras.table)
    #expect(ours["class_name"]?.string == expected["class_name"]?.string)
    let (a, b) = (try #require(ours["config"]?.table), try #require(expected["config"]?.table))
    #expect(a["name"]?.string == b["name"]?.string)
    guard case .list(let layers)? = a["layers"], case .list(let right)? = b["layers"] else {
      throw FixtureError("no layers in \(name)")
    }
    #expect(layers.count == right.count)
    for (layer, right) in zip(layers, right) { #expect(Self.canonical(layer) == Self.canonical(right)) }
  }

  @Test("a batch normalization's variables: names, shapes, and which of them are trained")
  func variables() throws {
    guard case .list(let expected) = try Fixtures.named(.summaries, Self.variablesCase).value("variables") else {
      throw FixtureError("no variables")
    }
    let layer = try Make.layer("BatchNormalization", #"{"name": "batch_normalization"}"#)
    try layer.build(Shape([784]))
    let trained = Set(layer.trainableVariables.map(ObjectIdentifier.init))
    let ours: [FixtureValue] = layer.variables.map { variable in
      .list([
        .string(variable.path + ":0"), .string(variable.path + ":0"),
        .bool(trained.contains(ObjectIdentifier(variable))),
        .list(variable.shape.dimensions.map { .number(Double($0)) }),
      ])
    }
    #expect(ours == expected)
  }
}
