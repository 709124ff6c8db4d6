import KernelTable

/// Scales the gradient by the ratio of two running root mean squares, the steps' and its own (Zeiler, 2012).
struct Adadelta: OptimizerDefinition {
  var rho = 0.95
  var epsilon = Epsilon()

  static let learningRate = 0.001
  static let className = "Adadelta"
  static let doc = """
    Scales the gradient by two running mean squares: s = rho * s + (1 - rho) * g^2, d = sqrt((a + epsilon) / (s + epsilon)) * g, \
    w = w - rate * d, a = rho * a + (1 - rho) * d^2. The original method has rate 1. Example: Adadelta{1.0, rho=0.95}
    """
  static let fields: [Field<Adadelta>] = [
    Field("rho", \.rho, check: .range(0..<1), "Share of the old mean squares that is kept."),
    Field("epsilon", \.epsilon, "Added under both roots."),
  ]

  let slots = [Slot("accum_grad"), Slot("accum_var")]
  static let numberCount = 4

  func writeNumbers(_ step: OptimizerMoment, to out: UnsafeMutablePointer<Float>) {
    out[0] = Float(step.rate)
    out[1] = Float(rho)
    out[2] = Float(1 - rho)
    out[3] = Float(epsilon.value)
  }

  let rule: RowUpdate = { count, gradient, at, target in
    let h = target.numbers
    let (rate, rho, share, epsilon) = (h[0], h[1], h[2], h[3])
    @inline(__always) func step(_ g: UpdateLanes.Lane, _ w: inout UpdateLanes.Lane, _ s: inout UpdateLanes.Slots) {
      s.0 = rho * s.0 + share * (g * g)
      let d = ((s.1 + epsilon) / (s.0 + epsilon)).squareRoot() * g
      w -= rate * d
      s.1 = rho * s.1 + share * (d * d)
    }
    UpdateLanes.update(target, at, count, gradient, slots: 2, step)
  }
}
