import Glibc

@testable import NNEngine

/// The functions of one variable in double precision, and where to try them.
enum ScalarReferences {
  struct Reference: Sendable {
    var parameters: (Float, Float, Float) = (0, 0, 0)
    var domain = OperationCase.Domain.any
    var isDifferentiable = true
    let f: @Sendable (Double) -> Double
  }

  /// By name; several where parameters matter.
  static let all: [(name: String, reference: Reference)] = [
    ("linear", Reference { $0 }),
    ("relu", Reference(parameters: (.infinity, 0, 0)) { max($0, 0) }),
    (
      "relu",
      Reference(parameters: (1.5, 0.25, 0.3)) {
        $0 >= 1.5 ? 1.5 : $0 >= Double(Float(0.3)) ? $0 : 0.25 * ($0 - Double(Float(0.3)))
      }
    ),
    ("relu", Reference(parameters: (.infinity, -0.5, 0)) { $0 >= 0 ? $0 : -0.5 * $0 }),
    ("elu", Reference(parameters: (1, 0, 0)) { $0 > 0 ? $0 : expm1($0) }),
    ("elu", Reference(parameters: (0.5, 0, 0)) { $0 > 0 ? $0 : 0.5 * expm1($0) }),
    ("elu", Reference(parameters: (-0.5, 0, 0)) { $0 > 0 ? $0 : -0.5 * expm1($0) }),
    ("selu", Reference { 1.0507009873554805 * ($0 > 0 ? $0 : 1.6732632423543772 * expm1($0)) }),
    ("tanh", Reference { tanh($0) }),
    ("sigmoid", Reference { 1 / (1 + exp(-$0)) }),
    ("softplus", Reference { log1p(exp($0)) }),
    ("softsign", Reference { $0 / (1 + abs($0)) }),
    ("hard_sigmoid", Reference { min(max(0.2 * $0 + 0.5, 0), 1) }),
    ("swish", Reference { $0 / (1 + exp(-$0)) }),
    ("gelu", Reference { 0.5 * $0 * erfc(-$0 / 2.0.squareRoot()) }),
    (
      "gelu_approximate",
      Reference { x in
        let u = (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)
        return 0.5 * x * (1 + tanh(u))
      }
    ),
    ("mish", Reference { $0 * tanh(log1p(exp($0))) }),
    ("thresholded_relu", Reference(parameters: (0.5, 0, 0)) { $0 > 0.5 ? $0 : 0 }),
    ("log_cosh", Reference { log(cosh($0)) }),
    ("exp", Reference { exp($0) }),
    ("expm1", Reference { expm1($0) }),
    ("log", Reference(domain: .positive) { log($0) }),
    ("log1p", Reference(domain: .positive) { log1p($0) }),
    ("square", Reference { $0 * $0 }),
    ("sqrt", Reference(domain: .positive) { $0.squareRoot() }),
    ("rsqrt", Reference(domain: .positive) { 1 / $0.squareRoot() }),
    ("reciprocal", Reference { 1 / $0 }),
    ("negative", Reference { -$0 }),
    ("abs", Reference { abs($0) }),
    ("sign", Reference(isDifferentiable: false) { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }),
    ("erf", Reference { erf($0) }),
    ("floor", Reference(isDifferentiable: false) { $0.rounded(.down) }),
    ("ceil", Reference(isDifferentiable: false) { $0.rounded(.up) }),
    ("round", Reference(isDifferentiable: false) { $0.rounded(.toNearestOrEven) }),
    ("sin", Reference { sin($0) }),
    ("cos", Reference { cos($0) }),
    ("isnan", Reference(isDifferentiable: false) { $0.isNaN ? 1 : 0 }),
    ("isfinite", Reference(isDifferentiable: false) { $0.isFinite ? 1 : 0 }),
    ("logical_not", Reference(domain: .bits, isDifferentiable: false) { $0 == 0 ? 1 : 0 }),
    ("clip", Reference(parameters: (-0.75, 1.25, 0)) { min(max($0, -0.75), 1.25) }),
  ]

  /// f′ by central differences.
  static func slope(_ f: (Double) -> Double, _ x: Double) -> Double {
    let h = 1e-6
    return (f(x + h) - f(x - h)) / (2 * h)
  }
}
