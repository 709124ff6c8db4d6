/// What the cross-entropies have in common.
enum CrossEntropy {
  /// Keras's backend epsilon.
  static let epsilon: Float = 1e-7

  /// The logits from which the loss can be computed exactly: the output itself if it is said to be logits, or what the model's
  /// last function was applied to. nil: only probabilities are known.
  static func logits(
    of yPred: Symbol, _ function: Symbol.SquashingFunction, _ fromLogits: Bool
  ) throws(NNError) -> Symbol? {
    let input = yPred.logits(of: function)
    guard fromLogits else { return input }
    guard input == nil else {
      throw .invalid("from_logits is true, but the output is a \(function), which makes probabilities of logits")
    }
    return yPred
  }

  /// The extent of the class axis.
  static func classes(_ yPred: Symbol) throws(NNError) -> Int {
    guard yPred.shape.rank > 1, let classes = yPred.shape.dimensions.last, classes > 0 else {
      throw .shape("the output \(yPred.shape) has no axis of classes")
    }
    return classes
  }

  /// Probabilities away from 0 and 1, so that their logarithms are finite.
  static func clipped(_ p: Symbol) throws(NNError) -> Symbol { try p.clip(min: epsilon, max: 1 - epsilon) }
}
