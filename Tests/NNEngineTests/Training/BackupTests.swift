import Testing

@testable import NNEngine

/// A training that crashes anywhere and is started again ends as one without a crash, bit for bit, with all that its callbacks know: the
/// expected numbers are those of the same call without a crash.
@Suite("Going on from a backup")
struct BackupTests {
  /// Fails at one place of a training, as a crash would end it: nothing of the process is left but the files.
  final class Crash: Callback {
    var places: [String] = []
    var at: Int?

    private func pass(_ name: String) throws(NNError) {
      defer { places.append(name) }
      if at == places.count { throw NNError(.internal, "crash") }
    }

    func epochBegan(_ epoch: Int, _ run: TrainingRun) throws(NNError) { try pass("epoch \(epoch)") }
    func batchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) { try pass("batch \(batch)") }
    func testBatchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) { try pass("test \(batch)") }
    func epochEnded(_ epoch: Int, _ logs: Logs, _ run: TrainingRun) throws(NNError) { try pass("end \(epoch)") }
    func trainEnded(_ run: TrainingRun) throws(NNError) { try pass("ended") }
  }

  /// A user's callback whose count decides over the training: each epoch's momentum follows from it.
  final class Counting: Callback {
    var count = 0
    func trainBegan(_ run: TrainingRun) throws(NNError) { count = 0 }
    func batchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) { count += 1 }
    func epochBegan(_ epoch: Int, _ run: TrainingRun) throws(NNError) {
      try run.model.optimizer?.set("momentum", .number(0.5 + 0.01 * Double(count)))
    }
    func backup(_ run: TrainingRun) throws(NNError) -> Value? { .table(Value.Table([("count", .integer(count))])) }
    func trainRestored(_ backup: Value, _ run: TrainingRun) throws(NNError) {
      count = try Remembered(backup, backupName).count("count")
    }
  }

  private static let momentum =
    #"{"class_name": "SGD", "config": {"learning_rate": 0.3, "momentum": 0.9, "use_ema": true, "ema_momentum": 0.8}}"#

  private static func make(_ name: String, _ json: String) throws -> any Callback {
    try Callbacks.make(name, Make.arguments(json))
  }

  /// Callbacks that all change what comes after; the scheduler's rate follows from the present one.
  private static func callbacks(_ folder: String, cycle: Bool) throws -> [any Callback] {
    let stopping = try make(
      "EarlyStopping",
      #"{"monitor": "val_loss", "patience": 1, "min_delta": 0.04, "restore_best_weights": true}"#)
    if cycle { return [try make("OneCycle", #"{"max_lr": 0.4}"#), stopping] }
    let schedule = SwiftFunction { arguments in .number((Double.decode(arguments[1]) ?? 0) * 0.9) }
    return try [
      Callbacks.make("LearningRateScheduler", Arguments([.object(schedule)])), stopping,
      make("ReduceLROnPlateau", #"{"monitor": "loss", "factor": 0.5, "patience": 1, "min_delta": 0.3}"#),
      make("ModelCheckpoint", #"{"filepath": "w-{epoch}-{batch}", "save_freq": 2}"#),
      make("CSVLogger", #"{"filename": "\#(folder)/log.csv"}"#), History(), Counting(),
    ]
  }

  private static func hasBackup(_ folder: TemporaryFolder) -> Bool {
    (try? folder.read(folder.path + "/b/training.safetensors")) != nil
  }

  private struct End: Equatable {
    let outcome: ResumeTests.Outcome
    let best: [[Float]]
    let log: [UInt8]
  }

  /// One training that crashes at a place and is started again, by another process as far as it can see.
  private static func train(
    crash: Int?, frequency: String, cycle: Bool, backupIsFirst: Bool
  ) throws -> (End, places: [String], restored: Value) {
    let folder = try TemporaryFolder()
    var attempt = 0
    while true {
      attempt += 1
      let crasher = Crash()
      if attempt == 1 { crasher.at = crash }
      let backup = try make("BackupAndRestore", #"{"backup_dir": "\#(folder.path)/b", "save_freq": \#(frequency)}"#)
      let own = try callbacks(folder.path, cycle: cycle)
      // What a backup brings back must not be there already.
      let isFresh = !hasBackup(folder)
      let model = try ResumeTests.model(momentum, random: isFresh ? 7 : 8)
      let (x, y) = try Make.samples(20)
      let validation = try Make.samples(9, seed: 5)
      var options = try Make.options(#"{"batch_size": 8, "epochs": 6}"#)
      options.validationData = Samples(x: validation.x, y: validation.y)
      options.callbacks = backupIsFirst ? [backup] + own + [crasher] : [crasher] + own + [backup]
      let order = RandomStream(seed: isFresh ? 11 : 12, stream: 1)
      do {
        let history = try model.trainer(Samples(x: x, y: y), options, shuffledBy: order).train()
        let best = own.flatMap { callback -> [[Float]] in
          guard case .list(let items) = state(callback, "best_weights") else { return [] }
          return items.compactMap { item -> [Float]? in
            guard case .object(let object) = item else { return nil }
            return (object as? Boxed<Tensor>)?.value.values
          }
        }
        let log = cycle ? [] : try folder.read(folder.path + "/log.csv")
        #expect(!hasBackup(folder))
        return (
          End(outcome: try ResumeTests.Outcome(model, history, own), best: best, log: log), crasher.places,
          state(backup, "restored_epoch")
        )
      } catch let error as NNError {
        #expect(error.message.contains("crash") && attempt == 1)
        if attempt > 1 { throw error }
      }
    }
  }

  @Test(
    "crashed at every place of a run, it ends as if it had not crashed",
    arguments: ["\"epoch\"", "1", "2"], [false, true])
  func everywhere(_ frequency: String, _ cycle: Bool) throws {
    let isFirst = frequency != "1"
    let (whole, places, none) = try Self.train(
      crash: nil, frequency: frequency, cycle: cycle, backupIsFirst: isFirst)
    #expect(none.isNull && places.contains("test 0") && places.last == "ended")
    #expect(!whole.best.isEmpty)
    // The early end is part of what is compared.
    if !cycle { #expect(whole.outcome.epochs.count < 6 && whole.log.count > 100) }
    var restored = 0
    for place in places.indices {
      let (end, _, epoch) = try Self.train(
        crash: place, frequency: frequency, cycle: cycle, backupIsFirst: isFirst)
      // In a variable: a failure would print thousands of numbers.
      let isSame = end == whole
      #expect(isSame, "crashed at \(place), \(places[place])")
      if !epoch.isNull { restored += 1 }
    }
    #expect(restored > places.count / 2)
  }

  @Test("a backup that is kept: the same call has nothing left to do, one with more epochs goes on")
  func kept() throws {
    let folder = try TemporaryFolder()
    let (x, y) = try Make.samples(20)
    func train(_ epochs: Int, backup: Bool, stopping: Bool = false) throws -> ([[Float]], [Int]) {
      let model = try ResumeTests.model(Self.momentum)
      var options = try Make.options(#"{"batch_size": 8, "epochs": \#(epochs)}"#)
      let early = try Self.make(
        "EarlyStopping", #"{"monitor": "loss", "min_delta": 9, "patience": 1, "restore_best_weights": true}"#)
      options.callbacks = stopping ? [early] : []
      if backup {
        options.callbacks.append(
          try Self.make(
            "BackupAndRestore", #"{"backup_dir": "\#(folder.path)/\#(stopping)", "delete_checkpoint": false}"#))
      }
      let history = try model.trainer(Samples(x: x, y: y), options, shuffledBy: RandomStream(seed: 3, stream: 1))
        .train()
      return (try Make.weights(model), history.epochs)
    }
    let (short, long) = (try train(2, backup: false), try train(5, backup: false))
    #expect(try train(2, backup: true) == short)
    #expect(try train(2, backup: true) == short)
    #expect(try train(5, backup: true) == long)
    // What was stopped stays stopped.
    let stopped = try train(5, backup: false, stopping: true)
    #expect(stopped.1 == [0, 1])
    #expect(try train(5, backup: true, stopping: true) == stopped)
    #expect(try train(9, backup: true, stopping: true) == stopped)
  }

  @Test("two of them, and states that no file can hold, are refused")
  func refusals() throws {
    final class Strange: Callback {
      func backup(_ run: TrainingRun) throws(NNError) -> Value? { .list([.object(self)]) }
    }
    let folder = try TemporaryFolder()
    let model = try ResumeTests.model(Self.momentum)
    let (x, y) = try Make.samples(20)
    func backup() throws -> any Callback { try Self.make("BackupAndRestore", #"{"backup_dir": "\#(folder.path)"}"#) }
    func message(_ callbacks: [any Callback]) throws -> String {
      var options = try Make.options("{}")
      options.callbacks = callbacks
      return Evaluate.message { try model.fit(Samples(x: x, y: y), options) }
    }
    #expect(try message([backup(), backup()]).contains("there is one among the callbacks already"))
    #expect(
      try message([backup(), Strange()]).contains("the state of Strange holds something that a file cannot keep"))
    #expect(try message([backup()]) == "no error")
  }
}
