import KernelTable

/// Divides the gradient by the root of the sum of all its squares so far (Duchi, Hazan and Singer, 2011).
struct Adagrad: OptimizerDefinition {
  var initialAccumulator = 0.1
  var epsilon = Epsilon()

  static let learningRate = 0.001
  static let className = "Adagrad"
  static let doc = """
    Divides the gradient by the root of the sum of its squares: s = s + g^2, w = w - rate * g / (sqrt(s) + epsilon); s begins with \
    initial_accumulator_value. Example: Adagrad{1e-3, epsilon=1e-7}
    """
  static let fields: [Field<Adagrad>] = [
    Field(
      "initial_accumulator_value", \.initialAccumulator, check: .notNegative, "With what the sum of squares begins."),
    Field("epsilon", \.epsilon, "Keeps the divisor away from zero."),
  ]

  var slots: [Slot] { [Slot("accumulator", initial: initialAccumulator)] }
  static let numberCount = 2

  func writeNumbers(_ step: OptimizerMoment, to out: UnsafeMutablePointer<Float>) {
    out[0] = Float(step.rate)
    out[1] = Float(epsilon.value)
  }

  let rule: RowUpdate = { count, gradient, at, target in
    let (rate, epsilon) = (target.numbers[0], target.numbers[1])
    @inline(__always) func step(_ g: UpdateLanes.Lane, _ w: inout UpdateLanes.Lane, _ s: inout UpdateLanes.Slots) {
      s.0 += g * g
      w -= rate * g / (s.0.squareRoot() + epsilon)
    }
    UpdateLanes.update(target, at, count, gradient, slots: 1, step)
  }
}
