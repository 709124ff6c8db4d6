import Testing

@testable import NNEngine

/// Expected: the algorithm of tf.keras 2.1's EarlyStopping, followed by hand.
@Suite("EarlyStopping")
struct EarlyStoppingTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let options: String
    let values: [Double]
    let stopped: Int?
    let best: Double
    let wait: Int
    var name = "val_loss"
    var testDescription: String { "\(options) \(values)" }
  }

  static let cases = [
    Case(options: "{}", values: [3, 2, 2.5, 1], stopped: 2, best: 2, wait: 1),
    Case(options: #"{"patience": 1}"#, values: [3, 2, 2.5, 2.4, 1], stopped: 2, best: 2, wait: 1),
    Case(options: #"{"patience": 2}"#, values: [3, 2, 2.5, 2.4, 1], stopped: 3, best: 2, wait: 2),
    Case(options: #"{"patience": 3}"#, values: [3, 2, 2.5, 1.9, 2, 2, 2], stopped: 6, best: 1.9, wait: 3),
    Case(options: #"{"patience": 9}"#, values: [3, 2, 2.5], stopped: nil, best: 2, wait: 1),
    // min_delta: slow progress counts only once it adds up, and its sign does not matter.
    Case(
      options: #"{"patience": 2, "min_delta": 0.5}"#, values: [3, 2.9, 2.7, 2.45, 2.3], stopped: 2, best: 3, wait: 2),
    Case(
      options: #"{"patience": 3, "min_delta": -0.5}"#, values: [3, 2.9, 2.7, 2.45, 2.3], stopped: nil, best: 2.45,
      wait: 1),
    // Equal is not better.
    Case(options: #"{"patience": 1}"#, values: [1, 1, 1], stopped: 1, best: 1, wait: 1),
    // baseline: what does not beat it counts as no improvement.
    Case(options: #"{"patience": 2, "baseline": 0.5}"#, values: [0.9, 0.8, 0.7, 0.6], stopped: 1, best: 0.5, wait: 2),
    Case(
      options: #"{"patience": 2, "baseline": 0.5}"#, values: [0.9, 0.4, 0.45, 0.46], stopped: 3, best: 0.4, wait: 2),
    Case(options: #"{"patience": 2}"#, values: [1, .nan, .nan, 0], stopped: 2, best: 1, wait: 2),
    Case(options: #"{"patience": 1, "start_from_epoch": 2}"#, values: [1, 2, 3, 4, 5], stopped: 3, best: 3, wait: 1),
    Case(options: #"{"patience": 1, "mode": "max"}"#, values: [0.1, 0.2, 0.2, 0.3], stopped: 2, best: 0.2, wait: 1),
    // Trap 21: "acc" in the name means more is better; an AUC is minimised, as in Keras 2.
    Case(
      options: #"{"monitor": "val_accuracy"}"#, values: [0.1, 0.2, 0.1], stopped: 2, best: 0.2, wait: 1,
      name: "val_accuracy"),
    Case(
      options: #"{"monitor": "val_auc"}"#, values: [0.5, 0.4, 0.6], stopped: 2, best: 0.4, wait: 1, name: "val_auc"),
  ]

  @Test("when it stops, and what it has seen by then", arguments: cases)
  func stops(_ c: Case) throws {
    let callback = try Callbacks.make("EarlyStopping", c.options)
    let (model, history) = try Script.fit(c.values, [callback], name: c.name)
    #expect(history.epochs.count == c.stopped.map { $0 + 1 } ?? c.values.count)
    #expect(model.stopTraining == (c.stopped != nil))
    #expect(number(callback, "stopped_epoch") == Double(c.stopped ?? 0))
    #expect(number(callback, "best") == c.best)
    #expect(number(callback, "wait") == Double(c.wait))
  }

  /// The weights at the end of each epoch, of a training that nobody stops.
  private func weights(_ count: Int) throws -> [[[Float]]] {
    let recorder = Recorder()
    var result: [[[Float]]] = []
    recorder.action = { event, run in if event.hasPrefix("end") { result.append(try Make.weights(run.model)) } }
    try Script.fit(Array(repeating: 1, count: count), [recorder])
    return result
  }

  @Test(
    "trap 21: the best weights come back when it stops, and also when it does not; without the option the last ones stay"
  )
  func restores() throws {
    let all = try weights(4)
    #expect(all[1] != all[3])
    for (options, values, expected) in [
      (#"{"patience": 2, "restore_best_weights": true}"#, [3, 2, 4, 4], all[1]),
      (#"{"patience": 9, "restore_best_weights": true}"#, [3, 2, 4, 4], all[1]),
      (#"{"patience": 9, "restore_best_weights": true}"#, [4, 3, 2, 1], all[3]),
      // Nothing beat the baseline: the best there is.
      (#"{"patience": 4, "baseline": 0.5, "restore_best_weights": true}"#, [3, 4, 2, 4], all[2]),
      (#"{"patience": 2}"#, [3, 2, 4, 4], all[3]),
    ] as [(String, [Double], [[Float]])] {
      let callback = try Callbacks.make("EarlyStopping", options)
      #expect(try Make.weights(Script.fit(values, [callback]).model) == expected, "\(options) \(values)")
    }
  }

  @Test("what it says, and its best weights as a field")
  func says() throws {
    let (callback, listener) = (
      try Callbacks.make("EarlyStopping", #"{"patience": 1, "restore_best_weights": true, "verbose": 1}"#), Listener()
    )
    let (model, _) = try Script.fit([1, 2, 3], [callback, listener])
    #expect(
      listener.lines == [
        "Restoring model weights from the end of the best epoch: 1.", "Epoch 00002: early stopping",
      ])
    guard case .list(let kept) = state(callback, "best_weights") else { throw FixtureError("no weights") }
    #expect(kept.count == model.variables.count)
    #expect(number(callback, "best_epoch") == 0)
  }

  @Test("a second fit starts anew")
  func reuse() throws {
    let callback = try Callbacks.make("EarlyStopping", #"{"patience": 1}"#)
    let (model, first) = try Script.fit([1, 2, 3], [callback])
    #expect(first.epochs.count == 2)
    let (_, second) = try Script.fit([8, 7, 6], [callback], model: model)
    #expect(second.epochs.count == 3)
    #expect(!model.stopTraining)
    #expect(number(callback, "best") == 6 && number(callback, "stopped_epoch") == 0)
  }

  @Test("trap 21: what is not recorded is an error before the first batch")
  func missing() throws {
    let (x, y) = try Make.samples(8)
    let model = try Make.classifier()
    let before = try Make.weights(model)
    for (options, message) in [
      (
        "{}",
        "EarlyStopping: nothing named 'val_loss' is recorded without validation data; give fit validation_data or validation_split, "
          + "or set 'monitor'"
      ),
      (#"{"monitor": "acuracy"}"#, "EarlyStopping: nothing named 'acuracy' is recorded; did you mean 'accuracy'?"),
      (
        #"{"monitor": "loss", "start_from_epoch": 1}"#,
        "EarlyStopping: has no effect, since 'start_from_epoch' (1) is not before the last epoch (1)"
      ),
    ] {
      let callback = try Callbacks.make("EarlyStopping", options)
      #expect(Evaluate.message { try model.fit(x: x, y: y, callbacks: [callback]) } == message)
    }
    #expect(try Make.weights(model) == before)
    #expect(try model.fit(x: x, y: y).epochs == [0])
  }

  @Test("a quantity that a callback adds without saying so may be watched; if it does not come, that is an error")
  func addedLate() throws {
    let adds = try Callbacks.make(
      "LambdaCallback",
      Arguments(
        [],
        Value.Table([
          (
            "on_epoch_end",
            .object(
              SwiftFunction { arguments throws(NNError) in
                if case .object(let object) = arguments[1], let logs = object as? Logs { logs["f1"] = 1 }
                return .null
              })
          )
        ])))
    let stops = try Callbacks.make("EarlyStopping", #"{"monitor": "f1"}"#)
    #expect(try Script.fit([1, 1, 1], [adds, stops]).history.epochs == [0, 1])
    let wrong = try Callbacks.make("EarlyStopping", #"{"monitor": "f2"}"#)
    #expect(Evaluate.message { try Script.fit([1, 1, 1], [adds, wrong]) }.contains("nothing named 'f2' was recorded"))
  }

  @Test("an epoch without validation does not count")
  func gaps() throws {
    let callback = try Callbacks.make("EarlyStopping", #"{"patience": 1}"#)
    let (_, history) = try Script.fit([1, nil, nil, 2, 3], [callback])
    #expect(history.epochs == [0, 1, 2, 3])
  }
}
