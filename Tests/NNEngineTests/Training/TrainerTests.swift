import Testing

@testable import NNEngine

/// Writes down what fit tells it, and stops or cancels where it is told to.
final class Recorder: Callback {
  var events: [String] = []
  var logs: [[String]] = []
  var losses: [Double] = []
  var action: (String, TrainingRun) throws -> Void = { _, _ in }

  private func note(_ event: String, _ run: TrainingRun) throws(NNError) {
    events.append(event)
    do { try action(event, run) } catch let error as NNError { throw error } catch { throw .invalid("\(error)") }
  }
  func trainBegan(_ run: TrainingRun) throws(NNError) { try note("train", run) }
  func epochBegan(_ epoch: Int, _ run: TrainingRun) throws(NNError) { try note("epoch \(epoch)", run) }
  func batchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    losses.append(run.logs()[0].value)
    try note("batch \(batch)", run)
  }
  func epochEnded(_ epoch: Int, _ logs: Logs, _ run: TrainingRun) throws(NNError) {
    self.logs.append(logs.entries.map(\.name))
    try note("end \(epoch)", run)
  }
  func trainEnded(_ run: TrainingRun) throws(NNError) { try note("trained", run) }
}

@Suite("fit")
struct TrainerTests {
  static let quiet = #""shuffle": false"#

  // MARK: Validation

