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
      let (data, arguments) = try lua.dataArguments(["x", "y"])
      let options = try engine { () throws(NNError) in try FitOptions(arguments) }
      let callbacks = progress(options.verbose, output) + [Speaker(options.verbose, output)]
      lua.push(
        try interruptible(model, "fit") { () throws(NNError) in
          try model.fit(x: data[0], y: data[1], options, callbacks: callbacks)
        } noting: { history in
          note(history, output)
        })
      return 1
    }
    members.method("evaluate") { model, lua throws(LuaError) in
      var (data, rest) = try lua.dataArguments(["x", "y"])
      let own = try rest.named["callbacks"].map { (list) throws(LuaError) in
        try engine { () throws(NNError) in try Callbacks.list(list) }
      }
      rest.named["callbacks"] = nil
      let call = try CallArguments("evaluate", ["batch_size", "verbose"], rest)
      let (size, verbose): (Int?, Int) = (try call.get("batch_size"), try call.get("verbose") ?? 1)
      guard (0...2).contains(verbose) else { throw .message("'verbose' must be 0, 1 or 2, got \(verbose)") }
      let callbacks = (own ?? []) + progress(verbose, output)
      let values = try interruptible(model, "evaluate") { () throws(NNError) in
        try model.evaluate(x: data[0], y: data[1], batchSize: size, callbacks: callbacks)
      }
      try lua.ensure(Int32(clamping: values.count))
      for value in values { lua.push(value) }
      return Int32(clamping: values.count)
    }
    members.method("predict") { model, lua throws(LuaError) in
      let (data, rest) = try lua.dataArguments(["x"])
      let call = try CallArguments("predict", ["batch_size", "verbose"], rest)
      let (size, verbose): (Int?, Int) = (try call.get("batch_size"), try call.get("verbose") ?? 0)
      guard verbose == 0 else { throw .message("'verbose' must be 0: predict shows no progress") }
      lua.push(
        try interruptible(model, "predict") { () throws(NNError) in try model.predict(x: data[0], batchSize: size) })
      return 1
    }
    members.method("train_on_batch") { model, lua throws(LuaError) in
      let (data, rest) = try lua.dataArguments(["x", "y"])
      _ = try CallArguments("train_on_batch", [], rest)
      let values = try engine { () throws(NNError) in try model.trainOnBatch(x: data[0], y: data[1]) }
      for value in values { lua.push(value) }
      return Int32(clamping: values.count)
    }
    members.metamethod("__call") { lua throws(LuaError) in
      let model = try lua.requireObject(1, Model.self)
      let x = try lua.requireTensor(2, "x")
      let training: Bool? = try CallArguments("call", ["training"], lua.constructorArguments(from: 3)).get("training")
      lua.push(try engine { () throws(NNError) in try model(x, training: training ?? false) })
      return 1
    }
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
    try Interrupt.gracefully(cancelling: model) { () throws(LuaError) in
      let result: Result
      do throws(NNError) { result = try body() } catch {
        throw .message(error.code == .cancelled ? "interrupted!" : error.description)
      }
      if Interrupt.isInsistent { throw .message("interrupted!") }
      noting(result)
      return result
    }
  }

  private static func note(_ history: History, _ output: Terminal) {
    guard let place = history.interruption else { return }
    output.writeLine(
      "interrupted at epoch \(place.epoch + 1), batch \(place.batch + 1); the model keeps the weights it has by now")
    output.flush()
  }
}
