import CLua
import NNEngine

extension Model: LuaObject {
  static var luaName: String { "Model" }
  static var belongsToModels: Bool { true }
}

/// `nn.Sequential` and what its models can do, training apart.
enum ModelClass {
  static func register(_ lua: LuaState, _ output: Terminal) {
    var members = LuaClass<Model>()
    addProperties(&members)
    addStructure(&members, output)
    TrainingMethods.add(to: &members, output)
    ModelFilesBinding.add(to: &members)
    ModelPlot.add(to: &members, output)
    members.metamethod("__tostring") { lua throws(LuaError) in
      let model = try lua.requireObject(1, Model.self)
      lua.push(try model.isBuilt ? engine { () throws(NNError) in try model.summary() } : outline(model))
      return 1
    }
    members.ownField = { model, lua, name throws(LuaError) in
      try model.userLayer.map { (layer) throws(LuaError) in try UserLayerClass.field(layer, lua, name) } ?? false
    }
    members.setOwnField = { model, lua, name throws(LuaError) in
      try model.userLayer.map { (layer) throws(LuaError) in try UserLayerClass.set(layer, lua, name) } ?? false
    }
    lua.register(Model.self, members)
  }

  private static func outline(_ model: Model) -> String {
    let layers = model.layers.map { "\($0.name) (\($0.className))" }.joined(separator: ", ")
    return "\(model.className) '\(model.name)', not built yet: \(layers.isEmpty ? "no layers" : layers)"
  }

  private static func addProperties(_ members: inout LuaClass<Model>) {
    members.property("name") { model, lua in lua.push(model.name) }
    members.property("layers") { model, lua in lua.push(layers: model.visibleLayers) }
    members.property("built") { model, lua in lua.push(model.isBuilt) }
    members.property("trainable") { model, lua in
      lua.push(model.trainable)
    } set: { model, lua, index throws(LuaError) in
      model.trainable = try lua.requireTrainable(index)
    }
    for name in ["variables", "weights"] {
      members.property(name) { model, lua in lua.push(list: model.variables) }
    }
    members.property("trainable_variables") { model, lua in lua.push(list: model.trainableVariables) }
    members.property("non_trainable_variables") { model, lua in lua.push(list: model.nonTrainableVariables) }
    members.property("input_shape") { model, lua in lua.push(batched: model.inputShapes, of: model.inputCount) }
    members.property("output_shape") { model, lua in
      lua.push(batched: model.outputShapes, of: model.outputNames.count)
    }
    members.property("input_names") { model, lua in lua.push(list: model.inputNames) }
    members.property("output_names") { model, lua in lua.push(list: model.outputNames) }
    members.property("metrics_names") { model, lua in lua.push(list: model.metricsNames) }
    members.property("optimizer") { model, lua in
      if let optimizer = model.optimizer { lua.push(optimizer) } else { lua.pushNil() }
    }
    members.property("stop_training") { model, lua in
      lua.push(model.stopTraining)
    } set: { model, lua, index throws(LuaError) in
      guard lua.type(index) == .boolean else {
        throw .message("'stop_training' must be true or false, got \(lua.typeName(index))")
      }
      model.stopTraining = lua.truth(index)
    }
    members.property("history") { model, lua in
      if let history = model.history { lua.push(history) } else { lua.pushNil() }
    }
  }

