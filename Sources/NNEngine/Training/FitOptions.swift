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
  var validation: ValidationData?
  /// Whether the samples come in a new order in each epoch.
  public var shuffle = true
  var classWeight: ClassWeights?
  var sampleWeight: TensorList?
  /// Number of the first epoch.
  public var initialEpoch = 0
  /// Batches of an epoch; nil: as many as the data has.
  public var stepsPerEpoch: Int?
  /// Batches of a validation; nil: as many as the data has.
  public var validationSteps: Int?
  var validationFrequency = ValidationFrequency.every(1)

  /// Keras's defaults.
  public init() {}

  /// Callbacks, in the order in which they are called.
  public var callbacks: [any Callback] {
    get { callbackObjects.map(\.callback) }
    set { callbackObjects = newValue.map(CallbackReference.init) }
  }
  /// Data for validation.
  public var validationData: Samples? {
    get { if case .samples(let samples)? = validation { samples } else { nil } }
    set { validation = newValue.map { .samples($0) } }
  }
  /// A generator of data for validation.
  public var validationGenerator: BatchGenerator? {
    get { if case .generator(let generator)? = validation { generator } else { nil } }
    set { validation = newValue.map { .generator($0) } }
  }
  /// How much the samples of each class count; nil: all the same.
  public var classWeights: [Int: Double]? {
    get { classWeight?.weights }
    set { classWeight = newValue.map(ClassWeights.init) }
  }
  /// How much each sample counts; for each output of a model with several.
  public var sampleWeights: [Tensor?] {
    get { sampleWeight?.tensors ?? [] }
    set { sampleWeight = newValue.isEmpty ? nil : TensorList(tensors: newValue) }
  }
  /// Validates after every so many epochs.
  public var validationFreq: Int {
    get { if case .every(let n) = validationFrequency { n } else { 1 } }
    set { validationFrequency = .every(newValue) }
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
    Field("validation_data", \.validation, "Inputs and labels for validation (and weights), or a generator."),
    Field("shuffle", \.shuffle, "Whether the samples come in a new order in each epoch."),
    Field("class_weight", \.classWeight, "How much the samples of each class count, by class index from 0."),
    Field("sample_weight", \.sampleWeight, "How much each sample counts in the loss: a tensor of shape (n,)."),
    Field("initial_epoch", \.initialEpoch, check: .notNegative, "Number of the first epoch, from 0."),
    Field("steps_per_epoch", \.stepsPerEpoch, "Batches of an epoch; all there are when not given."),
    Field("validation_steps", \.validationSteps, "Batches of a validation; all there are when not given."),
    Field(
      "validation_freq", \.validationFrequency,
      "After how many epochs comes a validation: a number, or a list of epochs counted from 1."),
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
    for (name, steps) in [("steps_per_epoch", stepsPerEpoch), ("validation_steps", validationSteps)] {
      if let steps, steps < 1 { throw .invalid("fit: '\(name)' must be a positive integer, got \(steps)") }
    }
    if validation == nil && validationSplit == 0 {
      guard validationSteps == nil else {
        throw .invalid("fit: 'validation_steps' has no effect without validation data")
      }
      guard validationFrequency == .every(1) else {
        throw .invalid("fit: 'validation_freq' has no effect without validation data")
      }
    }
  }
}

/// After which epochs a validation comes.
enum ValidationFrequency: ConfigValue, Equatable {
  case every(Int)
  /// Counted from 1.
  case epochs([Int])

  static let kind = "a positive integer or a list of epochs"
  static func decode(_ value: Value) throws(NNError) -> ValidationFrequency? {
    if let n = Int.decode(value) { return n > 0 ? .every(n) : nil }
    guard let list = try [Int].decode(value), list.allSatisfy({ $0 > 0 }) else { return nil }
    return .epochs(list)
  }
  var encoded: Value {
    switch self {
    case .every(let n): .integer(n)
    case .epochs(let list): .list(list.map { .integer($0) })
    }
  }

  /// Whether a validation comes after this epoch, counted from 0.
  func includes(_ epoch: Int) -> Bool {
    switch self {
    case .every(let n): (epoch + 1) % n == 0
    case .epochs(let list): list.contains(epoch + 1)
    }
  }
}

/// One tensor or several, nil for none.
package struct TensorList: ConfigValue {
  package let tensors: [Tensor?]

  package init(tensors: [Tensor?]) { self.tensors = tensors }

  package static let kind = "a tensor, or a list of tensors"
  package static func decode(_ value: Value) -> TensorList? {
    func tensor(_ value: Value) -> Tensor? {
      guard case .object(let object) = value else { return nil }
      return (object as? Boxed<Tensor>)?.value
    }
    if let one = tensor(value) { return TensorList(tensors: [one]) }
    guard case .list(let items) = value, !items.isEmpty else { return nil }
    let tensors = items.map(tensor)
    guard zip(items, tensors).allSatisfy({ $0.isNull || $1 != nil }) else { return nil }
    return TensorList(tensors: tensors)
  }
  package var encoded: Value { .list(tensors.map { $0.map { .object(Boxed($0)) } ?? .null }) }
}

/// What a validation is made with.
enum ValidationData: ConfigValue {
  case samples(Samples)
  case generator(BatchGenerator)

  static let kind = "{x, y}, {x, y, sample_weight} or a generator"
  static func decode(_ value: Value) -> ValidationData? {
    if case .object(let object) = value { return (object as? BatchGenerator).map { .generator($0) } }
    guard case .list(let items) = value, (2...3).contains(items.count), let x = TensorList.decode(items[0]),
      let y = TensorList.decode(items[1]), x.tensors.allSatisfy({ $0 != nil }), y.tensors.allSatisfy({ $0 != nil })
    else { return nil }
    var weights: [Tensor?] = []
    if items.count == 3, !items[2].isNull {
      guard let given = TensorList.decode(items[2]) else { return nil }
      weights = given.tensors
    }
    return .samples(Samples(x: x.tensors.compactMap { $0 }, y: y.tensors.compactMap { $0 }, weights: weights))
  }
  var encoded: Value {
    switch self {
    case .samples(let samples):
      .list([TensorList(tensors: samples.x).encoded, TensorList(tensors: samples.y).encoded])
    case .generator(let generator): .object(generator)
    }
  }
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
