import KernelTable

/// Divides the gradient by a running root mean square of itself (Tieleman and Hinton, 2012); Keras's default optimizer.
struct RMSprop: OptimizerDefinition {
  var rho = 0.9
  var momentum = 0.0
  var epsilon = Epsilon()
  var centered = false

  static let learningRate = 0.001
  static let className = "RMSprop"
  static let doc = """
    Divides the gradient by a running root mean square: s = rho * s + (1 - rho) * g^2, w = w - rate * g / (sqrt(s) + epsilon). With \
    momentum m, as in TensorFlow 2.1: v = m * v + rate * g / sqrt(s + epsilon), w = w - v. Centered, the square of the running mean \
    of g is taken from s first. Example: RMSprop{1e-3, rho=0.9}
    """
  static let fields: [Field<RMSprop>] = [
    Field("rho", \.rho, check: .range(0..<1), "Share of the old mean square that is kept."),
    Field("momentum", \.momentum, check: .range(0...1), "Share of the velocity that is kept."),
    Field("epsilon", \.epsilon, "Keeps the divisor away from zero."),
    Field("centered", \.centered, "Whether to divide by the gradient's running deviation from its mean."),
  ]

  var slots: [Slot] {
    [Slot("rms")] + (momentum == 0 ? [] : [Slot("momentum")]) + (centered ? [Slot("mg")] : [])
  }
  var variant: String {
    [centered ? "centered" : nil, momentum == 0 ? nil : "momentum"].compactMap { $0 }.joined(separator: ", ")
  }
  static let numberCount = 5

  func writeNumbers(_ step: OptimizerMoment, to out: UnsafeMutablePointer<Float>) {
    out[0] = Float(step.rate)
    out[1] = Float(rho)
    out[2] = Float(1 - rho)
    out[3] = Float(epsilon.value)
    out[4] = Float(momentum)
  }

  var rule: RowUpdate {
    switch (momentum == 0, centered) {
    case (true, false): RMSprop.plain
    case (true, true): RMSprop.deviation
    case (false, false): RMSprop.plainMomentum
    case (false, true): RMSprop.deviationMomentum
    }
  }

  private static let plain: RowUpdate = { count, gradient, at, target in
    let h = target.numbers
    let (rate, rho, share, epsilon) = (h[0], h[1], h[2], h[3])
    @inline(__always) func step(_ g: UpdateLanes.Lane, _ w: inout UpdateLanes.Lane, _ s: inout UpdateLanes.Slots) {
      s.0 = rho * s.0 + share * (g * g)
      w -= rate * g / (s.0.squareRoot() + epsilon)
    }
    UpdateLanes.update(target, at, count, gradient, slots: 1, step)
  }

  private static let deviation: RowUpdate = { count, gradient, at, target in
    let h = target.numbers
    let (rate, rho, share, epsilon) = (h[0], h[1], h[2], h[3])
    @inline(__always) func step(_ g: UpdateLanes.Lane, _ w: inout UpdateLanes.Lane, _ s: inout UpdateLanes.Slots) {
      s.0 = rho * s.0 + share * (g * g)
      s.1 = rho * s.1 + share * g
      w -= rate * g / (variance(s.0, s.1).squareRoot() + epsilon)
    }
    UpdateLanes.update(target, at, count, gradient, slots: 2, step)
  }

  private static let plainMomentum: RowUpdate = { count, gradient, at, target in
    let h = target.numbers
    let (rate, rho, share, epsilon, m) = (h[0], h[1], h[2], h[3], h[4])
    @inline(__always) func step(_ g: UpdateLanes.Lane, _ w: inout UpdateLanes.Lane, _ s: inout UpdateLanes.Slots) {
      s.0 = rho * s.0 + share * (g * g)
      s.1 = m * s.1 + rate * g / (s.0 + epsilon).squareRoot()
      w -= s.1
    }
    UpdateLanes.update(target, at, count, gradient, slots: 2, step)
  }

  private static let deviationMomentum: RowUpdate = { count, gradient, at, target in
    let h = target.numbers
    let (rate, rho, share, epsilon, m) = (h[0], h[1], h[2], h[3], h[4])
    @inline(__always) func step(_ g: UpdateLanes.Lane, _ w: inout UpdateLanes.Lane, _ s: inout UpdateLanes.Slots) {
      s.0 = rho * s.0 + share * (g * g)
      s.2 = rho * s.2 + share * g
      s.1 = m * s.1 + rate * g / (variance(s.0, s.2) + epsilon).squareRoot()
      w -= s.1
    }
    UpdateLanes.update(target, at, count, gradient, slots: 3, step)
  }

  /// Of gradients that hardly change, rounding would make it negative, and its root NaN.
  @inline(__always)
  private static func variance(_ square: UpdateLanes.Lane, _ mean: UpdateLanes.Lane) -> UpdateLanes.Lane {
    let v = square - mean * mean
    return v.replacing(with: 0, where: v .< 0)
  }
}
