/// Binary cross-entropy that counts what the model is already sure of less.
struct BinaryFocalCrossentropy: LossDefinition {
  var applyClassBalancing = false
  var alpha = 0.25
  var gamma = 2.0
  var fromLogits = false
  var labelSmoothing = 0.0

  static let className = "BinaryFocalCrossentropy"
  static let names = ["binary_focal_crossentropy"]
  static let doc = """
    Binary cross-entropy times (1 - q)^gamma, where q is the probability given to the right answer: what is easy counts less, \
    as with many more negatives than positives.
    """
  static let fields: [Field<BinaryFocalCrossentropy>] = [
    Field("apply_class_balancing", \.applyClassBalancing, "Weighs labels 1 by alpha and labels 0 by 1 - alpha."),
    Field("alpha", \.alpha, check: .range(0...1), "Weight of labels 1, with class balancing."),
    Field("gamma", \.gamma, check: .notNegative, "How much less sure answers count; 0: not at all."),
    Field("from_logits", \.fromLogits, "The output is logits: numbers to which no sigmoid was applied."),
    Field(
      "label_smoothing", \.labelSmoothing, check: .range(0...1), "Moves labels towards 1/2: y * (1 - s) + s / 2."),
  ]
  static let labels = LabelKind.probabilities

  func perSample(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> Symbol {
    let entropy = BinaryCrossentropy(fromLogits: fromLogits, labelSmoothing: labelSmoothing)
    let target = try entropy.smoothed(yTrue)
    let p = fromLogits ? try yPred.apply("sigmoid") : yPred
    let right = try target * p + (1 - target) * (1 - p)
    var values = try (1 - right).power(Float(gamma)) * entropy.elementwise(target, yPred)
    if applyClassBalancing {
      values = try values * (target * Float(alpha) + (1 - target) * Float(1 - alpha))
    }
    return try values.meanOfLastAxis()
  }
}
