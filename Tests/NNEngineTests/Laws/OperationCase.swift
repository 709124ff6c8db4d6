import Testing

@testable import NNEngine

/// One use of an operation, on inputs whose size depends on one extent n. Declared once (`OperationCases`); every law of
/// `OperationLaws` is applied to it.
struct OperationCase: Sendable, CustomTestStringConvertible {
  /// What numbers an input holds.
  enum Domain: Sendable {
    /// −2 … 2, never near 0.
    case any
    /// 0.2 … 2
    case positive
    /// 0.05 … 0.95
    case unit
    /// 0 or 1
    case bits
    /// 0 ..< n, whole
    case classes(Int)
    /// Rows that sum to 1.
    case distribution
  }

  /// What the results must be.
  enum Meaning: Sendable {
    /// Numbers, from the inputs in double precision.
    case numbers(@Sendable ([Array64]) -> [[Double]])
    /// The same in small operations, which have laws of their own.
    case definition(@Sendable ([Symbol]) throws -> [Symbol])
  }

  enum Derivative: Sendable {
    /// With respect to these inputs; nothing flows to the others.
    case of([Int])
    /// There is none, and asking is an error that says so.
    case refused(String)
  }

  /// The Swift type's name.
  let operation: String
  let label: String
  let inputs: @Sendable (Int) -> [(shape: [Int], domain: Domain)]
  let derivative: Derivative
  let meaning: Meaning
  let build: @Sendable ([Symbol]) throws -> [Symbol]
  /// Allowed distance from the meaning, relative to the largest magnitude in a result.
  let tolerance: Double
  /// An n at which the work is cut for threads.
  let large: Int

  init(
    _ operation: any Operation.Type, _ label: String = "", derivative: Derivative = .of([0]),
    tolerance: Double = 1e-6, large: Int = 35_000,
    _ inputs: @escaping @Sendable (Int) -> [(shape: [Int], domain: Domain)], _ meaning: Meaning,
    _ build: @escaping @Sendable ([Symbol]) throws -> [Symbol]
  ) {
    self.operation = String(describing: operation)
    self.label = label
    self.inputs = inputs
    self.derivative = derivative
    self.meaning = meaning
    self.build = build
    self.tolerance = tolerance
    self.large = large
  }

  var testDescription: String { label.isEmpty ? operation : "\(operation) \(label)" }

  /// The same numbers at each call.
  func sample(_ n: Int) throws -> [Tensor] {
    var numbers = TestNumbers(testDescription.utf8.reduce(UInt64(n)) { $0 &* 31 &+ UInt64($1) })
    return try inputs(n).map { shape, domain in
      let count = shape.reduce(1, *)
      var values: [Float] = []
      for _ in 0..<count {
        let u = numbers.next()
        switch domain {
        case .any: values.append(u < 0 ? 2 * u - 0.1 : 2 * u + 0.1)
        case .positive: values.append(1.1 + 0.9 * u)
        case .unit, .distribution: values.append(0.5 + 0.45 * u)
        case .bits: values.append(u < 0 ? 0 : 1)
        case .classes(let n): values.append(Float(min(n - 1, Int((u + 1) / 2 * Float(n)))))
        }
      }
      if case .distribution = domain, let width = shape.last, width > 0 {
        for start in stride(from: 0, to: count, by: width) {
          let sum = values[start..<start + width].reduce(0, +)
          for i in start..<start + width { values[i] /= sum }
        }
      }
      return try Tensor(values, shape: Shape(shape))
    }
  }

  /// Variables with the values of `tensors`, and their symbols.
  static func symbols(_ tensors: [Tensor]) throws -> [Symbol] { try tensors.map(Evaluate.input) }
}
