import Testing

@testable import NNEngine

@Suite("Initializers")
struct InitializerTests {
  static let presets = ["glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal"]

  struct Moments {
    var mean = 0.0
    var deviation = 0.0
    var largest = 0.0

    init(_ values: [Float]) {
      let n = Double(values.count)
      mean = values.reduce(0) { $0 + Double($1) } / n
      deviation = (values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / n).squareRoot()
      largest = values.reduce(0) { max($0, Double(abs($1))) }
    }
  }

  /// The initializer of a fixture's name: "he_normal_2_fan_in_…", "VarianceScaling_0.5_fan_out_truncated_normal_…". Seeded: the
  /// largest of some thousand numbers is near its limit almost always, not always.
  static func named(_ name: String) throws -> Initializer {
    if let preset = presets.first(where: name.hasPrefix) {
      return try Initializer.registry.entry(preset).make(Arguments([.integer(1)]))
    }
    let parts = name.split(separator: "_").map(String.init)
    var config = Value.Table([
      ("scale", .number(try #require(Double(parts[1])))), ("mode", .string(parts[2] + "_" + parts[3])),
      ("seed", .integer(1)),
    ])
    config["distribution"] = .string(parts[4..<(parts.count - 1)].joined(separator: "_"))
    return try Initializer.registry.entry("VarianceScaling").make(Arguments([], config))
  }

  @Test("a variable's first value is its initializer's, whenever somebody looks; what is set before that stays")
  func whenever() throws {
    let shape = try Shape([7, 5])
    let entry = try Initializer.registry.entry("GlorotUniform")
    let seeded = try entry.make(Arguments([], Value.Table([("seed", .integer(3))])))
    let expected = try seeded.tensor(shape: shape).values
    let (looked, set) = (try Variable("a", shape), try Variable("b", shape))
    try seeded.initialize(looked)
    try seeded.initialize(set)
    let numbers = try Tensor(expected.map { $0 + 1 }, shape: shape)
    try set.set(numbers)
    #expect(haveSameBits(try looked.value().values, expected))
    #expect(haveSameBits(try set.value().values, numbers.values))
    looked.pointer[0] = 9
    #expect(try looked.value().values[0] == 9)
  }

  static let scalings: [FixtureTable] = {
    let all = (try? Fixtures.cases(.initializers)) ?? []
    return all.filter { $0.has("target_std") }
  }()

  /// Standard deviations and limits as Keras computes them; the sample's own error is that of n draws, five times.
  @Test("VarianceScaling and its presets: the variance and limits of Keras", arguments: scalings)
  func scaling(_ expected: FixtureTable) throws {
    let shape = try Shape(expected.ints("shape"))
    let fans = Fans(of: shape)
    #expect(try fans.input == Double(expected.int("fan_in")))
    #expect(try fans.output == Double(expected.int("fan_out")))
    let name = String(expected.path.dropFirst("initializers/".count))
    let got = Moments(try Self.named(name).tensor(shape: shape).values)
    let target = try expected.number("target_std")
    let error = 5 * target / Double(shape.count).squareRoot()
    #expect(abs(got.mean) < error)
    #expect(abs(got.deviation - target) < error)
    for key in ["limit", "cut"] where expected.has(key) {
      let limit = try expected.number(key)
      #expect(got.largest <= limit * (1 + 1e-6))
      #expect(got.largest > limit * (1 - 30 / Double(shape.count)))
    }
  }

  @Test("there are fixtures for what is tested")
  func present() { #expect(Self.scalings.count == 54) }

  @Test("fans of vectors and scalars")
  func fans() throws {
    #expect(Fans(of: .scalar).input == 1 && Fans(of: .scalar).output == 1)
    #expect(try Fans(of: Shape([7])).input == 7)
    #expect(try Fans(of: Shape([7])).output == 7)
    // A fan of zero must not divide.
    let empty = try Initializer(VarianceScaling()).tensor(shape: Shape([0, 3]))
    #expect(empty.shape.count == 0)
  }

  /// RandomNormal and its relatives at their defaults (0, 0.05; ±0.05): n = 1e6, five standard errors. Cut at ±2 the deviation is
  /// 0.8796 times the given one, and stays so.
  @Test(
    "plain random numbers: moments of a million",
    arguments: [
      ("random_normal", 0.05, 1.0), ("truncated_normal", 0.0439813, 0.1), ("random_uniform", 0.0288675, 0.05),
    ])
  func plain(_ name: String, _ deviation: Double, _ limit: Double) throws {
    let got = Moments(try #require(try Initializer.decode(.string(name))).tensor(shape: Shape([1000, 1000])).values)
    #expect(abs(got.mean) < 5 * deviation / 1000)
    #expect(abs(got.deviation - deviation) < 5 * deviation / 1000)
    #expect(got.largest <= limit)
  }

  @Test("constants")
  func constants() throws {
    let shape = try Shape([2, 2])
    #expect(try #require(try Initializer.decode(.string("zeros"))).tensor(shape: shape).values == [0, 0, 0, 0])
    #expect(try #require(try Initializer.decode(.string("Ones"))).tensor(shape: shape).values == [1, 1, 1, 1])
    let constant = try Initializer.registry.entry("constant").make(Arguments([.number(0.3)]))
    #expect(try constant.tensor(shape: shape).values == [0.3, 0.3, 0.3, 0.3])
  }

  @Test("without a seed every draw is new, with one every draw is the same")
  func seeds() throws {
    let shape = try Shape([10, 10])
    let free = try #require(try Initializer.decode(.string("he_normal")))
    #expect(try free.tensor(shape: shape).values != free.tensor(shape: shape).values)
    let seeded = try Initializer.registry.entry("he_normal").make(Arguments([.integer(42)]))
    #expect(try seeded.tensor(shape: shape).values == seeded.tensor(shape: shape).values)
    let other = try Initializer.registry.entry("he_normal").make(Arguments([.integer(-42)]))
    #expect(try seeded.tensor(shape: shape).values != other.tensor(shape: shape).values)
    let variable = try Variable("kernel", shape)
    try seeded.initialize(variable)
    #expect(try variable.value().values == seeded.tensor(shape: shape).values)
  }

  /// Computed independently (Philox in Python, quantiles with mpmath). They may never change: a seed's weights would.
  @Test("a seed's numbers are the same for ever")
  func frozen() throws {
    let seeded = try Initializer.registry.entry("he_normal").make(Arguments([.integer(42)]))
    let normal = try seeded.tensor(shape: Shape([2, 2])).values.map(\.bitPattern)
    #expect(
      normal
        == [0.3110893101921767, -1.50588238545577, 2.067672391189536, 0.03783160982990561].map { Float($0).bitPattern })
  }

  /// As TensorFlow 2.1 writes them: Glorot's under their own names, the others as VarianceScaling.
  @Test("serialised as Keras 2")
  func serialised() throws {
    func json(_ name: String) throws -> String {
      JSON.text(try #require(try Initializer.decode(.string(name))).encoded)
    }
    #expect(try json("glorot_uniform") == #"{"class_name": "GlorotUniform", "config": {"seed": null}}"#)
    #expect(
      try json("he_normal") == """
        {"class_name": "VarianceScaling", "config": {"scale": 2.0, "mode": "fan_in", \
        "distribution": "truncated_normal", "seed": null}}
        """)
    #expect(try json("zeros") == #"{"class_name": "Zeros", "config": {}}"#)
    #expect(
      try json("random_uniform")
        == #"{"class_name": "RandomUniform", "config": {"minval": -0.05, "maxval": 0.05, "seed": null}}"#)
  }
}
