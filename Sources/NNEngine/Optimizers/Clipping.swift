/// Clipping of gradients, as graph operations before the optimizer's step. Without it nothing is emitted, and the step joins the product
/// that makes its gradient.
extension OptimizerBase {
  /// The gradients, clipped as TensorFlow 2.1 does it: by norm, then by value.
  func clipped(_ gradients: [Symbol?]) throws(NNError) -> [Symbol?] {
    var result = gradients
    if let limit = globalClipNorm {
      var squares: Symbol?
      for case let gradient? in result {
        let square = try gradient.square().sum()
        squares = if let squares { try squares + square } else { square }
      }
      if let squares { result = try shortened(result, by: Self.factor(squares, limit)) }
    }
    if let limit = clipNorm {
      for case (let i, let gradient?) in result.enumerated() {
        result[i] = try gradient * Self.factor(gradient.square().sum(), limit)
      }
    }
    if let limit = clipValue.map({ Float($0) }) {
      for case (let i, let gradient?) in result.enumerated() { result[i] = try gradient.clip(min: -limit, max: limit) }
    }
    return result
  }

  /// What shortens a vector with this sum of squares to a length of `limit`; 1, exactly, if it is not longer.
  private static func factor(_ squares: Symbol, _ limit: Double) throws(NNError) -> Symbol {
    try Float(limit) / squares.sqrt().maximum(Float(limit))
  }

  private func shortened(_ gradients: [Symbol?], by factor: Symbol) throws(NNError) -> [Symbol?] {
    var result = gradients
    for case (let i, let gradient?) in gradients.enumerated() { result[i] = try gradient * factor }
    return result
  }
}
