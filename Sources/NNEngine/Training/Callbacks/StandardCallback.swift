/// What a callback shows of itself.
public protocol ReadableCallback: AnyObject {
  /// Keras's class name.
  var className: String { get }
  /// Keras's arguments with their values.
  var configuration: Value.Table { get }
  /// What it has found out, by Keras's names: "best", "wait", "stopped_epoch". Weights are lists of boxed tensors.
  var state: Value.Table { get }
}

/// A callback that comes with the engine. Every one is `Callback`, too: each by itself, since hooks that a class takes over from a
/// protocol's defaults cannot be overridden.
public class StandardCallback: ReadableCallback {
  /// Keras's class name.
  public var className: String { "Callback" }
  /// Keras's arguments with their values.
  public var configuration: Value.Table { Value.Table() }
  /// What it has found out.
  public var state: Value.Table { Value.Table() }

  init() {}
}

/// A callback that is made from these options.
public class ConfiguredCallback<Options: Configurable>: StandardCallback {
  let options: Options

  init(_ options: Options) { self.options = options }

  /// Keras's class name.
  public override var className: String { Options.className }
  /// Keras's arguments with their values.
  public override var configuration: Value.Table { options.configuration }

  /// Runs `body`; its errors begin with the callback's name.
  func named<T>(_ body: () throws(NNError) -> T) throws(NNError) -> T {
    do throws(NNError) { return try body() } catch {
      throw NNError(error.code, "\(className): \(error.message)", path: error.path)
    }
  }
}

extension Value {
  /// Weights as a callback's state has them.
  static func weights(_ weights: [Tensor]?) -> Value {
    weights.map { .list($0.map { .object(Boxed($0)) }) } ?? .null
  }
}
