import KernelTable

/// Stochastic gradient descent, with momentum and Nesterov's look-ahead, as Keras writes them: the velocity contains the rate.
struct SGD: OptimizerDefinition {
  var momentum = 0.0
  var nesterov = false

  static let learningRate = 0.01
  static let className = "SGD"
  static let doc = """
    Gradient descent: w = w - rate * g. With momentum m: v = m * v - rate * g, w = w + v; with nesterov: w = w + m * v - rate * g. \
    Example: SGD{learning_rate=1e-3, momentum=0.9, nesterov=true}
    """
  static let fields: [Field<SGD>] = [
    Field("momentum", \.momentum, check: .range(0...1), "Share of the velocity that is kept."),
    Field("nesterov", \.nesterov, "Whether to look ahead along the velocity."),
  ]

  func validate() throws(NNError) {
    if nesterov && momentum == 0 { throw .invalid("SGD: 'nesterov' has no effect without 'momentum'") }
  }

  var slots: [Slot] { momentum == 0 ? [] : [Slot("momentum")] }
  var variant: String { momentum == 0 ? "" : nesterov ? "nesterov" : "momentum" }
  var isPlainDescent: Bool { momentum == 0 }
  static let numberCount = 2

  func writeNumbers(_ step: OptimizerMoment, to out: UnsafeMutablePointer<Float>) {
    out[0] = Float(step.rate)
    out[1] = Float(momentum)
  }

  var rule: RowUpdate { momentum == 0 ? SGD.plain : nesterov ? SGD.lookAhead : SGD.heavyBall }

  private static let plain: RowUpdate = { count, gradient, at, target in
    let rate = target.numbers[0]
    @inline(__always) func step(_ g: UpdateLanes.Lane, _ w: inout UpdateLanes.Lane, _ _: inout UpdateLanes.Slots) {
      w -= rate * g
    }
    UpdateLanes.update(target, at, count, gradient, slots: 0, step)
  }

  private static let heavyBall: RowUpdate = { count, gradient, at, target in
    let (rate, m) = (target.numbers[0], target.numbers[1])
    @inline(__always) func step(_ g: UpdateLanes.Lane, _ w: inout UpdateLanes.Lane, _ s: inout UpdateLanes.Slots) {
      s.0 = m * s.0 - rate * g
      w += s.0
    }
    UpdateLanes.update(target, at, count, gradient, slots: 1, step)
  }

  private static let lookAhead: RowUpdate = { count, gradient, at, target in
    let (rate, m) = (target.numbers[0], target.numbers[1])
    @inline(__always) func step(_ g: UpdateLanes.Lane, _ w: inout UpdateLanes.Lane, _ s: inout UpdateLanes.Slots) {
      s.0 = m * s.0 - rate * g
      w += m * s.0 - rate * g
    }
    UpdateLanes.update(target, at, count, gradient, slots: 1, step)
  }
}
