/// A model as files know it, whatever their format: each format writes a record, and reads one.
struct ModelRecord {
  /// One layer's variables.
  struct LayerRecord {
    var name: String
    /// In Keras's order: what training changes, then the rest.
    var weights: [StoredTensor]
    /// Layers of a model that is a layer.
    var inner: [LayerRecord] = []
    /// Keras's class name; nil where a file does not tell.
    var className: String?
  }

  /// {class_name, config}; nil in files of weights.
  var configuration: Value?
  /// The model's layers in order, those without variables included.
  var layers: [LayerRecord] = []
  /// The arguments of compile, in the engine's spelling; nil if the model was not compiled.
  var compilation: Value.Table?
  var optimizer: OptimizerRecord?
  /// What only this engine writes and reads: how training goes on bit for bit.
  var own: OwnState?
  /// What callbacks keep, in a backup.
  var trainingTensors: [StoredTensor] = []
  /// Whether the weights are by layers' names only in order (Keras 3's files name the layers by their classes).
  var layersAreAnonymous = false
}

/// An optimizer's state.
struct OptimizerRecord {
  /// How a file orders what is kept for weights.
  enum Order {
    /// Keras 2: one slot of all weights, then the next slot; Nadam's product of momenta in front.
    case bySlot
    /// Keras 3, and TensorFlow since 2.11: first averages, then groups of slots, in each group weight by weight; Nadam's product at the end.
    case byWeight
  }
  var order: Order
  var iterations: Int
  /// All that a file has beside the count: perhaps with the learning rate in front.
  var tensors: [StoredTensor]
}

/// What this engine adds to Keras's formats, as a JSON text that Keras ignores.
struct OwnState {
  static let key = "nn_state"
  /// The arguments of compile as they were given: "mse" stays "mse".
  var compilation: Value?
  var seed: UInt64?
  var step: UInt32?
  /// Where a training was interrupted, and what it had recorded.
  var training: Value?
  /// Weights that are frozen one by one, by their places among the model's variables.
  var frozen: [Int] = []

  var text: String {
    var table = Value.Table([("version", .integer(1))])
    if let compilation { table["compile"] = compilation }
    // As text: JSON's numbers have 53 bits for some readers.
    if let seed { table["seed"] = .string(String(seed)) }
    if let step { table["step"] = .integer(Int(step)) }
    if let training { table["training"] = training }
    if !frozen.isEmpty { table["frozen"] = .list(frozen.map { .integer($0) }) }
    return JSON.text(.table(table))
  }

  init() {}

  /// nil where it is not ours, or of a later version: the file then is one like Keras's.
  init?(_ text: String?) throws(NNError) {
    guard let text else { return nil }
    guard let table = try JSONReader.parse(Array(text.utf8), OwnState.key).table,
      case .integer(1)? = table["version"]
    else { return nil }
    compilation = table["compile"]
    seed = table["seed"]?.string.flatMap { UInt64($0) }
    if case .integer(let n)? = table["step"] { step = UInt32(exactly: n) }
    training = table["training"]
    frozen = try [Int].decode(table["frozen"] ?? .null) ?? []
  }
}
