import CLua
import NNEngine

extension Layer: LuaObject {
  static var luaName: String { "Layer" }
  static var belongsToModels: Bool { true }
}
extension Variable: LuaObject {
  static var luaName: String { "Variable" }
  static var belongsToModels: Bool { true }
}
extension Optimizer: LuaObject {
  static var luaName: String { "Optimizer" }
  static var belongsToModels: Bool { true }
}

/// Layers, variables, optimizers, and the small values: initializers, activations, losses, …
enum ComponentClasses {
  static func register(_ lua: LuaState) {
    registerLayer(lua)
    registerVariable(lua)
    registerOptimizer(lua)
    StandardCallback.register(lua)
    lua.register(LuaConstructor.self, LuaConstructor.members)

    var initializer = values(Initializer.self)
    initializer.metamethod("__call") { lua throws(LuaError) in  // as a function of the shape
      let box = try lua.requireObject(1, Boxed<Initializer>.self)
      lua.remove(1)
      let shape = try CallArguments("initializer", ["shape"], lua.shapedArguments()).shape()
      lua.push(try engine { () throws(NNError) in try box.value.tensor(shape: shape) })
      return 1
    }
    lua.register(Boxed<Initializer>.self, initializer)
    var schedule = values(Schedule.self)
    schedule.metamethod("__call") { lua throws(LuaError) in  // the rate after so many steps
      let box = try lua.requireObject(1, Boxed<Schedule>.self)
      let step = try lua.requireInteger(2)
      lua.push(try engine { () throws(NNError) in try box.value.rate(step: step) })
      return 1
    }
    lua.register(Boxed<Schedule>.self, schedule)
    lua.register(Boxed<Activation>.self, values(Activation.self))
    lua.register(Boxed<Regularizer>.self, values(Regularizer.self))
    lua.register(Boxed<Constraint>.self, values(Constraint.self))
    lua.register(Boxed<Loss>.self, values(Loss.self))
    lua.register(Boxed<Metric>.self, values(Metric.self))
  }

  private static func registerLayer(_ lua: LuaState) {
    var members = configured(Layer.self)
    LayerFields.add(to: &members)  // first: what a layer is goes before what it was made with
    members.property("name") { layer, lua in lua.push(layer.name) }
    members.property("built") { layer, lua in lua.push(layer.isBuilt) }
    members.property("trainable") { layer, lua in
      lua.push(layer.trainable)
    } set: { layer, lua, index throws(LuaError) in
      layer.trainable = try lua.requireTrainable(index)
    }
    members.property("variables") { layer, lua in lua.push(list: layer.variables) }
    members.property("weights") { layer, lua in lua.push(list: layer.variables) }
    members.property("trainable_variables") { layer, lua in lua.push(list: layer.trainableVariables) }
    members.property("non_trainable_variables") { layer, lua in lua.push(list: layer.nonTrainableVariables) }
    members.property("input_shape") { layer, lua in lua.push(batched: layer.inputShapes, of: layer.inputShapes.count) }
    members.property("output_shape") { layer, lua in
      lua.push(batched: layer.outputShapes, of: layer.outputShapes.count)
    }
    members.metamethod("__call") { lua throws(LuaError) in
      let layer = try lua.requireObject(1, Layer.self)
      if let results = try SymbolCalls.call(layer, lua) { return results }
      guard let inputs = try LayerOutputClass.outputs(lua, 2) else {
        throw .message(
          "\(layer.name): a layer is called on outputs of other layers, which begin with nn.Input{shape={…}}; got "
            + lua.typeName(2))
      }
      return try LayerOutputClass.push(engine { () throws(NNError) in try layer(inputs) }, lua)
    }
    members.method("count_params") { layer, lua in
      lua.push(layer.variables.reduce(0) { $0 + $1.shape.count })
      return 1
    }
    members.method("get_weights") { layer, lua throws(LuaError) in
      try lua.push(valuesOf: layer.variables)
      return 1
    }
    members.method("set_weights") { layer, lua throws(LuaError) in
      try lua.set(layer.variables, at: 2, owner: layer.name)
      return 0
    }
    members.method("adapt") { layer, lua throws(LuaError) in
      let batches = lua.isListOfTensors(2) ? try lua.requireTensors(2) : [try lua.requireTensor(2, "x")]
      try engine { () throws(NNError) in try layer.adapt(batches) }
      return 0
    }
    members.ownField = UserLayerClass.field
    members.setOwnField = UserLayerClass.set
    lua.register(Layer.self, members)
  }

