import Glibc
import KernelTable

/// Adam with Nesterov's look-ahead (Dozat, 2016), with the slowly growing momentum that Keras 2 uses.
struct Nadam: OptimizerDefinition {
  var beta1 = 0.9
  var beta2 = 0.999
  var epsilon = Epsilon()
  var scheduleDecay = 0.004

  static let learningRate = 0.001
  static let className = "Nadam"
  static let doc = """
    Adam with Nesterov's look-ahead. In step t the momentum is beta_1 * (1 - 0.5 * 0.96^(decay * t)); the rate itself does not decay, as \
    in Keras 2. Example: Nadam{1e-3}
    """
  static let fields: [Field<Nadam>] = [
    Field("beta_1", \.beta1, check: .range(0..<1), "Share of the old mean that is kept, and the momentum's limit."),
    Field("beta_2", \.beta2, check: .range(0..<1), "Share of the old mean square that is kept."),
    Field("epsilon", \.epsilon, "Keeps the divisor away from zero."),
    Field(
      "decay", \.scheduleDecay, aliases: ["schedule_decay"], check: .notNegative,
      "How fast the momentum grows; Keras 3 has 1."),
  ]

  let slots = [Slot("m"), Slot("v")]
  static let numberCount = 8

  func momentum(step: Int) -> Double? { beta1 * (1 - 0.5 * pow(0.96, scheduleDecay * Double(step))) }

  func writeNumbers(_ step: OptimizerMoment, to out: UnsafeMutablePointer<Float>) {
    // Both parts of the look-ahead divided by what a mean lacks when it begins at zero:
    // w −= rate · ((1 − μ) / (1 − Πμ) · g + μ′ / (1 − Πμ·μ′) · m) / (√(v / (1 − β₂ᵗ)) + ε)
    let (now, next) = (momentum(step: step.step) ?? 0, momentum(step: step.step + 1) ?? 0)
    let product = step.momentumProduct * now
    out[0] = Float(step.rate * (1 - now) / (1 - product))
    out[1] = Float(step.rate * next / (1 - product * next))
    out[2] = Float(beta1)
    out[3] = Float(1 - beta1)
    out[4] = Float(beta2)
    out[5] = Float(1 - beta2)
    out[6] = Float(1 / (1 - pow(beta2, Double(step.step))).squareRoot())
    out[7] = Float(epsilon.value)
  }

  let rule: RowUpdate = { count, gradient, at, target in
    let h = target.numbers
    let (ofGradient, ofMean, beta1, share1) = (h[0], h[1], h[2], h[3])
    let (beta2, share2, correction, epsilon) = (h[4], h[5], h[6], h[7])
    @inline(__always) func step(_ g: UpdateLanes.Lane, _ w: inout UpdateLanes.Lane, _ s: inout UpdateLanes.Slots) {
      s.0 = beta1 * s.0 + share1 * g
      s.1 = beta2 * s.1 + share2 * (g * g)
      w -= (ofGradient * g + ofMean * s.0) / (correction * s.1.squareRoot() + epsilon)
    }
    UpdateLanes.update(target, at, count, gradient, slots: 2, step)
  }
}
