import Glibc
import KernelTable

/// Adam with the largest gradient in place of the mean square (Kingma and Ba, 2014).
struct Adamax: OptimizerDefinition {
  var beta1 = 0.9
  var beta2 = 0.999
  var epsilon = Epsilon()

  static let learningRate = 0.001
  static let className = "Adamax"
  static let doc = """
    Adam with the largest, slowly forgotten gradient: m = beta_1 * m + (1 - beta_1) * g, v = max(beta_2 * v, abs(g)), \
    w = w - rate / (1 - beta_1^t) * m / (v + epsilon) in step t. Example: Adamax{1e-3}
    """
  static let fields: [Field<Adamax>] = [
    Field("beta_1", \.beta1, check: .range(0..<1), "Share of the old mean that is kept."),
    Field("beta_2", \.beta2, check: .range(0..<1), "Share of the old maximum that is kept."),
    Field("epsilon", \.epsilon, "Keeps the divisor away from zero."),
  ]

  let slots = [Slot("m"), Slot("v")]
  static let numberCount = 5

  func writeNumbers(_ step: OptimizerMoment, to out: UnsafeMutablePointer<Float>) {
    out[0] = Float(step.rate / (1 - pow(beta1, Double(step.step))))
    out[1] = Float(beta1)
    out[2] = Float(1 - beta1)
    out[3] = Float(beta2)
    out[4] = Float(epsilon.value)
  }

  let rule: RowUpdate = { count, gradient, at, target in
    let h = target.numbers
    let (a, beta1, share1, beta2, epsilon) = (h[0], h[1], h[2], h[3], h[4])
    @inline(__always) func step(_ g: UpdateLanes.Lane, _ w: inout UpdateLanes.Lane, _ s: inout UpdateLanes.Slots) {
      s.0 = beta1 * s.0 + share1 * g
      let (old, size) = (beta2 * s.1, g.replacing(with: -g, where: g .< 0))
      s.1 = size.replacing(with: old, where: old .> size)
      w -= a * s.0 / (s.1 + epsilon)
    }
    UpdateLanes.update(target, at, count, gradient, slots: 2, step)
  }
}
