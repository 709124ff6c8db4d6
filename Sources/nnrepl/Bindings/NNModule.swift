import CLua
import NNEngine

/// The module table `nn`: what the engine's registries hold, under the names that they give.
struct NNModule {
  let help: Help
  let output: Terminal
  /// Where the user keeps data sets, if anywhere.
  let datasets: String?

  /// Makes the global `nn`, which `require "nn"` returns too.
  func install(_ lua: LuaState) {
    push(lua)
    luaL_getsubtable(lua.raw, clua_registry(), LUA_LOADED_TABLE)
    lua.copy(-2)
    lua.rawSetField("nn", in: -2)
    lua.pop()
    lua.rawSetGlobal("nn")
  }

  /// Pushes the module.
  func push(_ lua: LuaState) {
    ComponentClasses.register(lua)
    TensorClass.register(lua, help)
    SymbolClass.register(lua, help)
    ModelClass.register(lua, output)
    LayerOutputClass.register(lua)
    HistoryClass.register(lua)
    BackgroundRunClass.register(lua, output)
    ClassDocumentation.install(lua, help)

    lua.pushTable(fields: 128)
    for noun in Catalog.nouns where noun.module != "schedules" {
      install(noun, as: "nn.\(noun.module)", lua)
      if noun.module == "optimizers", let schedules = Catalog.nouns.first(where: { $0.module == "schedules" }) {
        install(schedules, as: "nn.optimizers.schedules", lua)
        lua.rawSetField("schedules", in: -2)  // Keras has them there
      }
      lua.rawSetField(noun.module, in: -2)
    }
    lua.push(ModelClass.sequential)
    let doc = "A stack of layers: nn.Sequential{layer, layer, …, name=\"…\"}"
    help.add(HelpEntry(name: "nn.Sequential", signature: "{layers…, name=nil}", summary: doc), valueAt: -1)
    lua.rawSetField("Sequential", in: -2)
    lua.push(LayerOutputClass.model)
    help.add(
      HelpEntry(
        name: "nn.Model", signature: "{inputs, outputs, name=nil}",
        summary: "A functional model: everything between its inputs (nn.Input) and its outputs."), valueAt: -1)
    lua.rawSetField("Model", in: -2)
    lua.define(
      "Input", in: "nn", help: help, "{shape, name=nil}",
      "The entry of a functional model, for samples of this shape: local a = nn.Input{shape={28, 28}}",
      LayerOutputClass.input)
    TensorModule.install(lua, help)
    DatasetModule(help: help, folder: datasets).install(lua)
    Utilities.install(lua, help)
    CustomObjects.install(lua, help)
    ModelFilesBinding.install(lua, help)
    Transforms.install(lua, help)
    PartialConstructor.install(lua, help)
    PictureModule.install(lua, help, output)
    installModels(lua)
    for name in ["random", "datasets"] {
      lua.rawGetField(name, in: -1)
      seal(lua, "nn.\(name)")
      lua.pop()
    }
    help.push(lua)
    lua.rawSetField("help", in: -2)
    seal(lua, "nn")
  }

  /// Keras's module of models: the same functions once more.
  private func installModels(_ lua: LuaState) {
    let names = ["Sequential", "Model", "clone_model", "load_model"]
    lua.pushTable(fields: names.count)
    for name in names {
      lua.rawGetField(name, in: -2)
      lua.rawSetField(name, in: -2)
    }
    CustomObjects.installModelFromConfig(lua, help)
    seal(lua, "nn.models")
    lua.rawSetField("models", in: -2)
  }

  /// Names that are not in the module on top are errors, with a suggestion.
  private func seal(_ lua: LuaState, _ module: String) {
    lua.pushTable(fields: 1)
    lua.pushFunction(module) { lua throws(LuaError) in
      guard let name = lua.string(2) else { throw .message("\(module): names are strings, got \(lua.typeName(2))") }
      var known: [String] = []
      try lua.forEachPair(of: 1) { () throws(LuaError) in
        if let key = lua.string(-2) { known.append(key) }
        return true
      }
      throw .message("\(module): " + unknownName(name, kind: "name", among: known.sorted()))
    }
    lua.rawSetField("__index", in: -2)
    lua.pushFunction(module) { lua throws(LuaError) in
      var names: [String] = []
      try lua.forEachPair(of: 1) { () throws(LuaError) in
        if let key = lua.string(-2) { names.append(key) }
        return true
      }
      lua.push("\(module): " + names.sorted().joined(separator: ", "))
      return 1
    }
    lua.rawSetField("__tostring", in: -2)
    lua.push(module)
    lua.rawSetField("__name", in: -2)
    lua_setmetatable(lua.raw, -2)
  }

