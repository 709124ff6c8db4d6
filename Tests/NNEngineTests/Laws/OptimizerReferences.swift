import Glibc

@testable import NNEngine

/// Keras's optimizers on one number, in double precision: what every rule is compared with. An optimizer of the registry without a
/// reference fails the suite (`OptimizerLaws`).
struct OptimizerReference: Sendable {
  let className: String
  let arguments: @Sendable () -> [(String, Value)]
  /// With what is kept beside the weight, slot by slot, before the first step.
  let initial: [Double]
  /// state: the weight, then the slots; the gradient; the number of the step, from 1.
  let step: @Sendable (inout [Double], Double, Int) -> Void

  init(
    _ className: String, _ arguments: @escaping @autoclosure @Sendable () -> [(String, Value)] = [],
    slots initial: [Double], _ step: @escaping @Sendable (inout [Double], Double, Int) -> Void
  ) {
    self.className = className
    self.arguments = arguments
    self.initial = initial
    self.step = step
  }

  /// How many numbers are kept beside the weight.
  var slots: Int { initial.count }

  var label: String {
    className + "(" + arguments().map { "\($0.0)=\($0.1.text)" }.joined(separator: ", ") + ")"
  }

  func optimizer() throws -> Optimizer { try Optimizer.make(className, Arguments([], Value.Table(arguments()))) }
}

enum OptimizerReferences {
  static let all: [OptimizerReference] = descents + rootMeanSquares + moments + others

  private static let descents: [OptimizerReference] = [
    OptimizerReference("SGD", slots: []) { s, g, _ in s[0] -= 0.01 * g },
    OptimizerReference("SGD", [("learning_rate", .number(0.1)), ("momentum", .number(0.9))], slots: [0]) { s, g, _ in
      s[1] = 0.9 * s[1] - 0.1 * g
      s[0] += s[1]
    },
    OptimizerReference(
      "SGD", [("learning_rate", .number(0.1)), ("momentum", .number(0.9)), ("nesterov", .bool(true))], slots: [0]
    ) { s, g, _ in
      s[1] = 0.9 * s[1] - 0.1 * g
      s[0] += 0.9 * s[1] - 0.1 * g
    },
    OptimizerReference(
      "SGD", [("learning_rate", .number(0.1)), ("weight_decay", .number(0.5)), ("decay", .number(0.25))], slots: []
    ) { s, g, t in
      let rate = 0.1 / (1 + 0.25 * Double(t - 1))
      s[0] -= rate * 0.5 * s[0]
      s[0] -= rate * g
    },
    OptimizerReference("Lion", [("learning_rate", .number(0.01))], slots: [0]) { s, g, _ in
      let mean = 0.9 * s[1] + 0.1 * g
      s[0] -= 0.01 * (mean > 0 ? 1 : mean < 0 ? -1 : 0)
      s[1] = 0.99 * s[1] + 0.01 * g
    },
  ]

  private static let rootMeanSquares: [OptimizerReference] = [
    OptimizerReference("RMSprop", slots: [0]) { s, g, _ in
      s[1] = 0.9 * s[1] + 0.1 * g * g
      s[0] -= 0.001 * g / (s[1].squareRoot() + 1e-7)
    },
    OptimizerReference(
      "RMSprop", [("learning_rate", .number(0.01)), ("rho", .number(0.8)), ("epsilon", .number(1e-3))], slots: [0]
    ) { s, g, _ in
      s[1] = 0.8 * s[1] + 0.2 * g * g
      s[0] -= 0.01 * g / (s[1].squareRoot() + 1e-3)
    },
    OptimizerReference(
      "RMSprop", [("learning_rate", .number(0.01)), ("epsilon", .number(1e-3)), ("centered", .bool(true))],
      slots: [0, 0]
    ) { s, g, _ in
      s[1] = 0.9 * s[1] + 0.1 * g * g
      s[2] = 0.9 * s[2] + 0.1 * g
      s[0] -= 0.01 * g / (max(0, s[1] - s[2] * s[2]).squareRoot() + 1e-3)
    },
    OptimizerReference(
      "RMSprop", [("learning_rate", .number(0.01)), ("epsilon", .number(1e-3)), ("momentum", .number(0.5))],
      slots: [0, 0]
    ) { s, g, _ in
      s[1] = 0.9 * s[1] + 0.1 * g * g
      s[2] = 0.5 * s[2] + 0.01 * g / (s[1] + 1e-3).squareRoot()
      s[0] -= s[2]
    },
    OptimizerReference(
      "RMSprop",
      [
        ("learning_rate", .number(0.01)), ("epsilon", .number(1e-3)), ("momentum", .number(0.5)),
        ("centered", .bool(true)),
      ], slots: [0, 0, 0]
    ) { s, g, _ in
      s[1] = 0.9 * s[1] + 0.1 * g * g
      s[3] = 0.9 * s[3] + 0.1 * g
      s[2] = 0.5 * s[2] + 0.01 * g / (max(0, s[1] - s[3] * s[3]) + 1e-3).squareRoot()
      s[0] -= s[2]
    },
    OptimizerReference("Adagrad", [("learning_rate", .number(0.1))], slots: [0.1]) { s, g, _ in
      s[1] += g * g
      s[0] -= 0.1 * g / (s[1].squareRoot() + 1e-7)
    },
    OptimizerReference("Adadelta", [("learning_rate", .number(1)), ("epsilon", .number(1e-3))], slots: [0, 0]) {
      s, g, _ in
      s[1] = 0.95 * s[1] + 0.05 * g * g
      let d = ((s[2] + 1e-3) / (s[1] + 1e-3)).squareRoot() * g
      s[0] -= d
      s[2] = 0.95 * s[2] + 0.05 * d * d
    },
  ]