  /// The last fraction, before shuffling; ⌊n (1 − f)⌋ samples stay.
  @Test(
    "validation_split takes the last samples", arguments: [(63, 0.2, 50), (10, 0.25, 7), (8, 0.5, 4), (5, 0.01, 4)])
  func validationSplit(_ count: Int, _ fraction: Double, _ kept: Int) throws {
    let (x, y) = try Make.samples(count)
    let split = try Make.classifier()
    let history = try split.fit(x: x, y: y, Make.options(#"{"validation_split": \#(fraction), \#(Self.quiet)}"#))
    let explicit = try Make.classifier()
    var options = try Make.options("{\(Self.quiet)}")
    options.validationData = Samples(x: try x.slice(kept..<count), y: try y.slice(kept..<count))
    let other = try explicit.fit(x: x.slice(0..<kept), y: y.slice(0..<kept), options)
    #expect(try Make.weights(split) == Make.weights(explicit))
    for key in history.keys { #expect(try history.values(key) == other.values(key)) }
    #expect(
      try history.values("val_loss") == [
        explicit.evaluate(x: x.slice(kept..<count), y: y.slice(kept..<count), batchSize: 32)[0]
      ])
    #expect(JSON.text(.table(history.parameters)).contains("\"samples\": \(kept)"))
  }

  @Test("keys: loss, metrics, then the same with val_; one value an epoch")
  func historyKeys() throws {
    let (x, y) = try Make.samples(40)
    let model = try Make.classifier()
    let history = try model.fit(x: x, y: y, Make.options(#"{"epochs": 3, "validation_split": 0.25}"#))
    #expect(history.keys == ["loss", "accuracy", "val_loss", "val_accuracy"])
    #expect(history.epochs == [0, 1, 2])
    for key in history.keys { #expect(try history.values(key).count == 3) }
    #expect(model.history === history)
    #expect(model.metricsNames == ["loss", "accuracy"])
    #expect(
      Evaluate.message { _ = try history.values("val_acuracy") }
        == "history: no 'val_acuracy'; did you mean 'val_accuracy'?")
  }

  // MARK: Batches

  /// With a rate of 0 nothing moves, so the running mean over batches of 7, 7, 6 must be the mean over all 20.
  @Test("means are weighted by samples, the short last batch included")
  func weightedMeans() throws {
    let (x, y) = try Make.samples(20)
    let model = try Make.classifier(optimizer: #"{"class_name": "SGD", "config": {"learning_rate": 0}}"#)
    let history = try model.fit(x: x, y: y, Make.options(#"{"batch_size": 7}"#))
    let whole = try model.evaluate(x: x, y: y, batchSize: 20)
    expectClose(
      [try history.values("loss")[0], try history.values("accuracy")[0]], whole, relative: 1e-6, "loss and accuracy")
    expectClose(try model.evaluate(x: x, y: y, batchSize: 3), whole, relative: 1e-6, "evaluate in batches of 3")
    expectClose(try model.evaluate(x: x, y: y, batchSize: 1000), whole, relative: 1e-6, "evaluate in one")
  }

  /// fit without shuffling is train_on_batch on one slice after the other.
  @Test("batches are consecutive rows, the last one as short as need be")
  func consecutive() throws {
    let (x, y) = try Make.samples(20)
    let optimizer = #"{"class_name": "SGD", "config": {"learning_rate": 0.1, "momentum": 0.9}}"#
    let (fitted, stepped) = (try Make.classifier(optimizer: optimizer), try Make.classifier(optimizer: optimizer))
    try fitted.fit(x: x, y: y, Make.options(#"{"batch_size": 8, "epochs": 2, \#(Self.quiet)}"#))
    for _ in 0..<2 {
      for range in [0..<8, 8..<16, 16..<20] {
        _ = try stepped.trainOnBatch(x: x.slice(range), y: y.slice(range))
      }
    }
    #expect(try Make.weights(fitted) == Make.weights(stepped))
    #expect(fitted.optimizer?.iterations == 6)
  }

  @Test("a batch size beyond the data is one batch")
  func largeBatch() throws {
    let (x, y) = try Make.samples(20)
    let (one, other) = (try Make.classifier(), try Make.classifier())
    try one.fit(x: x, y: y, Make.options(#"{"batch_size": 1000, \#(Self.quiet)}"#))
    try other.fit(x: x, y: y, Make.options(#"{"batch_size": 20, \#(Self.quiet)}"#))
    #expect(try Make.weights(one) == Make.weights(other))
  }

  @Test("train_on_batch returns the loss before the update, and resets the metrics")
  func trainOnBatch() throws {
    let (x, y) = try Make.samples(12)
    let model = try Make.classifier()
    for _ in 0..<3 {
      let before = try model.evaluate(x: x, y: y)
      let returned = try model.trainOnBatch(x: x, y: y)
      expectClose(returned, before, relative: 1e-6)
    }
    #expect(try model.evaluate(x: x, y: y)[0] < Make.classifier().evaluate(x: x, y: y)[0])
  }

  // MARK: Epochs

  @Test("initial_epoch: epochs is the number of the last, plus 1")
  func initialEpoch() throws {
    let (x, y) = try Make.samples(20)
    let (whole, parts) = (try Make.classifier(), try Make.classifier())
    try whole.fit(x: x, y: y, Make.options(#"{"epochs": 5, \#(Self.quiet)}"#))
    try parts.fit(x: x, y: y, Make.options(#"{"epochs": 3, \#(Self.quiet)}"#))
    let history = try parts.fit(x: x, y: y, Make.options(#"{"epochs": 5, "initial_epoch": 3, \#(Self.quiet)}"#))
    #expect(history.epochs == [3, 4])
    #expect(try Make.weights(whole) == Make.weights(parts))
    #expect(
      Evaluate.message { _ = try parts.fit(x: x, y: y, Make.options(#"{"epochs": 3, "initial_epoch": 3}"#)) }
        == "fit: 'initial_epoch' (3) must be less than 'epochs' (3), which numbers the last epoch")
  }

  @Test("a second fit goes on with the optimizer's state; compile forgets it")
  func optimizerState() throws {
    let (x, y) = try Make.samples(20)
    let optimizer = #"{"class_name": "SGD", "config": {"learning_rate": 0.1, "momentum": 0.9}}"#
    let model = try Make.classifier(optimizer: optimizer)
    let start = try model.getWeights()
    try model.fit(x: x, y: y, Make.options("{\(Self.quiet)}"))
    let first = try Make.weights(model)
    try model.setWeights(start)
    try model.fit(x: x, y: y, Make.options("{\(Self.quiet)}"))
    #expect(try Make.weights(model) != first)  // the velocity was still there
    try model.compile(
      Make.arguments(#"{"loss": "sparse_categorical_crossentropy", "optimizer": \#(optimizer)}"#))
    try model.setWeights(start)
    try model.fit(x: x, y: y, Make.options("{\(Self.quiet)}"))
    #expect(try Make.weights(model) == first)
    #expect(model.optimizer?.iterations == 1)
  }

  // MARK: Callbacks

  @Test("callbacks hear of everything, in order")
  func callbackOrder() throws {
    let (x, y) = try Make.samples(20)
    let recorder = Recorder()
    try Make.classifier().fit(
      x: x, y: y, Make.options(#"{"batch_size": 8, "epochs": 2, "validation_split": 0.2}"#), callbacks: [recorder])
    #expect(
      recorder.events == [
        "train", "epoch 0", "batch 0", "batch 1", "end 0", "epoch 1", "batch 0", "batch 1", "end 1", "trained",
      ])
    #expect(recorder.logs == Array(repeating: ["loss", "accuracy", "val_loss", "val_accuracy"], count: 2))
  }

  @Test("trap 20: what callbacks see of the batches are running means since the epoch began")
  func runningMeans() throws {
    let (x, y) = try Make.samples(20)
    let recorder = Recorder()
    let model = try Make.classifier()
    let history = try model.fit(
      x: x, y: y, Make.options(#"{"batch_size": 8, \#(Self.quiet)}"#), callbacks: [recorder])
    #expect(recorder.losses.count == 3)
    #expect(try recorder.losses.last == history.values("loss")[0])
  }

  @Test("a callback may stop: at once within an epoch, which still counts; or after it")
  func stopping() throws {
    let (x, y) = try Make.samples(20)
    for (event, expected) in [
      ("batch 1", ["train", "epoch 0", "batch 0", "batch 1", "end 0", "trained"]),
      ("end 0", ["train", "epoch 0", "batch 0", "batch 1", "batch 2", "end 0", "trained"]),
    ] {
      let recorder = Recorder()
      recorder.action = { if $0 == event { $1.stop() } }
      let history = try Make.classifier().fit(
        x: x, y: y, Make.options(#"{"batch_size": 8, "epochs": 5}"#), callbacks: [recorder])
      #expect(recorder.events == expected)
      #expect(history.epochs == [0])
      #expect(history.interruption == nil)
    }
  }

  @Test("cancelling keeps the weights of the last batch and the history of the epochs before")
  func cancelling() throws {
    let (x, y) = try Make.samples(20)
    let recorder = Recorder()
    let model = try Make.classifier()
    recorder.action = { event, run in
      if event == "batch 1" && run.history.epochs == [0] { run.model.cancel() }
    }
    let history = try model.fit(
      x: x, y: y, Make.options(#"{"batch_size": 8, "epochs": 5, \#(Self.quiet)}"#), callbacks: [recorder])
    #expect(history.epochs == [0])
    #expect(history.interruption?.epoch == 1 && history.interruption?.batch == 1)
    #expect(recorder.events.last == "trained")
    let stepped = try Make.classifier()
    for range in [0..<8, 8..<16, 16..<20, 0..<8, 8..<16] {
      _ = try stepped.trainOnBatch(x: x.slice(range), y: y.slice(range))
    }
    #expect(try Make.weights(model) == Make.weights(stepped))
    // The next call is not cancelled any more.
    #expect(try model.fit(x: x, y: y).epochs == [0])
    #expect(try model.evaluate(x: x, y: y).count == 2)
  }

  @Test("an error of a callback ends fit with it; the model can be used afterwards")
  func callbackError() throws {
    let (x, y) = try Make.samples(20)
    let recorder = Recorder()
    recorder.action = { event, _ in if event == "batch 0" { throw NNError.invalid("enough") } }
    let model = try Make.classifier()
    #expect(Evaluate.message { try model.fit(x: x, y: y, callbacks: [recorder]) } == "enough")
    #expect(try model.fit(x: x, y: y).epochs == [0])
  }
}
