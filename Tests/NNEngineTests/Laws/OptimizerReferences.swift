@testable import NNEngine

/// Keras's optimizers on one number, in double precision: what every rule is compared with. An optimizer of the registry without a
/// reference fails the suite (`OptimizerLaws`).
struct OptimizerReference: Sendable {
  let className: String
  let arguments: @Sendable () -> [(String, Value)]
  /// How many numbers are kept beside the weight.
  let slots: Int
  /// state: the weight, then the slots.
  let step: @Sendable (inout [Double], Double) -> Void

  var label: String {
    className + "(" + arguments().map { "\($0.0)=\($0.1.text)" }.joined(separator: ", ") + ")"
  }

  func optimizer() throws -> Optimizer { try Optimizer.make(className, Arguments([], Value.Table(arguments()))) }
}

enum OptimizerReferences {
  static let all: [OptimizerReference] = [
    OptimizerReference(className: "SGD", arguments: { [] }, slots: 0) { s, g in s[0] -= 0.01 * g },
    OptimizerReference(
      className: "SGD", arguments: { [("learning_rate", .number(0.1)), ("momentum", .number(0.9))] }, slots: 1
    ) { s, g in
      s[1] = 0.9 * s[1] - 0.1 * g
      s[0] += s[1]
    },
    OptimizerReference(
      className: "SGD",
      arguments: { [("learning_rate", .number(0.1)), ("momentum", .number(0.9)), ("nesterov", .bool(true))] }, slots: 1
    ) { s, g in
      s[1] = 0.9 * s[1] - 0.1 * g
      s[0] += 0.9 * s[1] - 0.1 * g
    },
    OptimizerReference(className: "RMSprop", arguments: { [] }, slots: 1) { s, g in
      s[1] = 0.9 * s[1] + 0.1 * g * g
      s[0] -= 0.001 * g / (s[1].squareRoot() + 1e-7)
    },
    OptimizerReference(
      className: "RMSprop",
      arguments: { [("learning_rate", .number(0.01)), ("rho", .number(0.8)), ("epsilon", .number(1e-3))] }, slots: 1
    ) { s, g in
      s[1] = 0.8 * s[1] + 0.2 * g * g
      s[0] -= 0.01 * g / (s[1].squareRoot() + 1e-3)
    },
  ]
}
