import Testing

@testable import NNEngine

/// The chapter's table of initializers, and the plain ones, by the moments and limits of a million draws. Every tolerance is five
/// standard errors.
@Suite("Initializers: variances and limits")
struct InitializerTableTests {
  private static let count = 1_000_000.0

  /// "Initialization parameters for each type of activation function": Glorot for none, tanh, sigmoid, softmax: 1/fan_avg; He for ReLU
  /// and its kin: 2/fan_in; LeCun for SELU: 1/fan_in.
  static let table: [(initializer: String, activations: [String], scale: Double, fan: @Sendable (Fans) -> Double)] = [
    ("glorot", ["linear", "tanh", "sigmoid", "softmax"], 1, { ($0.input + $0.output) / 2 }),
    ("he", ["relu", "leaky_relu", "elu"], 2, { $0.input }), ("lecun", ["selu"], 1, { $0.input }),
  ]

  /// Four even moments' worth of a distribution of variance 1.
  struct Distribution {
    let name: String
    let kurtosis: Double
    /// The largest value there can be.
    let limit: Double
  }
  /// Uniform: √3 and 9/5. Normal, cut at two deviations: variance 1 − 4φ(2)/(2Φ(2) − 1) = 0.7737413 of the whole one, so that the cut is at
  /// 2/√0.7737413, and the fourth moment 3 − 28φ(2)/(2Φ(2) − 1) = 1.4161894.
  static let distributions = [
    Distribution(name: "uniform", kurtosis: 1.8, limit: 1.7320508),
    Distribution(name: "normal", kurtosis: 2.3655317, limit: 2.2736945),
  ]

  private static func check(_ values: [Float], variance: Double, _ distribution: Distribution, _ what: String) {
    let n = Double(values.count)
    let mean = values.reduce(0) { $0 + Double($1) } / n
    let second = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / n
    let fourth = values.reduce(0) { sum, x in
      let square = (Double(x) - mean) * (Double(x) - mean)
      return sum + square * square
    }
    let kurtosis = fourth / n / (second * second)
    let largest = values.reduce(0) { max($0, Double(abs($1))) }
    #expect(abs(mean) < 5 * (variance / n).squareRoot(), "\(what): mean \(mean)")
    let error = 5 * ((distribution.kurtosis - 1) / n).squareRoot()
    #expect(abs(second / variance - 1) < error, "\(what): variance \(second), expected \(variance)")
    #expect(abs(kurtosis - distribution.kurtosis) < 0.03, "\(what): kurtosis \(kurtosis)")
    guard distribution.limit.isFinite else { return }
    let limit = distribution.limit * variance.squareRoot()
    #expect(largest <= limit * (1 + 1e-6) && largest > limit * 0.9999, "\(what): largest \(largest), limit \(limit)")
  }

  @Test("the chapter's table", arguments: [[1000, 1000], [500, 2000], [4000, 250]])
  func chapter(_ shape: [Int]) throws {
    let shape = try Shape(shape)
    for row in Self.table {
      for activation in row.activations { #expect(try Activation.decode(.string(activation)) != nil) }
      let variance = row.scale / row.fan(Fans(of: shape))
      for distribution in Self.distributions {
        let name = "\(row.initializer)_\(distribution.name)"
        let values = try #require(try Initializer.decode(.string(name))).tensor(shape: shape).values
        Self.check(values, variance: variance, distribution, "\(name) \(shape)")
      }
    }
  }

  /// VarianceScaling in every mode and distribution.
  @Test("VarianceScaling", arguments: ["fan_in", "fan_out", "fan_avg"])
  func scaling(_ mode: String) throws {
    let shape = try Shape([400, 2500])
    let fan: Double = ["fan_in": 400, "fan_out": 2500, "fan_avg": 1450][mode] ?? 0
    let normal = Distribution(name: "untruncated_normal", kurtosis: 3, limit: .infinity)
    let all = [("uniform", Self.distributions[0]), ("truncated_normal", Self.distributions[1])]
    for (name, distribution) in all + [("untruncated_normal", normal), ("normal", Self.distributions[1])] {
      let config = Value.Table([
        ("scale", .number(1.7)), ("mode", .string(mode)), ("distribution", .string(name)),
      ])
      let initializer = try Initializer.registry.entry("VarianceScaling").make(Arguments([], config))
      Self.check(
        try initializer.tensor(shape: shape).values, variance: 1.7 / fan, distribution, "\(mode), \(name)")
    }
  }

  /// By fixture: what Keras's class does at its defaults. A cut normal stays as narrow as the cut makes it.
  static let plain: [(fixture: String, variance: Double, distribution: Distribution)] = [
    ("RandomNormal_default", 0.0025, Distribution(name: "normal", kurtosis: 3, limit: .infinity)),
    ("RandomUniform_default", 0.0025 / 3, distributions[0]),
    ("TruncatedNormal_default", 0.0025 * 0.7737413, distributions[1]),
  ]

  @Test("plain random numbers", arguments: plain.map(\.fixture))
  func plainNumbers(_ fixture: String) throws {
    let row = try #require(Self.plain.first { $0.fixture == fixture })
    let name = String(fixture.prefix { $0 != "_" })
    let values = try Initializer.registry.entry(name).make(Arguments()).tensor(shape: Shape([1000, 1000])).values
    Self.check(values, variance: row.variance, row.distribution, name)
    // Keras's own sample has the same deviation, so far as so few draws can say.
    let expected = try Fixtures.named(.initializers, fixture)
    let deviation = try expected.number("sample_std")
    #expect(abs(deviation / row.variance.squareRoot() - 1) < 0.05, "\(name): Keras has \(deviation)")
  }

  static let constants: [(fixture: String, name: String, argument: Double?)] = [
    ("Zeros", "Zeros", nil), ("Ones", "Ones", nil), ("Constant_.3", "Constant", 0.3), ("Identity_gain2", "Identity", 2),
  ]

  @Test("constants: as Keras's sample of 100 × 100", arguments: constants.map(\.fixture))
  func constantValues(_ fixture: String) throws {
    let row = try #require(Self.constants.first { $0.fixture == fixture })
    let initializer = try Initializer.registry.entry(row.name).make(
      Arguments(row.argument.map { [.number($0)] } ?? []))
    let values = try initializer.tensor(shape: Shape([100, 100])).values.map(Double.init)
    let mean = values.reduce(0, +) / 10_000
    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 10_000).squareRoot()
    let expected = try Fixtures.named(.initializers, fixture)
    let right = try ["mean", "std", "min", "max"].map { try expected.number("sample_" + $0) }
    expectClose([mean, deviation, values.min() ?? 0, values.max() ?? 0], right, relative: 1e-6, absolute: 1e-7)
  }
}
