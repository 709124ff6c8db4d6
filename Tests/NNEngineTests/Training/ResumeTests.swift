import Testing

@testable import NNEngine

/// A training that is interrupted anywhere and resumed gives what it would have given in one go, bit for bit: the expected numbers are
/// those of the same call without an interruption.
@Suite("Going on after an interruption")
struct ResumeTests {
  /// Asks the model to stop at one place, and notes all places.
  final class Interrupter: Callback {
    var places: [String] = []
    var stopsAt: Int?

    private func pass(_ name: String, _ model: Model) {
      if stopsAt == places.count { model.cancel() }
      places.append(name)
    }

    func trainBegan(_ run: TrainingRun) throws(NNError) { pass("train", run.model) }
    func epochBegan(_ epoch: Int, _ run: TrainingRun) throws(NNError) { pass("epoch \(epoch)", run.model) }
    func batchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) { pass("batch \(batch)", run.model) }
    func testBatchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) { pass("test \(batch)", run.model) }
    func epochEnded(_ epoch: Int, _ logs: Logs, _ run: TrainingRun) throws(NNError) { pass("end \(epoch)", run.model) }
  }

  /// What there is to compare after a training.
  struct Outcome: Equatable {
    let weights: [[Float]]
    let slots: [[Float]]
    let iterations: Int
    let rate: Double
    let random: RandomPlace
    let epochs: [Int]
    let columns: [[Double]]
    let states: [String]

    init(_ model: Model, _ history: History, _ callbacks: [any Callback]) throws {
      let optimizer = try #require(model.optimizer)
      weights = try Make.weights(model)
      slots = try optimizer.slotVariables.map { try $0.value().values }
      (iterations, rate, random) = (optimizer.iterations, try optimizer.learningRate, model.random.place)
      epochs = history.epochs
      columns = try history.keys.map { try history.values($0) }
      states = callbacks.map { callback in
        let entries = (callback as? any ReadableCallback)?.state.entries ?? []
        return entries.filter { !$0.name.hasSuffix("weights") }.map { "\($0.name)=\($0.value.text)" }.joined(
          separator: " ")
      }
    }
  }

  /// Dropout, batch normalization, and an optimizer with slots: all that has a memory.
  static func model(_ optimizer: String, random seed: UInt64 = 7) throws -> Model {
    let model = try Model(
      name: "model",
      layers: [
        Make.dense(6, "tanh", "hidden", input: 4), Make.layer("Dropout", #"{"rate": 0.3, "name": "drop"}"#),
        Make.layer("BatchNormalization", #"{"name": "norm"}"#), Make.dense(3, "softmax", "output"),
      ])
    var numbers = TestNumbers(3)
    for variable in model.variables where variable.role == .weight {
      try variable.set(Tensor(numbers.floats(variable.shape.count, scale: 0.7), shape: variable.shape))
    }
    try model.compile(
      Make.arguments(
        #"{"loss": "sparse_categorical_crossentropy", "optimizer": \#(optimizer), "metrics": ["accuracy"]}"#))
    model.random.start(seed: seed)
    return model
  }

  static func callbacks() throws -> [any Callback] {
    try [
      Callbacks.make(
        "EarlyStopping", Make.arguments(#"{"monitor": "val_loss", "patience": 2, "restore_best_weights": true}"#)),
      Callbacks.make(
        "ReduceLROnPlateau", Make.arguments(#"{"monitor": "loss", "factor": 0.5, "patience": 1, "min_delta": 1.0}"#)),
      Callbacks.make("ModelCheckpoint", Make.arguments(#"{"filepath": "w-{epoch}", "save_freq": 2}"#)),
    ]
  }

  static let adam = #"{"class_name": "Adam", "config": {"learning_rate": 0.05}}"#
  static let averaged =
    #"{"class_name": "SGD", "config": {"learning_rate": 0.3, "momentum": 0.9, "use_ema": true, "ema_momentum": 0.8}}"#

  /// One training, interrupted at these places (counted as the interrupter does), and resumed each time.
  private static func train(
    _ optimizer: String, stops: [Int], always: Bool = false, inBetween: (Model) throws -> Void = { _ in }
  ) throws -> (Outcome, places: [String], interruptions: Int) {
    let model = try model(optimizer)
    let (x, y) = try Make.samples(20)
    let validation = try Make.samples(9, seed: 5)
    var options = try Make.options(#"{"batch_size": 8, "epochs": 4}"#)
    options.validationData = Samples(x: validation.x, y: validation.y)
    let interrupter = Interrupter()
    let own = try callbacks()
    options.callbacks = own + [interrupter]
    var (stops, interruptions) = (stops[...], 0)
    interrupter.stopsAt = stops.popFirst()
    var history = try model.trainer(
      Samples(x: x, y: y), options, shuffledBy: RandomStream(seed: 11, stream: 1)
    ).train()
    while history.interruption != nil {
      interruptions += 1
      interrupter.stopsAt = always ? interrupter.places.count : stops.popFirst()
      try inBetween(model)
      let again = try model.resume()
      #expect(again === history && model.history === history)
      history = again
    }
    return (try Outcome(model, history, own), interrupter.places, interruptions)
  }

  /// Between pause and resumption a user looks at the model, sets another seed, and uses random numbers.
  static func look(_ model: Model) throws {
    let validation = try Make.samples(9, seed: 5)
    _ = try model.evaluate(x: validation.x, y: validation.y)
    _ = try model.predict(x: validation.x)
    _ = try model.predictMonteCarlo([validation.x], samples: 3)
    _ = RandomState.newStream()
  }

  @Test("stopped at every place of a run, it ends as if it had not been stopped", arguments: [adam, averaged])
  func everywhere(_ optimizer: String) throws {
    let (whole, places, none) = try Self.train(optimizer, stops: [])
    #expect(none == 0 && places.contains("test 0") && places.count(where: { $0.hasPrefix("batch") }) == 12)
    for place in places.indices {
      let (outcome, visited, interruptions) = try Self.train(optimizer, stops: [place], inBetween: Self.look)
      #expect(outcome == whole, "stopped at \(places[place])")
      #expect(visited == places)
      // After the last epoch nothing is left to stop.
      #expect(interruptions == (place == places.count - 1 ? 0 : 1), "stopped at \(places[place])")
    }
  }

  @Test("stopped again and again", arguments: [adam, averaged])
  func often(_ optimizer: String) throws {
    let (whole, places, _) = try Self.train(optimizer, stops: [])
    let (outcome, visited, interruptions) = try Self.train(optimizer, stops: [0], always: true)
    #expect(outcome == whole && visited == places && interruptions > 12)
  }

  @Test("an early stop that comes with the interruption is not forgotten")
  func stopping() throws {
    let (x, y) = try Make.samples(20)
    func run(cancels: Bool) throws -> ([Int], [[Float]]) {
      let model = try Self.model(Self.adam)
      let callback = Recorder()
      callback.action = { event, run in
        guard event == "batch 1" else { return }
        run.stop()
        if cancels { model.cancel() }
      }
      var options = try Make.options(#"{"batch_size": 8, "epochs": 3, "shuffle": false}"#)
      options.callbacks = [callback]
      var history = try model.fit(Samples(x: x, y: y), options)
      if cancels {
        #expect(history.epochs == [] && model.canResume)
        history = try model.resume()
      }
      return (history.epochs, try Make.weights(model))
    }
    #expect(try run(cancels: true) == run(cancels: false))
  }

  @Test("a generator goes on with its next batch")
  func generator() throws {
    func run(stops: Bool) throws -> [[Float]] {
      let model = try Self.model(Self.adam)
      var number: UInt64 = 0
      let batches = BatchGenerator { () throws(NNError) in
        number += 1
        do {
          let (x, y) = try Make.samples(5, seed: number)
          return Samples(x: x, y: y)
        } catch { throw NNError.invalid("\(error)") }
      }
      var options = try Make.options(#"{"steps_per_epoch": 4, "epochs": 2}"#)
      options.validationSteps = 3
      options.validationGenerator = batches
      let interrupter = Interrupter()
      options.callbacks = [interrupter]
      if stops { interrupter.stopsAt = 4 }
      var history = try model.fit(batches, options)
      for next in [8, 12] where stops {
        #expect(history.interruption != nil)
        interrupter.stopsAt = next
        history = try model.resume()
      }
      if stops { history = try model.resume() }
      #expect(history.epochs == [0, 1] && number == 14)
      return try Make.weights(model)
    }
    #expect(try run(stops: true) == run(stops: false))
  }

  /// A model that was stopped in its second epoch.
  private static func interrupted(_ callbacks: [any Callback] = []) throws -> Model {
    let model = try model(adam)
    let (x, y) = try Make.samples(20)
    let interrupter = Interrupter()
    interrupter.stopsAt = 7
    var options = try Make.options(#"{"batch_size": 8, "epochs": 3}"#)
    options.callbacks = callbacks + [interrupter]
    let history = try model.fit(Samples(x: x, y: y), options)
    #expect(history.interruption?.epoch == 1 && history.epochs == [0] && model.canResume)
    return model
  }

  @Test("what would not be the same training is refused, and stays to be resumed")
  func refusals() throws {
    let (x, y) = try Make.samples(20)
    let model = try Self.interrupted()
    func refusal() -> String { Evaluate.message { try model.resume() } }
    let weights = try model.getWeights()
    try model.setWeights(weights.map { try Tensor($0.values.map { $0 + 1 }, shape: $0.shape) })
    #expect(refusal().contains("the weights have changed since the interruption"))
    try model.setWeights(weights)
    model.layers[0].trainable = false
    #expect(refusal().contains("frozen or made trainable"))
    model.layers[0].trainable = true
    try model.add(Make.dense(3, "softmax", "more"))
    #expect(refusal().contains("layers have changed"))
    #expect(model.canResume)

    let second = try Self.interrupted()
    try second.compile(Make.arguments(#"{"loss": "sparse_categorical_crossentropy"}"#))
    #expect(Evaluate.message { try second.resume() } == "model: resume: there is no interrupted training")
    let third = try Self.interrupted()
    _ = try third.trainOnBatch(x: x, y: y)
    #expect(Evaluate.message { try third.resume() }.contains("the weights have changed"))
    _ = try third.fit(x: x, y: y)
    #expect(Evaluate.message { try third.resume() } == "model: resume: there is no interrupted training")
    let fourth = try Self.interrupted()
    let optimizer = try #require(fourth.optimizer)
    let other = try Self.model(Self.adam)
    try other.compile(Arguments([], Value.Table([("loss", .string("mse")), ("optimizer", .object(optimizer))])))
    #expect(Evaluate.message { try fourth.resume() }.contains("the optimizer was given to another model"))
  }

  @Test("other callbacks, and another rate")
  func changes() throws {
    let stopper = try Callbacks.make("EarlyStopping", Make.arguments(#"{"monitor": "loss", "patience": 0}"#))
    let model = try Self.interrupted([stopper])
    try model.optimizer?.setLearningRate(0.125)
    // Nobody records val_loss: refused, and the training is still there, as it was.
    let wrong = try Callbacks.make("EarlyStopping", Make.arguments(#"{"monitor": "val_loss"}"#))
    #expect(Evaluate.message { try model.resume(callbacks: [stopper, wrong]) }.contains("val_loss"))
    let recorder = Recorder()
    let history = try model.resume(callbacks: [recorder])
    #expect(history.epochs == [0, 1, 2] && !model.canResume)
    #expect(recorder.events.prefix(3) == ["train", "epoch 1", "batch 1"] && recorder.events.last == "trained")
    #expect(try model.optimizer?.learningRate == 0.125)
    #expect(Evaluate.message { try model.resume() }.contains("no interrupted training"))
  }

  @Test("a BackupAndRestore that joins does not go back to a backup; one that was there all the time keeps its")
  func backups() throws {
    let folder = try TemporaryFolder()
    func backup() throws -> any Callback {
      try Callbacks.make("BackupAndRestore", Make.arguments(#"{"backup_dir": "\#(folder.path)/kept"}"#))
    }
    // Leaves a backup of its first epoch behind.
    let first = try Self.interrupted([backup()])
    let (joined, joining) = (try Self.interrupted(), try backup())
    #expect(try joined.resume(callbacks: [joining]).epochs == [0, 1, 2])
    #expect((joining as? any ReadableCallback)?.state["restored_epoch"]?.isNull == true)
    #expect(try first.resume().epochs == [0, 1, 2])
  }

  @Test("callbacks hear of the interruption and of the resumption, and files go on")
  func hooks() throws {
    final class Ends: Callback {
      var events: [String] = []
      func trainBegan(_ run: TrainingRun) throws(NNError) { events.append("began") }
      func trainResumed(_ run: TrainingRun) throws(NNError) { events.append("resumed") }
      func trainEnded(_ run: TrainingRun) throws(NNError) {
        events.append(run.history.interruption == nil ? "ended" : "interrupted")
      }
    }
    let folder = try TemporaryFolder()
    let path = folder.path + "/log.csv"
    let logger = try Callbacks.make("CSVLogger", Make.arguments(#"{"filename": "\#(path)"}"#))
    let ends = Ends()
    let model = try Self.interrupted([ends, logger])
    try model.resume()
    #expect(ends.events == ["began", "interrupted", "resumed", "ended"])
    let lines = String(decoding: try folder.read(path), as: UTF8.self).split(separator: "\r\n")
    #expect(lines.count == 4 && lines[3].hasPrefix("2,"))
  }

  @Test("an interrupted training does not keep its model alive")
  func memory() throws {
    weak var weakly: Model?
    do {
      let model = try Self.interrupted()
      weakly = model
      #expect(model.canResume)
    }
    #expect(weakly == nil)
  }
}
