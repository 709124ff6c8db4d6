import CLua
import NNEngine

/// compile, fit, evaluate, predict, train_on_batch, and the model as a function.
enum TrainingMethods {
  static func add(to members: inout LuaClass<Model>, _ output: Terminal) {
    members.method("compile") { model, lua throws(LuaError) in
      let arguments = try lua.constructorArguments(from: 2)
      try engine { () throws(NNError) in try model.compile(arguments) }
      return 0
    }
    members.method("fit") { model, lua throws(LuaError) in
      let (data, arguments) = try lua.dataArguments(model, [("x", model.inputNames), ("y", model.targetNames)])
      let options = try lua.fitOptions(arguments, model)
      let companions = companions(options.verbose, output)
      lua.push(
        try interruptible(model, "fit") { () throws(NNError) in
          if case .generator(let batches) = data[0] {
            return try model.trainer(batches, options, companions: companions).train()
          }
          return try model.trainer(samples(data), options, companions: companions).train()
        } noting: { history in
          note(history, model, output)
        })
      return 1
    }
    members.method("fit_async") { model, lua throws(LuaError) in
      let (data, arguments) = try lua.dataArguments(model, [("x", model.inputNames), ("y", model.targetNames)])
      guard case .tensors = data[0] else {
        throw .message("fit_async takes tensors: batches of a function would have to be made by the prompt; use fit")
      }
      let options = try lua.fitOptions(arguments, model)
      guard options.validationGenerator == nil else {
        throw .message("fit_async takes tensors as 'validation_data', got a function")
      }
      let conductor = Conductor(saysEnd: options.verbose > 0)
      let trainer = try engine { () throws(NNError) in
        try model.trainer(samples(data), options, companions: [conductor])
      }
      let run = BackgroundRun(model, trainer, conductor, callbacks: options.callbacks)
      BackgroundRunClass.guardClosing(lua)
      try Background.start(run)
      lua.push(run)
      return 1
    }
    members.method("resume") { model, lua throws(LuaError) in
      var rest = try lua.constructorArguments(from: 2)
      let callbacks = try takeCallbacks(&rest)
      let verbose: Int = try CallArguments("resume", ["verbose"], rest).get("verbose") ?? 1
      guard (0...2).contains(verbose) else { throw .message("'verbose' must be 0, 1 or 2, got \(verbose)") }
      lua.push(
        try interruptible(model, "resume") { () throws(NNError) in
          try model.resume(callbacks: callbacks, companions: companions(verbose, output))
        } noting: { history in
          note(history, model, output)
        })
      return 1
    }
    members.method("interrupt") { model, lua in
      model.cancel()
      return 0
    }
    members.method("evaluate") { model, lua throws(LuaError) in
      var (data, rest) = try lua.dataArguments(model, [("x", model.inputNames), ("y", model.targetNames)])
      let own = try takeCallbacks(&rest) ?? []
      let call = try CallArguments("evaluate", ["batch_size", "verbose", "sample_weight", "steps"], rest)
      let (size, verbose): (Int?, Int) = (try call.get("batch_size"), try call.get("verbose") ?? 1)
      let (weights, steps): (TensorList?, Int?) = (try call.get("sample_weight"), try call.get("steps"))
      guard (0...2).contains(verbose) else { throw .message("'verbose' must be 0, 1 or 2, got \(verbose)") }
      let callbacks = own + progress(verbose, output)
      let values = try interruptible(model, "evaluate") { () throws(NNError) in
        if case .generator(let batches) = data[0] {
          return try model.evaluate(batches, steps: steps, callbacks: callbacks)
        }
        return try model.evaluate(samples(data, weights), batchSize: size, steps: steps, callbacks: callbacks)
      }
      return try push(values, lua)
    }
    addPredictions(to: &members)
    members.method("find_learning_rate") { model, lua throws(LuaError) in
      let (data, rest) = try lua.dataArguments(model, [("x", model.inputNames), ("y", model.targetNames)])
      if case .generator = data[0] { throw .message("find_learning_rate takes tensors, got a function") }
      let options = try engine { () throws(NNError) in try LearningRateSearch.make(rest) }
      let found = try interruptible(model, "find_learning_rate") { () throws(NNError) in
        try model.findLearningRate(samples(data), options)
      }
      lua.push(found.rates)
      lua.push(found.losses)
      return 2
    }
    members.method("train_on_batch") { model, lua throws(LuaError) in
      let (data, rest) = try lua.dataArguments(model, [("x", model.inputNames), ("y", model.targetNames)])
      let options = try lua.fitOptions(
        onlyKnown(rest, ["sample_weight", "class_weight"], "train_on_batch"), model)
      let samples = samples(data, TensorList(tensors: options.sampleWeights))
      let classes = options.classWeights
      return try push(
        engine { () throws(NNError) in try model.trainOnBatch(samples, classWeights: classes) }, lua)
    }
    members.method("test_on_batch") { model, lua throws(LuaError) in
      let (data, rest) = try lua.dataArguments(model, [("x", model.inputNames), ("y", model.targetNames)])
      let weights: TensorList? = try CallArguments("test_on_batch", ["sample_weight"], rest).get("sample_weight")
      return try push(engine { () throws(NNError) in try model.testOnBatch(samples(data, weights)) }, lua)
    }
    members.metamethod("__call") { lua throws(LuaError) in
      let model = try lua.requireObject(1, Model.self)
      if lua.containsSymbol(2) || TracingScope.isActive, let results = try SymbolCalls.call(model.asLayer, lua) {
        return results
      }
      if let outputs = try LayerOutputClass.outputs(lua, 2) {
        return try LayerOutputClass.push(engine { () throws(NNError) in try model.asLayer(outputs) }, lua)
      }
      let x = try lua.tensors(2, "x", model.inputNames)
      // Most calls have a single argument, and what a call costs counts where it is for one sample.
      let training: Bool? =
        lua.top < 3 ? nil : try CallArguments("call", ["training"], lua.constructorArguments(from: 3)).get("training")
      return try push(engine { () throws(NNError) in try model.call(x, training: training ?? false) }, lua)
    }
  }

