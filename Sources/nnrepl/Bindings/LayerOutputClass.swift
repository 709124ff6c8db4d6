import CLua
import NNEngine

extension LayerOutput: LuaNamed { static var luaName: String { "LayerOutput" } }

/// Functional models: `nn.Input`, layers called on what other layers put out, `nn.Model{inputs = …, outputs = …}`.
enum LayerOutputClass {
  static func register(_ lua: LuaState) {
    var members = LuaClass<Boxed<LayerOutput>>()
    members.property("shape") { output, lua in lua.push(batched: output.value.shape) }
    members.property("layer") { output, lua in lua.push(layer: output.value.call.layer) }
    members.property("name") { output, lua in lua.push(output.value.call.layer.name) }
    members.metamethod("__tostring") { lua throws(LuaError) in
      let output = try lua.requireObject(1, Boxed<LayerOutput>.self).value
      lua.push("output of '\(output.call.layer.name)', shape \(output.shape.batched)")
      return 1
    }
    lua.register(Boxed<LayerOutput>.self, members)
  }

  /// The outputs at an index: one, or a list; nil when there is something else.
  static func outputs(_ lua: LuaState, _ index: Int32) throws(LuaError) -> [LayerOutput]? {
    if let one = lua.object(index, Boxed<LayerOutput>.self) { return [one.value] }
    guard lua.type(index) == .table else { return nil }
    lua.rawGet(1, in: index)
    defer { lua.pop() }
    guard lua.object(-1, Boxed<LayerOutput>.self) != nil else { return nil }
    return try list(lua.value(index))
  }

  /// The outputs in a value: one, or a list.
  static func list(_ value: Value) throws(LuaError) -> [LayerOutput] {
    if case .object(let object) = value, let output = object as? Boxed<LayerOutput> { return [output.value] }
    guard case .list(let items) = value else {
      throw .message("expected outputs of layers (nn.Input{shape={…}} begins), got \(value.text)")
    }
    var result: [LayerOutput] = []
    for (i, item) in items.enumerated() {
      guard case .object(let object) = item, let output = object as? Boxed<LayerOutput> else {
        throw .message("element \(i + 1) must be an output of a layer, got \(item.text)")
      }
      result.append(output.value)
    }
    return result
  }

  /// One output, or a list of several.
  static func push(_ outputs: [LayerOutput], _ lua: LuaState) throws(LuaError) -> Int32 {
    if outputs.count == 1 {
      lua.push(Boxed(outputs[0]))
    } else {
      lua.push(list: outputs.map { Boxed($0) })
    }
    return 1
  }

  /// `nn.Input{shape = {28, 28}, name = "images"}`
  static func input(_ lua: LuaState) throws(LuaError) -> Int32 {
    let call = try CallArguments("Input", ["shape", "name"], lua.shapedArguments())
    let (shape, name): ([Int], String?) = (try call.require("shape"), try call.get("name"))
    return try push([engine { () throws(NNError) in try LayerOutput.input(shape: shape, name: name) }], lua)
  }

  /// `nn.Model{inputs = …, outputs = …, name = "…"}`
  static var model: LuaConstructor {
    LuaConstructor("nn", "Model", noun: "model") { lua throws(LuaError) in
      var arguments = try lua.constructorArguments()
      func take(_ name: String) throws(LuaError) -> [LayerOutput] {
        var value = arguments.named[name]
        arguments.named[name] = nil
        if value == nil, !arguments.positional.isEmpty { value = arguments.positional.removeFirst() }
        guard let value else { throw .message("'\(name)' is required: the output of a layer, or a list of them") }
        do throws(LuaError) { return try list(value) } catch {
          guard case .message(let text) = error else { throw error }
          throw .message("'\(name)': \(text)")
        }
      }
      let (inputs, outputs) = (try take("inputs"), try take("outputs"))
      let name: String? = try CallArguments("Model", ["name"], arguments).get("name")
      let model = try engine { () throws(NNError) in try Model(name: name, inputs: inputs, outputs: outputs) }
      lua.push(model, cost: 16 * model.parameterCount)
      return 1
    }
  }
}

extension LuaState {
  /// Pushes a layer; a model that is used as a layer as the model that it is.
  func push(layer: Layer) {
    if let model = layer.nested { push(model) } else { push(layer) }
  }

  /// Pushes layers as a list.
  func push(layers: [Layer]) {
    pushTable(array: layers.count)
    for (i, layer) in layers.enumerated() {
      push(layer: layer)
      rawSet(i + 1, in: -2)
    }
  }
}
