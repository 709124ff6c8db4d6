/// −y log p − (1 − y) log(1 − p), mean over the last axis.
struct BinaryCrossentropy: LossDefinition {
  var fromLogits = false
  var labelSmoothing = 0.0

  static let className = "BinaryCrossentropy"
  static let names = ["binary_crossentropy", "bce", "BCE"]
  static let doc = """
    The cross-entropy between labels in 0 … 1 and the probabilities that the model gives: for yes-or-no questions, with a \
    sigmoid output. Exact where the sigmoid saturates.
    """
  static let fields: [Field<BinaryCrossentropy>] = [
    Field("from_logits", \.fromLogits, "The output is logits: numbers to which no sigmoid was applied."),
    Field(
      "label_smoothing", \.labelSmoothing, check: .range(0...1), "Moves labels towards 1/2: y * (1 - s) + s / 2."),
  ]
  static let labels = LabelKind.probabilities

  func perSample(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> Symbol {
    try elementwise(smoothed(yTrue), yPred).meanOfLastAxis()
  }

  /// Labels moved towards 1/2.
  func smoothed(_ yTrue: Symbol) throws(NNError) -> Symbol {
    let s = Float(labelSmoothing)
    return s == 0 ? yTrue : try yTrue * (1 - s) + 0.5 * s
  }

  /// The cross-entropy of each number of the output with its target.
  func elementwise(_ target: Symbol, _ yPred: Symbol) throws(NNError) -> Symbol {
    if let logits = try CrossEntropy.logits(of: yPred, .sigmoid, fromLogits) {
      return try Symbol.sigmoidCrossEntropy(logits: logits, target: target)
    }
    // Keras 2 clips and then adds epsilon again inside the logarithms.
    let p = try CrossEntropy.clipped(yPred)
    let yes = try target * (p + CrossEntropy.epsilon).log()
    let no = try (1 - target) * (1 - p + CrossEntropy.epsilon).log()
    return try (yes + no).negative()
  }
}