  private static func addPredictions(to members: inout LuaClass<Model>) {
    for name in ["predict", "predict_proba"] {
      members.method(name) { model, lua throws(LuaError) in
        var (data, rest) = try lua.dataArguments(model, [("x", model.inputNames)])
        let own = try takeCallbacks(&rest) ?? []
        let call = try CallArguments(name, ["batch_size", "verbose"], rest)
        let (size, verbose): (Int?, Int) = (try call.get("batch_size"), try call.get("verbose") ?? 0)
        guard verbose == 0 else { throw .message("'verbose' must be 0: predict shows no progress") }
        let x = try tensors(data[0], name)
        return try push(
          interruptible(model, name) { () throws(NNError) in
            try model.predict(x, batchSize: size, callbacks: own)
          }, lua)
      }
    }
    members.method("predict_mc") { model, lua throws(LuaError) in
      var (data, rest) = try lua.dataArguments(model, [("x", model.inputNames)])
      let own = try takeCallbacks(&rest) ?? []
      let call = try CallArguments("predict_mc", ["samples", "batch_size"], rest)
      let (samples, size): (Int?, Int?) = (try call.get("samples"), try call.get("batch_size"))
      let x = try tensors(data[0], "predict_mc")
      let result = try interruptible(model, "predict_mc") { () throws(NNError) in
        try model.predictMonteCarlo(x, samples: samples ?? 100, batchSize: size, callbacks: own)
      }
      return try push(result.mean, lua) + push(result.standardDeviation, lua)
    }
    members.method("predict_classes") { model, lua throws(LuaError) in
      let (data, rest) = try lua.dataArguments(model, [("x", model.inputNames)])
      let size: Int? = try CallArguments("predict_classes", ["batch_size"], rest).get("batch_size")
      let x = try tensors(data[0], "predict_classes")
      lua.push(
        try interruptible(model, "predict_classes") { () throws(NNError) in
          try model.predictClasses(x, batchSize: size)
        })
      return 1
    }
    members.method("predict_on_batch") { model, lua throws(LuaError) in
      let (data, rest) = try lua.dataArguments(model, [("x", model.inputNames)])
      _ = try CallArguments("predict_on_batch", [], rest)
      let x = try tensors(data[0], "predict_on_batch")
      return try push(engine { () throws(NNError) in try model.predictOnBatch(x) }, lua)
    }
  }