  private static func addStructure(_ members: inout LuaClass<Model>, _ output: Terminal) {
    members.method("add") { model, lua throws(LuaError) in
      let layer = try requireLayer(lua, 2)
      try engine { () throws(NNError) in try model.add(layer) }
      lua.copy(1)  // so that calls can be chained
      return 1
    }
    members.method("pop") { model, lua throws(LuaError) in
      lua.push(layer: try engine { () throws(NNError) in try model.pop() })
      return 1
    }
    members.method("build") { model, lua throws(LuaError) in
      let arguments = try lua.constructorArguments(from: 2)
      let isFlat = arguments.positional.allSatisfy { if case .integer = $0 { true } else { false } }
      let list = arguments.named.entries.isEmpty && isFlat ? Arguments([.list(arguments.positional)]) : arguments
      let shape: [Int] = try CallArguments("build", ["input_shape"], list).require("input_shape")
      try engine { () throws(NNError) in try model.build(inputShape: shape) }
      return 0
    }
    members.method("get_layer") { model, lua throws(LuaError) in
      if let name = lua.string(2) {
        lua.push(layer: try engine { () throws(NNError) in try model.layer(named: name) })
      } else {
        let index = try lua.requireInteger(2)
        let layers = model.visibleLayers
        let position = index > 0 ? index - 1 : layers.count + index
        guard index != 0, layers.indices.contains(position) else {
          throw .message("index \(index) is outside 1 … \(layers.count)")
        }
        lua.push(layer: layers[position])
      }
      return 1
    }
    members.method("fold_batch_normalization") { model, lua throws(LuaError) in
      let folded = try engine { () throws(NNError) in try model.foldingBatchNormalization() }
      lua.push(folded, cost: 16 * folded.parameterCount)
      return 1
    }
    members.method("summary") { model, lua throws(LuaError) in
      output.writeLine(try engine { () throws(NNError) in try model.summary() })
      return 0
    }
    members.method("compiled_loss") { model, lua throws(LuaError) in
      guard let scope = TracingScope.current, !scope.isOver else {
        throw .message("compiled_loss works in a model's train_step only")
      }
      let truth = try lua.requireObject(2, ScopedSymbol.self)
      let prediction = try lua.requireObject(3, ScopedSymbol.self)
      lua.push(try engine { () throws(NNError) in try scope.loss(of: model, truth, prediction) })
      return 1
    }
    members.method("count_params") { model, lua in
      lua.push(model.parameterCount)
      return 1
    }
    members.method("get_config") { model, lua throws(LuaError) in
      try engine { () throws(NNError) in try model.checkConfiguration() }
      try lua.push(model.configuration.table?["config"] ?? .null)
      return 1
    }
    members.method("get_weights") { model, lua throws(LuaError) in
      try lua.push(valuesOf: model.variables)
      return 1
    }
    members.method("set_weights") { model, lua throws(LuaError) in
      let tensors = try lua.requireTensors(2)
      try engine { () throws(NNError) in try model.setWeights(tensors) }
      return 0
    }
    members.method("get_optimizer_weights") { model, lua throws(LuaError) in
      lua.push(tensors: try engine { () throws(NNError) in try model.getOptimizerWeights() })
      return 1
    }
    members.method("set_optimizer_weights") { model, lua throws(LuaError) in
      let tensors = try lua.requireTensors(2)
      try engine { () throws(NNError) in try model.setOptimizerWeights(tensors) }
      return 0
    }
    members.method("explain") { model, lua throws(LuaError) in
      let size: Int? = try CallArguments("explain", ["batch_size"], lua.constructorArguments(from: 2)).get("batch_size")
      lua.push(try engine { () throws(NNError) in try model.explain(batchSize: size ?? 32) })
      return 1
    }
  }

  private static func requireLayer(_ lua: LuaState, _ index: Int32) throws(LuaError) -> Layer {
    if let constructor = lua.object(index, LuaConstructor.self) {
      throw .message("expected a layer, got the class \(constructor.name); call it: \(constructor.name)()")
    }
    if let model = lua.object(index, Model.self) { return model.asLayer }
    return try lua.requireObject(index, Layer.self)
  }

  /// `nn.Sequential{layer, layer, …, name = "…"}`; a list of layers as the only argument will do too.
  static var sequential: LuaConstructor {
    LuaConstructor("nn", "Sequential", noun: "model") { lua throws(LuaError) in
      let arguments = try lua.constructorArguments()
      var items = arguments.positional
      if items.count == 1, case .list(let list) = items[0] { items = list }
      var layers: [Layer] = []
      for (offset, item) in items.enumerated() {
        guard case .object(let object) = item, let layer = object as? Layer ?? (object as? Model)?.asLayer else {
          let hint = item.string.map { "; call it: \($0)()" } ?? ""
          throw .message("layer \(offset + 1): expected a layer, got \(item.text)\(hint)")
        }
        layers.append(layer)
      }
      let name: String? = try CallArguments("Sequential", ["name"], Arguments([], arguments.named)).get("name")
      let model = try engine { () throws(NNError) in try Model(name: name, layers: layers) }
      lua.push(model, cost: 16 * model.parameterCount)  // weights, and about what programs will need
      return 1
    }
  }
}
