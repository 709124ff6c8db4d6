/// The callbacks that come with the engine.
public enum Callbacks {
  /// All of them.
  public static let registry = Registry<any Callback>(
    "callback",
    [
      entry(LearningRateScheduler.Options.self) { LearningRateScheduler($0) },
      entry(ReduceLROnPlateau.Options.self) { ReduceLROnPlateau($0) },
      entry(OneCycle.Options.self) { OneCycle($0) },
      entry(EarlyStopping.Options.self) { EarlyStopping($0) },
      entry(ModelCheckpoint.Options.self) { ModelCheckpoint($0) },
      entry(BackupAndRestore.Options.self) { BackupAndRestore($0) },
      entry(TerminateOnNaN.Options.self) { TerminateOnNaN($0) },
      entry(CSVLogger.Options.self) { CSVLogger($0) },
      entry(LambdaCallback.Options.self) { LambdaCallback($0) },
      entry(HistoryOptions.self) { _ in History() },
    ])

  /// A callback of the registry.
  public static func make(_ className: String, _ arguments: Arguments = Arguments()) throws(NNError) -> any Callback {
    try registry.entry(className).make(arguments)
  }

  /// The callbacks of a call that has no schema: a list.
  public static func list(_ value: Value) throws(NNError) -> [any Callback] {
    do throws(NNError) {
      if let list = try [CallbackReference].decode(value) { return list.map(\.callback) }
    } catch { throw NNError(error.code, "'callbacks': \(error.message)") }
    throw .invalid("'callbacks' must be \([CallbackReference].kind), got \(value.text)")
  }

  /// From an object, a name, or Keras's {class_name, config}.
  static func decode(_ value: Value) throws(NNError) -> any Callback {
    if let callback = try registry.make(value) { return callback }
    throw .invalid("expected callbacks, such as EarlyStopping or an instance of a class of your own, got \(value.text)")
  }

  private static func entry<C: Configurable>(
    _ type: C.Type, _ make: @escaping @Sendable (C) -> any Callback
  ) -> Registry<any Callback>.Entry {
    .init(type) { (options) throws(NNError) in make(options) }
  }
}