  private static func tensors(_ data: DataArgument, _ call: String) throws(LuaError) -> [Tensor] {
    guard case .tensors(let x) = data else { throw .message("\(call) takes tensors, got a function") }
    return x
  }

  private static func samples(_ data: [DataArgument], _ weights: TensorList? = nil) -> Samples {
    var parts: [[Tensor]] = []
    for case .tensors(let tensors) in data { parts.append(tensors) }
    return Samples(x: parts.first ?? [], y: parts.count > 1 ? parts[1] : [], weights: weights?.tensors ?? [])
  }

  private static func onlyKnown(
    _ arguments: Arguments, _ names: [String], _ call: String
  ) throws(LuaError) -> Arguments {
    _ = try CallArguments(call, names, arguments)
    guard arguments.positional.isEmpty else { throw .message("takes no further arguments by position") }
    return arguments
  }

  /// Numbers, as that many results.
  private static func push(_ values: [Double], _ lua: LuaState) throws(LuaError) -> Int32 {
    try lua.ensure(Int32(clamping: values.count))
    for value in values { lua.push(value) }
    return Int32(clamping: values.count)
  }

  /// One tensor, or a list of several.
  private static func push(_ tensors: [Tensor], _ lua: LuaState) throws(LuaError) -> Int32 {
    if tensors.count == 1 {
      lua.push(tensors[0])
      return 1
    }
    lua.pushTable(array: tensors.count)
    for (i, tensor) in tensors.enumerated() {
      lua.push(tensor)
      lua.rawSet(i + 1, in: -2)
    }
    return 1
  }

  /// The callbacks of a call that has no schema; nil when none are given.
  private static func takeCallbacks(_ arguments: inout Arguments) throws(LuaError) -> [any Callback]? {
    guard let list = arguments.named["callbacks"], !list.isNull else { return nil }
    arguments.named["callbacks"] = nil
    return try engine { () throws(NNError) in try Callbacks.list(list) }
  }

  /// Who shows fit's progress, and says what callbacks have to say.
  private static func companions(_ verbose: Int, _ output: Terminal) -> [any Callback] {
    progress(verbose, output) + [Speaker(verbose, output)]
  }

  /// Keras's lines: a bar on a terminal, a line for each epoch elsewhere and for verbose = 2.
  private static func progress(_ verbose: Int, _ output: Terminal) -> [any Callback] {
    guard verbose > 0 else { return [] }
    return [
      ProgressReporter(bar: verbose == 1 && output.isTerminal) { text in
        output.write(text)
        output.flush()
      }
    ]
  }

  /// Ctrl-C ends the work after its batch; a second one with an error.
  private static func interruptible<Result>(
    _ model: Model, _ call: String, _ body: () throws(NNError) -> Result, noting: (Result) -> Void = { _ in }
  ) throws(LuaError) -> Result {
    // Ctrl-C in a look at a model that is trained in the background is not meant for the training.
    let cancelled = Background.isTraining(model) ? nil : model
    return try Interrupt.gracefully(cancelling: cancelled) { () throws(LuaError) in
      let result: Result
      do throws(NNError) { result = try body() } catch {
        throw .message(error.code == .cancelled ? "interrupted!" : error.description)
      }
      if Interrupt.isInsistent { throw .message("interrupted!") }
      noting(result)
      return result
    }
  }

  private static func note(_ history: History, _ model: Model, _ output: Terminal) {
    guard let place = history.interruption else { return }
    output.writeLine(
      "interrupted at epoch \(place.epoch + 1), batch \(place.batch + 1); the model keeps the weights so far; "
        + "model:resume() goes on")
    output.flush()
    PausedModels.note(model)
  }
}
