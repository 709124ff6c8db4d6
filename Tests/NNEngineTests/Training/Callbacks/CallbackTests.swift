import Testing

@testable import NNEngine

@Suite("callbacks")
struct CallbackTests {
  private static var required: [String: [(String, Value)]] {
    [
      "LearningRateScheduler": [("schedule", .object(SwiftFunction { $0[1] }))], "OneCycle": [("max_lr", .number(0.1))],
      "ModelCheckpoint": [("filepath", .string("a"))], "CSVLogger": [("filename", .string("/dev/null"))],
    ]
  }

  @Test("law: each is made from its configuration again, has a doc, and lives through a fit twice")
  func registry() throws {
    #expect(Callbacks.registry.entries.count == 10)
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    var required = Self.required
    required["BackupAndRestore"] = [("backup_dir", .string(folder.path))]
    for entry in Callbacks.registry.entries {
      let made = try entry.make(Arguments([], Value.Table(required[entry.name] ?? [])))
      let readable = try #require(made as? any ReadableCallback)
      #expect(readable.className == entry.name)
      #expect(entry.doc.contains("Example: \(entry.name)"), "\(entry.name)")
      let again = try #require(
        try Callbacks.registry.make(
          .table(Value.Table([("class_name", .string(entry.name)), ("config", .table(readable.configuration))]))))
      #expect(
        JSON.text(.table(try #require(again as? any ReadableCallback).configuration))
          == JSON.text(.table(readable.configuration)))
      for _ in 0..<2 { #expect(try Script.fit([3, 2], [made]).history.epochs == [0, 1], "\(entry.name)") }
    }
  }

  /// The signatures of tf.keras 2.1, in order; what newer Keras and we add comes after.
  @Test("Keras's arguments, in Keras's order")
  func arguments() throws {
    for (name, expected) in [
      ("EarlyStopping", ["monitor", "min_delta", "patience", "verbose", "mode", "baseline", "restore_best_weights"]),
      ("ReduceLROnPlateau", ["monitor", "factor", "patience", "verbose", "mode", "min_delta", "cooldown", "min_lr"]),
      (
        "ModelCheckpoint",
        ["filepath", "monitor", "verbose", "save_best_only", "save_weights_only", "mode", "save_freq"]
      ),
      ("CSVLogger", ["filename", "separator", "append"]), ("LearningRateScheduler", ["schedule", "verbose"]),
      (
        "LambdaCallback",
        ["on_epoch_begin", "on_epoch_end", "on_batch_begin", "on_batch_end", "on_train_begin", "on_train_end"]
      ),
    ] {
      let fields = try Callbacks.registry.entry(name).fields.map(\.name)
      #expect(Array(fields.prefix(expected.count)) == expected)
    }
  }

  @Test("fit takes callbacks as objects, names and configurations, and says what is none")
  func decoding() throws {
    let (x, y) = try Make.samples(8)
    let options = try Make.options(
      #"{"epochs": 5, "callbacks": ["TerminateOnNaN", {"class_name": "EarlyStopping", "config": {"monitor": "loss", "min_delta": 99}}]}"#
    )
    #expect(options.callbacks.count == 2)
    #expect(try Make.classifier().fit(x: x, y: y, options).epochs == [0, 1])
    for (json, message) in [
      (
        "[3]",
        "fit: 'callbacks': expected callbacks, such as EarlyStopping or an instance of a class of your own, got 3"
      ),
      (#"["EarlyStoping"]"#, "fit: 'callbacks': unknown callback 'EarlyStoping'; did you mean 'EarlyStopping'?"),
      (
        #"["OneCycle"]"#,
        "fit: 'callbacks': callback 'OneCycle' cannot be made from its name alone: it has required arguments"
      ),
      ("7", "fit: 'callbacks' must be a list (a callback each), got 7"),
    ] { #expect(Evaluate.message { _ = try Make.options(#"{"callbacks": \#(json)}"#) } == message) }
  }

  // MARK: TerminateOnNaN

  private func exploding(_ callbacks: [any Callback]) throws -> (model: Model, history: History) {
    let (x, y) = try Make.samples(8)
    let model = try Make.classifier(
      loss: "mse", optimizer: #"{"class_name": "SGD", "config": {"learning_rate": 1e30}}"#, last: "linear")
    try model.compile(
      Make.arguments(#"{"loss": "mse", "optimizer": {"class_name": "SGD", "config": {"learning_rate": 1e30}}}"#))
    let target = try Tensor([Float](repeating: 1, count: 24), shape: Shape([8, 3]))
    _ = y
    return (
      model, try model.fit(x: x, y: target, Make.options(#"{"epochs": 9, "batch_size": 2}"#), callbacks: callbacks)
    )
  }

  @Test(
    "trap 33: with TerminateOnNaN fit ends normally, the history keeps the NaN, and it says so; without it fit fails")
  func terminate() throws {
    let listener = Listener()
    let (model, history) = try exploding([Callbacks.make("TerminateOnNaN", "{}"), listener])
    #expect(history.epochs == [0])
    #expect(try !history.values("loss")[0].isFinite)
    #expect(model.stopTraining)
    #expect(listener.lines.count == 1)
    #expect(try #require(listener.lines.first).contains("Invalid loss, terminating training"))
    #expect(try #require(listener.lines.first).hasPrefix("Batch "))
    #expect(throws: NNError.self) { try exploding([]) }
  }

  // MARK: LambdaCallback, History, stop_training

  @Test("every hook of LambdaCallback, with numbers from 0; logs that a function adds are recorded")
  func lambda() throws {
    var calls: [String] = []
    var functions: [(String, Value)] = []
    for field in LambdaCallback.Options.fields {
      functions.append(
        (
          field.name,
          .object(
            SwiftFunction { arguments throws(NNError) in
              let number = arguments.count == 2 ? " \(Int.decode(arguments[0]) ?? -1)" : ""
              guard case .object(let object)? = arguments.last, let logs = object as? Logs else {
                throw .invalid("no logs")
              }
              calls.append(field.name + number + (logs.entries.isEmpty ? "" : " " + logs.names.joined(separator: ",")))
              if field.name == "on_epoch_end" { logs["mine"] = 7 }
              return .null
            })
        ))
    }
    let (x, y) = try Make.samples(8)
    let history = try Make.classifier().fit(
      x: x, y: y, Make.options(#"{"batch_size": 4, "validation_split": 0.25}"#),
      callbacks: [Callbacks.make("LambdaCallback", Arguments([], Value.Table(functions)))])
    #expect(
      calls == [
        "on_train_begin", "on_epoch_begin 0", "on_batch_begin 0", "on_batch_end 0 loss,accuracy", "on_batch_begin 1",
        "on_batch_end 1 loss,accuracy", "on_test_begin", "on_test_batch_begin 0", "on_test_batch_end 0 loss,accuracy",
        "on_test_end loss,accuracy", "on_epoch_end 0 loss,accuracy,val_loss,val_accuracy",
        "on_train_end loss,accuracy,val_loss,val_accuracy,mine",
      ])
    #expect(try history.values("mine") == [7])
  }

  @Test("trap 18: a History of one's own records what fit records, and begins anew with a second fit")
  func history() throws {
    let own = History()
    let (model, history) = try Script.fit([3, 2], [own])
    #expect(own.keys == history.keys && own.epochs == [0, 1])
    for key in own.keys { #expect(try own.values(key) == history.values(key)) }
    #expect(JSON.text(.table(own.parameters)) == JSON.text(.table(history.parameters)))
    try Script.fit([1], [own], model: model)
    #expect(own.epochs == [0])
    #expect(try own.values("val_loss") == [1])
    // The record that fit made is one, too.
    #expect(try Script.fit([5, 6], [#require(model.history)], model: model).history.epochs == [0, 1])
  }

  @Test("stop_training of the model ends the training, from any hook; fit forgets it")
  func stopTraining() throws {
    let recorder = Recorder()
    let model = try Make.classifier()
    model.stopTraining = true
    recorder.action = { event, run in if event == "end 1" { run.model.stopTraining = true } }
    #expect(try Script.fit([1, 1, 1, 1], [recorder], model: model).history.epochs == [0, 1])
    #expect(model.stopTraining)
    #expect(try Script.fit([1, 1], [], model: model).history.epochs == [0, 1])
    #expect(!model.stopTraining)
  }
}
