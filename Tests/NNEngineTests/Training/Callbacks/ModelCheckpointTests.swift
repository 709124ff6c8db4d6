import Testing

@testable import NNEngine

@Suite("ModelCheckpoint")
struct ModelCheckpointTests {
  /// Saves to names, and notes each.
  private final class Saves {
    var paths: [String] = []
    var losses: [Double?] = []
    var weights: [[[Float]]] = []

    func checkpoint(_ json: String) throws -> any Callback {
      var arguments = try Make.arguments(json)
      arguments.named["on_save"] = .object(
        SwiftFunction { [self] arguments throws(NNError) in
          paths.append(arguments[0].string ?? "")
          if case .object(let object) = arguments[1], let model = object as? Model {
            weights.append(try model.getWeights().map(\.values))
          }
          if case .object(let object) = arguments[2], let logs = object as? Logs { losses.append(logs["val_loss"]) }
          return .null
        })
      return try Callbacks.make("ModelCheckpoint", arguments)
    }
  }

  private func kept(_ callback: any Callback, _ name: String) -> [[Float]]? {
    guard case .list(let items) = state(callback, name) else { return nil }
    return items.compactMap { if case .object(let o) = $0 { (o as? Boxed<Tensor>)?.value.values } else { nil } }
  }

  @Test("trap 35: {epoch:02d}-{val_loss:.2f} with the epoch from 1; every epoch is kept")
  func everyEpoch() throws {
    let saves = Saves()
    let callback = try saves.checkpoint(#"{"filepath": "w-{epoch:02d}-{val_loss:.2f}"}"#)
    let (model, _) = try Script.fit([0.5, 1.25, 0.125], [callback])
    #expect(saves.paths == ["w-01-0.50", "w-02-1.25", "w-03-0.12"])
    #expect(saves.losses == [0.5, 1.25, 0.125])
    #expect(kept(callback, "weights") == (try Make.weights(model)))
    #expect(state(callback, "path").string == "w-03-0.12")
    #expect(kept(callback, "best_weights") == nil)
  }

  @Test("save_best_only keeps what is better than all before, across fits, as Keras; threshold; what it says")
  func bestOnly() throws {
    let (saves, listener) = (Saves(), Listener())
    let callback = try saves.checkpoint(#"{"filepath": "{epoch}", "save_best_only": true, "verbose": 1}"#)
    let (model, _) = try Script.fit([3, 2, 2, 1, 5], [callback, listener])
    #expect(saves.paths == ["1", "2", "4"])
    #expect(kept(callback, "best_weights") == saves.weights.last)
    #expect(try kept(callback, "weights") != Make.weights(model))
    #expect(number(callback, "best") == 1)
    #expect(
      Array(listener.lines[1...2]) == [
        "Epoch 00002: val_loss improved from 3.00000 to 2.00000, saving model to 2",
        "Epoch 00003: val_loss did not improve from 2.00000",
      ])
    try Script.fit([2, 0.5], [callback], model: model)
    #expect(saves.paths == ["1", "2", "4", "2"])

    let high = Saves()
    try Script.fit(
      [3, 2, 1],
      [
        high.checkpoint(
          #"{"filepath": "{epoch}", "save_best_only": true, "initial_value_threshold": 2.5, "mode": "min"}"#)
      ])
    #expect(high.paths == ["2", "3"])
  }

  /// Two batches an epoch. The count goes on from epoch to epoch, as in Keras since 2.3.
  @Test("trap 35: save_freq counts batches")
  func everyBatches() throws {
    let saves = Saves()
    try Script.fit([1, 1, 1], [saves.checkpoint(#"{"filepath": "{epoch}-{batch:03d}", "save_freq": 3}"#)])
    #expect(saves.paths == ["2-001", "3-002"])
  }

  @Test("what the name or the monitor asks for must be recorded")
  func missing() throws {
    let (x, y) = try Make.samples(8)
    for (json, message) in [
      (#"{"filepath": "{val_los:.2f}"}"#, "'filepath' asks for 'val_los', which is not recorded"),
      (#"{"filepath": "{batch}"}"#, "asks for 'batch'"),
      (#"{"filepath": "{val_loss}", "save_freq": 2}"#, "asks for 'val_loss'"),
      (#"{"filepath": "a", "save_best_only": true}"#, "nothing named 'val_loss' is recorded without validation data"),
    ] {
      let callback = try Callbacks.make("ModelCheckpoint", json)
      #expect(Evaluate.message { try Make.classifier().fit(x: x, y: y, callbacks: [callback]) }.contains(message))
    }
  }

  /// Python's format() on the same values.
  @Test(
    "placeholders",
    arguments: [
      ("{epoch}", "3"), ("{epoch:d}", "3"), ("{epoch:4d}", "   3"), ("{epoch:04d}", "0003"), ("{loss}", "1234.5"),
      ("{loss:f}", "1234.500000"), ("{loss:.1f}", "1234.5"), ("{loss:.2e}", "1.23e+03"), ("{{{epoch}}}", "{3}"),
      ("a", "a"),
    ])
  func placeholders(_ template: String, _ expected: String) throws {
    #expect(try PathTemplate(template).text(epoch: 2, batch: nil, Logs([("loss", 1234.5)])) == expected)
  }

  @Test(
    "bad options are errors when it is made",
    arguments: [
      (#"{"filepath": "{"}"#, "a '{' has no '}'"), (#"{"filepath": "}"}"#, "a '}' has no '{'"),
      (#"{"filepath": "{}"}"#, "no name"),
      (#"{"filepath": "{loss:d}"}"#, "'d' is for epoch and batch"),
      (#"{"filepath": "{loss:.2x}"}"#, "unknown format '.2x'"),
      (#"{"filepath": "{loss:.99999999999999999999f}"}"#, "unknown format"), ("{}", "'filepath' is required"),
      (#"{"filepath": "a", "save_freq": 0}"#, "'save_freq' must be"),
      (#"{"filepath": "a", "save_freq": "batch"}"#, "'save_freq' must be"),
      (#"{"filepath": "a", "monitor": "loss"}"#, "'monitor' has no effect without save_best_only"),
      (#"{"filepath": "a", "mode": "best", "save_best_only": true}"#, "'mode' must be one of"),
    ])
  func badOptions(_ json: String, _ message: String) throws {
    #expect(Evaluate.message { _ = try Callbacks.make("ModelCheckpoint", json) }.contains(message))
  }
}