  private static func registerVariable(_ lua: LuaState) {
    var members = LuaClass<Variable>()
    members.property("name") { variable, lua in lua.push(variable.path + ":0") }  // as TensorFlow has it
    members.property("shape") { variable, lua in lua.push(list: variable.shape.dimensions) }
    members.property("trainable") { variable, lua in
      lua.push(variable.trainable)
    } set: { variable, lua, index throws(LuaError) in
      let trainable = try lua.requireTrainable(index)
      guard variable.role == .weight || !trainable else {
        throw .message("'trainable' cannot be true: \(variable.path) is kept by its layer, and never trained")
      }
      variable.trainable = trainable
    }
    members.method("value") { variable, lua throws(LuaError) in
      lua.push(try engine { () throws(NNError) in try variable.value() })
      return 1
    }
    members.method("assign") { variable, lua throws(LuaError) in
      if let symbol = lua.symbol(2) {
        try engine { () throws(NNError) in try symbol.scope.assign(variable, symbol) }
        return 0
      }
      let tensor = try lua.requireTensor(2, "value")
      try engine { () throws(NNError) in try variable.set(tensor) }
      return 0
    }
    members.metamethod("__tostring") { lua throws(LuaError) in
      let variable = try lua.requireObject(1, Variable.self)
      lua.push("\(variable.path) \(variable.shape)")
      return 1
    }
    VariableOperands.add(to: &members)
    lua.register(Variable.self, members)
  }

  private static func registerOptimizer(_ lua: LuaState) {
    var members = configured(Optimizer.self)
    members.method("apply_gradients") { optimizer, lua throws(LuaError) in
      guard let scope = TracingScope.current, !scope.isOver else {
        throw .message("apply_gradients works in a model's train_step only")
      }
      guard lua.type(2) == .table, lua.type(3) == .table else {
        throw .message("expected a list of gradients and a list of variables")
      }
      let gradients = try lua.rawLength(2) == 0 ? [] : lua.symbols(2)
      var variables: [Variable] = []
      for position in stride(from: 1, through: lua.rawLength(3), by: 1) {
        lua.rawGet(position, in: 3)
        defer { lua.pop() }
        variables.append(try lua.requireObject(-1, Variable.self))
      }
      try engine { () throws(NNError) in try scope.apply(optimizer, gradients, variables) }
      return 0
    }
    members.property("iterations") { optimizer, lua in lua.push(optimizer.iterations) }
    members.property("name") { optimizer, lua in lua.push(optimizer.name) }
    // The numbers that some optimizer has: learning_rate, momentum, rho, …
    let optimizers = Catalog.nouns.first { $0.module == "optimizers" }?.members ?? []
    for field in Set(optimizers.flatMap { $0.fields.map(\.name) } + ["lr"]).subtracting(["name"]) {
      members.property(field) { optimizer, lua throws(LuaError) in
        if ["learning_rate", "lr"].contains(field) {
          return lua.push(try engine { () throws(NNError) in try optimizer.learningRate })
        }
        let configuration = optimizer.configuration
        guard let value = configuration[field] else {
          throw .message("\(optimizer.className): " + unknownName(field, kind: "field", among: configuration.names))
        }
        try lua.push(value)
      } set: { optimizer, lua, index throws(LuaError) in
        let value = try lua.value(index)
        try engine { () throws(NNError) in try optimizer.set(field, value) }
      }
    }
    lua.register(Optimizer.self, members)
  }

