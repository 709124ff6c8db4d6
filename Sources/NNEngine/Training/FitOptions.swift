/// The arguments of fit beside the data, by Keras's names.
public struct FitOptions: Configurable, @unchecked Sendable {
  /// Samples for each update.
  public var batchSize = 32
  /// Number of the last epoch, plus 1.
  public var epochs = 1
  /// 0 silent, 1 a progress bar, 2 a line for each epoch; for whoever prints.
  public var verbose = 1
  var callbackObjects: [CallbackReference] = []
  /// Share of the samples, from the end, that is kept for validation.
  public var validationSplit = 0.0
  /// Data for validation.
  var validation: TensorPair?
  /// Whether the samples come in a new order in each epoch.
  public var shuffle = true
  /// Number of the first epoch.
  public var initialEpoch = 0

  /// Keras's defaults.
  public init() {}

  /// Callbacks, in the order in which they are called.
  public var callbacks: [any Callback] {
    get { callbackObjects.map(\.callback) }
    set { callbackObjects = newValue.map(CallbackReference.init) }
  }
  /// Data for validation: inputs and labels.
  public var validationData: (x: Tensor, y: Tensor)? {
    get { validation.map { ($0.x, $0.y) } }
    set { validation = newValue.map { TensorPair(x: $0.x, y: $0.y) } }
  }

  /// The call.
  public static let className = "fit"
  /// One line.
  public static let doc = "Trains the model. Example: model:fit(x, y, {epochs=20, validation_split=0.2})"
  /// Keras's arguments in Keras's order.
  public static let fields: [Field<FitOptions>] = [
    Field("batch_size", \.batchSize, check: .positive, "Samples for each update."),
    Field("epochs", \.epochs, check: .positive, "Number of the last epoch, plus 1."),
    Field(
      "verbose", \.verbose, check: Check("0, 1 or 2") { (0...2).contains($0) },
      "0 silent, 1 a progress bar, 2 a line an epoch."),
    Field("callbacks", \.callbackObjects, "Called at each batch and epoch."),
    Field(
      "validation_split", \.validationSplit, check: .range(0..<1),
      "Share of the samples, from the end, kept for validation."),
    Field("validation_data", \.validation, "Inputs and labels for validation."),
    Field("shuffle", \.shuffle, "Whether the samples come in a new order in each epoch."),
    Field("initial_epoch", \.initialEpoch, check: .notNegative, "Number of the first epoch, from 0."),
  ]

  /// Options from a call's arguments.
  public init(_ arguments: Arguments) throws(NNError) { self = try FitOptions.make(arguments) }

  /// Checks over several fields.
  public func validate() throws(NNError) {
    if initialEpoch >= epochs {
      throw .invalid(
        "fit: 'initial_epoch' (\(initialEpoch)) must be less than 'epochs' (\(epochs)), which numbers the last epoch")
    }
    if validation != nil && validationSplit > 0 {
      throw .invalid("fit: give 'validation_data' or 'validation_split', not both")
    }
  }
}

/// Two tensors of a configuration: inputs and labels.
struct TensorPair: ConfigValue {
  let x: Tensor
  let y: Tensor
  static let kind = "a pair of tensors"
  static func decode(_ value: Value) -> TensorPair? {
    guard case .list(let items) = value, items.count == 2, case .object(let a) = items[0],
      case .object(let b) = items[1],
      let x = a as? Boxed<Tensor>, let y = b as? Boxed<Tensor>
    else { return nil }
    return TensorPair(x: x.value, y: y.value)
  }
  var encoded: Value { .list([.object(Boxed(x)), .object(Boxed(y))]) }
}

/// A callback of a configuration.
struct CallbackReference: ConfigValue {
  let callback: any Callback
  static let kind = "a callback"
  static func decode(_ value: Value) throws(NNError) -> CallbackReference? {
    CallbackReference(callback: try Callbacks.decode(value))
  }
  var encoded: Value { .object(callback) }
}
