import Testing

@testable import NNEngine

@Suite("callbacks that set the learning rate")
struct RateCallbackTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let options: String
    let values: [Double]
    /// The rate of each epoch, then the one that is left. The first is 1.
    let rates: [Double]
    var testDescription: String { "\(options) \(values)" }
  }

  /// From a transcription of tf.keras 2.1's ReduceLROnPlateau.on_epoch_end to 15 lines of Python.
  static let cases = [
    Case(
      options: #"{"factor": 0.5, "patience": 2}"#, values: [5, 4, 4, 4, 4, 4, 4],
      rates: [1, 1, 1, 1, 0.5, 0.5, 0.25, 0.25]),
    Case(
      options: #"{"factor": 0.5, "patience": 1, "cooldown": 2}"#, values: [5, 4, 4, 4, 4, 4, 4, 4, 4],
      rates: [1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125, 0.0625]),
    // min_delta is 1e-4, and absolute.
    Case(
      options: #"{"factor": 0.5, "patience": 1}"#, values: [1, 0.99995, 0.9998, 0.9998], rates: [1, 1, 0.5, 0.5, 0.25]),
    Case(
      options: #"{"patience": 1, "min_lr": 0.05}"#, values: [1, 1, 1, 1, 1, 1],
      rates: [1, 1, 0.1, 0.05, 0.05, 0.05, 0.05]),
    Case(options: #"{"factor": 0.5, "patience": 0}"#, values: [1, 1, 1], rates: [1, 1, 0.5, 0.25]),
    Case(options: #"{"factor": 0.5, "patience": 2}"#, values: [3, .nan, 2, .nan, .nan], rates: [1, 1, 1, 1, 1, 0.5]),
    Case(options: "{}", values: Array(repeating: 1, count: 12), rates: Array(repeating: 1, count: 11) + [0.1, 0.1]),
    Case(options: #"{"patience": 1, "mode": "max"}"#, values: [1, 2, 1, 3], rates: [1, 1, 1, 0.1, 0.1]),
  ]

  @Test("trap 22: ReduceLROnPlateau's rates; the history has those of the epochs as 'lr'", arguments: cases)
  func plateau(_ c: Case) throws {
    let callback = try Callbacks.make("ReduceLROnPlateau", c.options)
    let (model, history) = try Script.fit(
      c.values, [callback], optimizer: #"{"class_name": "SGD", "config": {"learning_rate": 1}}"#)
    expectClose(
      try history.values("lr") + [#require(model.optimizer).learningRate], c.rates, relative: 1e-12, "rates")
    // Reused, it has forgotten: the first epoch improves on nothing.
    try #require(model.optimizer).setLearningRate(1)
    let (_, again) = try Script.fit(c.values, [callback], model: model)
    expectClose(try again.values("lr"), Array(c.rates.dropLast()), relative: 1e-12, "rates again")
  }

  @Test("what ReduceLROnPlateau says")
  func plateauSays() throws {
    let listener = Listener()
    let callback = try Callbacks.make("ReduceLROnPlateau", #"{"patience": 1, "factor": 0.5, "verbose": 1}"#)
    try Script.fit([1, 1], [callback, listener])
    #expect(listener.lines == ["Epoch 00002: ReduceLROnPlateau reducing learning rate to 0.25."])
  }

  private func scheduler(_ more: String = "{}", _ body: @escaping ([Value]) throws(NNError) -> Value) throws
    -> any Callback
  {
    var arguments = try Make.arguments(more)
    arguments.positional = [.object(SwiftFunction(body))]
    return try Callbacks.make("LearningRateScheduler", arguments)
  }

  @Test("LearningRateScheduler: a function of the epoch from 0 (trap 36), and of the present rate")
  func scheduled() throws {
    let listener = Listener()
    var calls: [[Double]] = []
    let callback = try scheduler(#"{"verbose": 1}"#) { arguments throws(NNError) in
      calls.append(arguments.compactMap { Double.decode($0) })
      return .number((Double.decode(arguments[1]) ?? 0) / 2)
    }
    let (model, history) = try Script.fit([1, 1, 1], [callback, listener])
    #expect(calls == [[0, 0.5], [1, 0.25], [2, 0.125]])
    #expect(try history.values("lr") == [0.25, 0.125, 0.0625])
    #expect(history.keys == ["loss", "accuracy", "val_loss", "lr"])
    #expect(try #require(model.optimizer).learningRate == 0.0625)
    #expect(listener.lines.first == "Epoch 00001: LearningRateScheduler setting learning rate to 0.25.")
  }

  @Test("the scheduled rate is the one that trains")
  func scheduledTrains() throws {
    let callback = try scheduler { arguments throws(NNError) in .number([0.5, 0][Int.decode(arguments[0]) ?? 0]) }
    let recorder = Recorder()
    var weights: [[[Float]]] = []
    recorder.action = { event, run in if event.hasPrefix("end") { weights.append(try Make.weights(run.model)) } }
    let start = try Make.weights(Make.classifier())
    try Script.fit([1, 1], [callback, recorder])
    #expect(weights[0] != start)
    #expect(weights[1] == weights[0])
  }

  @Test("a function that returns no rate, or fails, ends fit; the model stays usable")
  func scheduledBadly() throws {
    let model = try Make.classifier()
    let nothing = try scheduler { _ throws(NNError) in .null }
    #expect(
      Evaluate.message { try Script.fit([1], [nothing], model: model) }
        == "LearningRateScheduler: the function must return a finite number that is not negative; for epoch 0 it returned nil"
    )
    let negative = try scheduler { _ throws(NNError) in .number(-1) }
    #expect(Evaluate.message { try Script.fit([1], [negative], model: model) }.contains("it returned -1.0"))
    let fails = try scheduler { _ throws(NNError) in throw .invalid("user.lua:3: oops") }
    #expect(Evaluate.message { try Script.fit([1], [fails], model: model) } == "user.lua:3: oops")
    #expect(try Script.fit([1], [], model: model).history.epochs == [0])
    #expect(
      Evaluate.message { _ = try Callbacks.make("LearningRateScheduler", "{}") }
        == "LearningRateScheduler: 'schedule' is required (a function)")
    #expect(
      Evaluate.message { _ = try Callbacks.make("LearningRateScheduler", #"{"schedule": 3}"#) }
        == "LearningRateScheduler: 'schedule' must be a function, got 3")
  }

  @Test(
    "trap 22: over a schedule they are errors, before the first batch",
    arguments: ["LearningRateScheduler", "ReduceLROnPlateau", "OneCycle"])
  func overSchedule(_ name: String) throws {
    let optimizer = #"""
      {"class_name": "SGD", "config": {"learning_rate": {"class_name": "ExponentialDecay", "config":
      {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5}}}}
      """#
    var arguments = Arguments()
    if name == "LearningRateScheduler" {
      arguments.positional = [.object(SwiftFunction { _ throws(NNError) in .number(0.1) })]
    } else if name == "OneCycle" {
      arguments.positional = [.number(0.1)]
    }
    let callback = try Callbacks.make(name, arguments)
    let model = try Make.classifier(optimizer: optimizer)
    #expect(
      Evaluate.message { try Script.fit([1], [callback], model: model) }
        == "\(name): the learning rate follows a schedule (ExponentialDecay), which decides each step's rate; compile with a number"
    )
    #expect(model.optimizer?.iterations == 0)
  }

  @Test("two callbacks that would overwrite each other's rate")
  func rivals() throws {
    let plateau = try Callbacks.make("ReduceLROnPlateau", "{}")
    let cycle = try Callbacks.make("OneCycle", #"{"max_lr": 1}"#)
    for (list, message) in [
      ([plateau, cycle], "OneCycle: the learning rate is set by ReduceLROnPlateau already"),
      ([cycle, plateau], "ReduceLROnPlateau: the learning rate is set by OneCycle already"),
    ] { #expect(Evaluate.message { try Script.fit([1], list) } == message) }
    let scheduler = try scheduler { $0[1] }
    #expect(try Script.fit([1], [plateau, scheduler]).history.epochs == [0])
  }

  @Test("trap 23: a user's function as schedule is called once a step, and counts on across fits")
  func functionSchedule() throws {
    var steps: [Int] = []
    let function = SwiftFunction { arguments throws(NNError) in
      steps.append(Int.decode(arguments[0]) ?? -1)
      return .number(0.1)
    }
    let optimizer = try Optimizer.make("SGD", Arguments([.object(function)]))
    let model = try Make.classifier()
    try model.compile(
      Arguments(
        [], Value.Table([("optimizer", .object(optimizer)), ("loss", .string("sparse_categorical_crossentropy"))])))
    try Script.fit([1, 1], [], model: model)
    #expect(steps == [0, 1, 2, 3])
    try Script.fit([1], [], model: model)
    #expect(steps == [0, 1, 2, 3, 4, 5])
    #expect(optimizer.schedule != nil)

    let plain = try Make.classifier(optimizer: #"{"class_name": "SGD", "config": {"learning_rate": 0.1}}"#)
    try plain.compile(
      Make.arguments(
        #"{"loss": "sparse_categorical_crossentropy", "optimizer": {"class_name": "SGD", "config": {"lr": 0.1}}}"#))
    try Script.fit([1, 1], [], model: plain)
    try Script.fit([1], [], model: plain)
    #expect(try Make.weights(model) == Make.weights(plain))
  }

  @Test("a schedule function that fails ends fit at that step; the model keeps the weights of the step before")
  func functionScheduleFails() throws {
    let function = SwiftFunction { arguments throws(NNError) in
      if case .integer(2) = arguments[0] { throw .invalid("user.lua:7: no more") }
      return .number(0.1)
    }
    let model = try Make.classifier()
    try #require(model.optimizer).set("learning_rate", .object(function))
    #expect(Evaluate.message { try Script.fit([1, 1], [], model: model) } == "user.lua:7: no more")
    #expect(model.optimizer?.iterations == 2)
    let text = SwiftFunction { _ throws(NNError) in .string("fast") }
    try #require(model.optimizer).set("learning_rate", .object(text))
    #expect(
      Evaluate.message { try Script.fit([1, 1], [], model: model) }
        == "learning_rate: the function must return a number; after 2 steps it returned 'fast'")
    try #require(model.optimizer).set("learning_rate", .object(SwiftFunction { _ throws(NNError) in .number(0.1) }))
    #expect(try Script.fit([1], [], model: model).history.epochs == [0])
  }
}