  /// Pushes the module of a noun.
  private func install(_ noun: Catalog.Noun, as module: String, _ lua: LuaState) {
    lua.pushTable(fields: 2 * noun.members.count)
    for member in noun.members { install(member, noun, module, lua) }
    if noun.module == "callbacks" { CallbackClass.install(lua, help) }
    UserObjectClass.install(noun.module, lua, help)
    if noun.module == "layers" { UserLayerClass.install(lua, help) }
    seal(lua, module)
  }

  private func install(_ member: Catalog.Member, _ noun: Catalog.Noun, _ module: String, _ lua: LuaState) {
    let constructor =
      switch noun.module {
      case "activations": activation(member, noun)
      case "losses": loss(member, noun)
      default: LuaConstructor(member, noun, in: module)
      }
    lua.push(constructor)
    help.add(Documentation.entry(member, in: module), valueAt: -1)
    for name in member.aliases {
      lua.copy(-1)
      lua.rawSetField(name, in: -3)
    }
    lua.rawSetField(member.name, in: -2)
  }

  /// `nn.activations.elu{alpha=0.5}` is an activation, `nn.activations.elu(x)` a tensor.
  private func activation(_ member: Catalog.Member, _ noun: Catalog.Noun) -> LuaConstructor {
    let plain = LuaConstructor(member, noun, in: "nn.\(noun.module)")
    return LuaConstructor("nn.activations", member.name, noun: noun.noun, fields: member.fields) {
      lua throws(LuaError) in
      let symbol = lua.symbol(1)
      guard symbol != nil || lua.tensor(1) != nil else { return try plain.body(lua) }
      let arguments = try lua.constructorArguments(from: 2)
      let made = try engine { () throws(NNError) in try member.make(arguments) }
      guard let f = made as? Boxed<Activation> else { throw .message("not an activation") }
      if let symbol {
        try lua.push(symbol) { (x) throws(NNError) in try f.value(x) }
      } else {
        let x = try lua.requireTensor(1, "x")
        lua.push(try engine { () throws(NNError) in try Program.result(of: f.value(.literal(x))) })
      }
      return 1
    }
  }

  /// `nn.losses.mse()` is a loss, `nn.losses.mse(y_true, y_pred)` a tensor: the loss of each sample.
  private func loss(_ member: Catalog.Member, _ noun: Catalog.Noun) -> LuaConstructor {
    let plain = LuaConstructor(member, noun, in: "nn.\(noun.module)")
    return LuaConstructor("nn.losses", member.name, noun: noun.noun, fields: member.fields) { lua throws(LuaError) in
      if lua.symbol(1) != nil || lua.symbol(2) != nil { return try recordedLoss(member, lua) }
      guard let truth = lua.tensor(1) else { return try plain.body(lua) }
      let prediction = try lua.requireTensor(2, "y_pred")
      let arguments = try lua.constructorArguments(from: 3)
      let made = try engine { () throws(NNError) in try member.make(arguments) }
      guard let f = made as? Boxed<Loss> else { throw .message("not a loss") }
      lua.push(
        try engine { () throws(NNError) in
          try f.value.check(labels: truth, output: prediction.rank > 0 ? prediction.sampleShape() : prediction.shape)
          return try Program.result(of: f.value.perSample(.literal(truth), .literal(prediction)))
        })
      return 1
    }
  }
}

extension NNModule {
  /// `nn.losses.mse(y_true, y_pred)` inside a function that becomes part of a model.
  private func recordedLoss(_ member: Catalog.Member, _ lua: LuaState) throws(LuaError) -> Int32 {
    let arguments = try lua.constructorArguments(from: 3)
    let made = try engine { () throws(NNError) in try member.make(arguments) }
    guard let f = made as? Boxed<Loss> else { throw .message("not a loss") }
    let (truth, prediction) = (try lua.operand(1, "y_true"), try lua.operand(2, "y_pred"))
    lua.push(
      try engine { () throws(NNError) in
        try SymbolOperand.combine(truth, prediction) { (y, p) throws(NNError) in try f.value.perSample(y, p) }
      })
    return 1
  }
}

extension Program {
  /// Computes one value at once.
  fileprivate static func result(of symbol: Symbol) throws(NNError) -> Tensor {
    let program = try Program(outputs: [symbol])
    program.run()
    return try program.value(0)
  }
}

extension Tensor {
  fileprivate var rank: Int { shape.rank }
  fileprivate func sampleShape() throws(NNError) -> Shape { try Shape(Array(shape.dimensions.dropFirst())) }
}
