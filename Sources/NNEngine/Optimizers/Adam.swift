import Glibc
import KernelTable

/// Running means of the gradient and of its square, corrected for their beginning at zero (Kingma and Ba, 2014).
struct Adam: OptimizerDefinition {
  var beta1 = 0.9
  var beta2 = 0.999
  var epsilon = Epsilon()
  var amsgrad = false

  static let learningRate = 0.001
  static let className = "Adam"
  static let doc = """
    Running means of the gradient and its square: m = beta_1 * m + (1 - beta_1) * g, v = beta_2 * v + (1 - beta_2) * g^2, \
    w = w - a * m / (sqrt(v) + epsilon), with a = rate * sqrt(1 - beta_2^t) / (1 - beta_1^t) in step t. With amsgrad the largest v \
    so far divides. Example: Adam{1e-3, beta_1=0.9, beta_2=0.999}
    """
  static let fields: [Field<Adam>] = [
    Field("beta_1", \.beta1, check: .range(0..<1), "Share of the old mean that is kept."),
    Field("beta_2", \.beta2, check: .range(0..<1), "Share of the old mean square that is kept."),
    Field("epsilon", \.epsilon, "Keeps the divisor away from zero."),
    Field("amsgrad", \.amsgrad, "Whether the mean square that divides may only grow."),
  ]

  var slots: [Slot] { [Slot("m"), Slot("v")] + (amsgrad ? [Slot("vhat")] : []) }
  var variant: String { amsgrad ? "amsgrad" : "" }
  static let numberCount = 6

  func writeNumbers(_ step: OptimizerMoment, to out: UnsafeMutablePointer<Float>) {
    let t = Double(step.step)
    out[0] = Float(step.rate * (1 - pow(beta2, t)).squareRoot() / (1 - pow(beta1, t)))
    out[1] = Float(beta1)
    out[2] = Float(1 - beta1)
    out[3] = Float(beta2)
    out[4] = Float(1 - beta2)
    out[5] = Float(epsilon.value)
  }

  var rule: RowUpdate { amsgrad ? Adam.growing : Adam.plain }

  private static let plain: RowUpdate = { count, gradient, at, target in
    let h = target.numbers
    let (a, beta1, share1, beta2, share2, epsilon) = (h[0], h[1], h[2], h[3], h[4], h[5])
    @inline(__always) func step(_ g: UpdateLanes.Lane, _ w: inout UpdateLanes.Lane, _ s: inout UpdateLanes.Slots) {
      s.0 = beta1 * s.0 + share1 * g
      s.1 = beta2 * s.1 + share2 * (g * g)
      w -= a * s.0 / (s.1.squareRoot() + epsilon)
    }
    UpdateLanes.update(target, at, count, gradient, slots: 2, step)
  }

  private static let growing: RowUpdate = { count, gradient, at, target in
    let h = target.numbers
    let (a, beta1, share1, beta2, share2, epsilon) = (h[0], h[1], h[2], h[3], h[4], h[5])
    @inline(__always) func step(_ g: UpdateLanes.Lane, _ w: inout UpdateLanes.Lane, _ s: inout UpdateLanes.Slots) {
      s.0 = beta1 * s.0 + share1 * g
      s.1 = beta2 * s.1 + share2 * (g * g)
      s.2.replace(with: s.1, where: .!(s.2 .>= s.1))  // also with NaN, which must not get lost
      w -= a * s.0 / (s.2.squareRoot() + epsilon)
    }
    UpdateLanes.update(target, at, count, gradient, slots: 3, step)
  }
}