  private static let moments: [OptimizerReference] = [
    OptimizerReference("Adam", [("learning_rate", .number(0.01))], slots: [0, 0]) { s, g, t in
      s[0] -= adam(&s, g, t, rate: 0.01) { $0 }
    },
    OptimizerReference("Adam", [("learning_rate", .number(0.01)), ("amsgrad", .bool(true))], slots: [0, 0, 0]) {
      s, g, t in
      var largest = s[3]
      let step = adam(&s, g, t, rate: 0.01) { v in
        largest = max(largest, v)
        return largest
      }
      s[0] -= step
      s[3] = largest
    },
    OptimizerReference("AdamW", [("learning_rate", .number(0.01)), ("weight_decay", .number(0.5))], slots: [0, 0]) {
      s, g, t in
      s[0] -= 0.01 * 0.5 * s[0]
      s[0] -= adam(&s, g, t, rate: 0.01) { $0 }
    },
    OptimizerReference("Adamax", [("learning_rate", .number(0.01))], slots: [0, 0]) { s, g, t in
      s[1] = 0.9 * s[1] + 0.1 * g
      s[2] = max(0.999 * s[2], g.magnitude)
      s[0] -= 0.01 / (1 - power(0.9, t)) * s[1] / (s[2] + 1e-7)
    },
    OptimizerReference("Nadam", [("learning_rate", .number(0.01))], slots: [0, 0]) { s, g, t in
      func momentum(_ t: Int) -> Double { 0.9 * (1 - 0.5 * pow(0.96, 0.004 * Double(t))) }
      let product = (1...t).reduce(1) { $0 * momentum($1) }
      s[1] = 0.9 * s[1] + 0.1 * g
      s[2] = 0.999 * s[2] + 0.001 * g * g
      let mean =
        (1 - momentum(t)) * g / (1 - product) + momentum(t + 1) * s[1] / (1 - product * momentum(t + 1))
      s[0] -= 0.01 * mean / ((s[2] / (1 - power(0.999, t))).squareRoot() + 1e-7)
    },
  ]

  private static let others: [OptimizerReference] = [
    OptimizerReference("Ftrl", [("learning_rate", .number(0.1))], slots: [0.1, 0]) { s, g, _ in
      ftrl(&s, g) { $0.squareRoot() }
    },
    OptimizerReference(
      "Ftrl",
      [
        ("learning_rate", .number(0.1)), ("learning_rate_power", .number(-0.25)),
        ("l1_regularization_strength", .number(0.05)), ("l2_regularization_strength", .number(0.1)),
        ("l2_shrinkage_regularization_strength", .number(0.2)), ("beta", .number(0.5)),
      ], slots: [0.1, 0]
    ) { s, g, _ in ftrl(&s, g, l1: 0.05, l2: 0.1 + 0.5 / 0.2, shrinkage: 0.2) { pow($0, 0.25) } },
  ]

  private static func power(_ x: Double, _ n: Int) -> Double { pow(x, Double(n)) }

  /// What Adam takes from the weight; `divisor` may replace the mean square.
  private static func adam(
    _ s: inout [Double], _ g: Double, _ t: Int, rate: Double, _ divisor: (Double) -> Double
  ) -> Double {
    s[1] = 0.9 * s[1] + 0.1 * g
    s[2] = 0.999 * s[2] + 0.001 * g * g
    return rate * (1 - power(0.999, t)).squareRoot() / (1 - power(0.9, t)) * s[1] / (divisor(s[2]).squareRoot() + 1e-7)
  }

  private static func ftrl(
    _ s: inout [Double], _ g: Double, l1: Double = 0, l2: Double = 0, shrinkage: Double = 0,
    _ raised: (Double) -> Double
  ) {
    let n = s[1] + g * g
    s[2] += g + 2 * shrinkage * s[0] - (raised(n) - raised(s[1])) / 0.1 * s[0]
    s[1] = n
    s[0] = s[2].magnitude <= l1 ? 0 : ((s[2] > 0 ? l1 : -l1) - s[2]) / (raised(n) / 0.1 + 2 * l2)
  }
}
