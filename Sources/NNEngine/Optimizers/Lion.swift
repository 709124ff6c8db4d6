import KernelTable

/// Steps of one size, in the direction of a mean of gradients (Chen and others, 2023).
struct Lion: OptimizerDefinition {
  var beta1 = 0.9
  var beta2 = 0.99

  static let learningRate = 0.0001
  static let className = "Lion"
  static let doc = """
    Steps of one size: w = w - rate * sign(beta_1 * m + (1 - beta_1) * g), then m = beta_2 * m + (1 - beta_2) * g. The rate is that of \
    Keras 2 (Keras 3: 1e-3). Example: Lion{1e-4, weight_decay=0.1}
    """
  static let fields: [Field<Lion>] = [
    Field("beta_1", \.beta1, check: .range(0..<1), "Share of the mean in the step's direction."),
    Field("beta_2", \.beta2, check: .range(0..<1), "Share of the old mean that is kept."),
  ]

  let slots = [Slot("m")]
  static let numberCount = 5

  func writeNumbers(_ step: OptimizerMoment, to out: UnsafeMutablePointer<Float>) {
    out[0] = Float(step.rate)
    out[1] = Float(beta1)
    out[2] = Float(1 - beta1)
    out[3] = Float(beta2)
    out[4] = Float(1 - beta2)
  }

  let rule: RowUpdate = { count, gradient, at, target in
    let h = target.numbers
    let (rate, beta1, share1, beta2, share2) = (h[0], h[1], h[2], h[3], h[4])
    @inline(__always) func step(_ g: UpdateLanes.Lane, _ w: inout UpdateLanes.Lane, _ s: inout UpdateLanes.Slots) {
      var sign = beta1 * s.0 + share1 * g
      // 0 and NaN stay.
      sign = sign.replacing(with: 1, where: sign .> 0).replacing(with: -1, where: sign .< 0)
      w -= rate * sign
      s.0 = beta2 * s.0 + share2 * g
    }
    UpdateLanes.update(target, at, count, gradient, slots: 1, step)
  }
}
