import KernelTable

/// Divides the gradient by a running root mean square of itself (Tieleman and Hinton, 2012); Keras's default optimizer.
struct RMSprop: OptimizerDefinition {
  var learningRate = 0.001
  var rho = 0.9
  var epsilon = 1e-7

  static let className = "RMSprop"
  static let doc = """
    Divides the gradient by a running root mean square: s = rho * s + (1 - rho) * g^2, w = w - rate * g / (sqrt(s) + epsilon). \
    Example: RMSprop{1e-3, rho=0.9}
    """
  static let fields: [Field<RMSprop>] = [
    Field("learning_rate", \.learningRate, aliases: ["lr"], check: .notNegative, "Step size."),
    Field("rho", \.rho, check: .range(0..<1), "Share of the old mean square that is kept."),
    Field("epsilon", \.epsilon, check: .notNegative, "Keeps the divisor away from zero."),
  ]

  let slots = ["rms"]
  static let hyperparameterCount = 4

  func writeHyperparameters(rate: Double, iterations: Int, to out: UnsafeMutablePointer<Float>) {
    out[0] = Float(rate)
    out[1] = Float(rho)
    out[2] = Float(1 - rho)
    out[3] = Float(epsilon)
  }

  let rule: RowUpdate = { count, gradient, at, target in
    guard let slot = target.slots.0 else { return }
    let h = target.hyperparameters
    let (rate, rho, share, epsilon) = (h[0], h[1], h[2], h[3])
    let (w, s) = (target.weights + at, slot + at)
    var i = 0
    while i &+ 8 <= count {
      let g = UpdateLanes.load(gradient, i)
      let mean = (UpdateLanes.load(s, i) * rho).addingProduct(g * g, SIMD8(repeating: share))
      UpdateLanes.store(mean, s, i)
      UpdateLanes.store(UpdateLanes.load(w, i) - (g * rate) / (mean.squareRoot() + epsilon), w, i)
      i &+= 8
    }
    while i < count {
      let g = gradient[i]
      s[i] = (s[i] * rho).addingProduct(g * g, share)
      w[i] -= (g * rate) / (s[i].squareRoot() + epsilon)
      i &+= 1
    }
  }
}