  /// What every component with class name and configuration has.
  private static func configured<C: LuaObject & Registered>(_: C.Type) -> LuaClass<C> {
    var members = LuaClass<C>()
    members.property("class_name") { component, lua in lua.push(component.serialized?.className ?? C.luaName) }
    members.method("get_config") { component, lua throws(LuaError) in
      try lua.push(.table(component.serialized?.configuration ?? Value.Table()))
      return 1
    }
    members.metamethod("__tostring") { lua throws(LuaError) in
      lua.push(text(try lua.requireObject(1, C.self)))
      return 1
    }
    return members
  }

  private static func values<T: LuaNamed & Registered>(_: T.Type) -> LuaClass<Boxed<T>> {
    var members = LuaClass<Boxed<T>>()
    members.property("class_name") { box, lua in lua.push(box.value.serialized?.className ?? T.luaName) }
    members.method("get_config") { box, lua throws(LuaError) in
      try lua.push(.table(box.value.serialized?.configuration ?? Value.Table()))
      return 1
    }
    members.metamethod("__tostring") { lua throws(LuaError) in
      lua.push(text(try lua.requireObject(1, Boxed<T>.self).value))
      return 1
    }
    return members
  }

  /// `Dense{units=10, name="dense"}`: what differs from the defaults.
  private static func text<C: Registered>(_ component: C) -> String {
    guard let (name, configuration) = component.serialized else { return "a user's \(type(of: component))" }
    let fields = C.registry.entries.first { $0.name == name }?.fields ?? []
    var told = Value.Table()
    for (key, value) in configuration.entries {
      let field = fields.first { $0.name == key }
      let value = Axes.toLua(value, key)
      if let field, LuaText.isDefault(value, of: field) { continue }
      told[key] = value
    }
    return name + LuaText.of(.table(told))
  }
}

extension LuaState {
  /// The new value of a field `trainable`.
  func requireTrainable(_ index: Int32) throws(LuaError) -> Bool {
    guard type(index) == .boolean else { throw .message("'trainable' must be true or false, got \(typeName(index))") }
    return truth(index)
  }

  func push(valuesOf variables: [Variable]) throws(LuaError) {
    var values: [Tensor] = []
    for variable in variables { values.append(try engine { () throws(NNError) in try variable.value() }) }
    push(tensors: values)
  }

  func push(tensors: [Tensor]) {
    pushTable(array: tensors.count)
    for (offset, tensor) in tensors.enumerated() {
      push(tensor)
      rawSet(offset + 1, in: -2)
    }
  }

  /// Overwrites variables by a list of tensors; all shapes are checked before any value changes.
  func set(_ variables: [Variable], at index: Int32, owner: String) throws(LuaError) {
    let tensors = try requireTensors(index)
    guard tensors.count == variables.count else {
      throw .message("\(owner): expected \(variables.count) tensors, got \(tensors.count)")
    }
    for (variable, tensor) in zip(variables, tensors) where variable.shape != tensor.shape {
      throw .message("\(variable.path): expected shape \(variable.shape), got \(tensor.shape)")
    }
    try engine { () throws(NNError) in for (variable, tensor) in zip(variables, tensors) { try variable.set(tensor) } }
  }

  /// Whether there is a table whose first element is a tensor.
  fileprivate func isListOfTensors(_ index: Int32) -> Bool {
    guard type(index) == .table else { return false }
    rawGet(1, in: index)
    defer { pop() }
    return tensor(-1) != nil
  }

  func requireTensors(_ index: Int32) throws(LuaError) -> [Tensor] {
    switch try value(index) {
    case .list(let items): return try TensorModule.tensors(items)
    case .table(let table) where table.entries.isEmpty: return []
    default: throw mismatch(index, "a list of tensors")
    }
  }
}

extension Value.Table {
  fileprivate var names: [String] { entries.map(\.name) }
}
