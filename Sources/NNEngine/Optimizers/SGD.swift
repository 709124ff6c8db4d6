import KernelTable

/// Stochastic gradient descent, with momentum and Nesterov's look-ahead, as Keras writes them: the velocity contains the rate.
struct SGD: OptimizerDefinition {
  var learningRate = 0.01
  var momentum = 0.0
  var nesterov = false

  static let className = "SGD"
  static let doc = """
    Gradient descent: w = w - rate * g. With momentum m: v = m * v - rate * g, w = w + v; with nesterov: w = w + m * v - rate * g. \
    Example: SGD{learning_rate=1e-3, momentum=0.9, nesterov=true}
    """
  static let fields: [Field<SGD>] = [
    Field("learning_rate", \.learningRate, aliases: ["lr"], check: .notNegative, "Step size."),
    Field("momentum", \.momentum, check: .range(0...1), "Share of the velocity that is kept."),
    Field("nesterov", \.nesterov, "Whether to look ahead along the velocity."),
  ]

  func validate() throws(NNError) {
    if nesterov && momentum == 0 { throw .invalid("SGD: 'nesterov' has no effect without 'momentum'") }
  }

  var slots: [String] { momentum == 0 ? [] : ["momentum"] }
  static let hyperparameterCount = 2

  func writeHyperparameters(rate: Double, iterations: Int, to out: UnsafeMutablePointer<Float>) {
    out[0] = Float(rate)
    out[1] = Float(momentum)
  }

  var rule: RowUpdate { momentum == 0 ? SGD.plain : nesterov ? SGD.lookAhead : SGD.heavyBall }

  private typealias Lane = SIMD8<Float>

  private static let plain: RowUpdate = { count, gradient, at, target in
    let rate = target.hyperparameters[0]
    let w = target.weights + at
    var i = 0
    while i &+ 8 <= count {
      UpdateLanes.store(
        UpdateLanes.load(w, i).addingProduct(Lane(repeating: -rate), UpdateLanes.load(gradient, i)), w, i)
      i &+= 8
    }
    while i < count {
      w[i] = w[i].addingProduct(-rate, gradient[i])
      i &+= 1
    }
  }

  private static let heavyBall: RowUpdate = { count, gradient, at, target in
    guard let slot = target.slots.0 else { return }
    let (rate, m) = (target.hyperparameters[0], target.hyperparameters[1])
    let (w, v) = (target.weights + at, slot + at)
    var i = 0
    while i &+ 8 <= count {
      let new = (UpdateLanes.load(v, i) * m).addingProduct(Lane(repeating: -rate), UpdateLanes.load(gradient, i))
      UpdateLanes.store(new, v, i)
      UpdateLanes.store(UpdateLanes.load(w, i) + new, w, i)
      i &+= 8
    }
    while i < count {
      v[i] = (v[i] * m).addingProduct(-rate, gradient[i])
      w[i] += v[i]
      i &+= 1
    }
  }

  private static let lookAhead: RowUpdate = { count, gradient, at, target in
    guard let slot = target.slots.0 else { return }
    let (rate, m) = (target.hyperparameters[0], target.hyperparameters[1])
    let (w, v) = (target.weights + at, slot + at)
    var i = 0
    while i &+ 8 <= count {
      let g = UpdateLanes.load(gradient, i)
      let new = (UpdateLanes.load(v, i) * m).addingProduct(Lane(repeating: -rate), g)
      UpdateLanes.store(new, v, i)
      let ahead = (new * m).addingProduct(Lane(repeating: -rate), g)
      UpdateLanes.store(UpdateLanes.load(w, i) + ahead, w, i)
      i &+= 8
    }
    while i < count {
      v[i] = (v[i] * m).addingProduct(-rate, gradient[i])
      w[i] += (v[i] * m).addingProduct(-rate, gradient[i])
      i &+= 1
    }
  }
}
