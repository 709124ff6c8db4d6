import Testing

@testable import NNEngine

/// Every activation, as a function and as a layer, against Keras's numbers from −∞ to ∞.
@Suite("Activations are Keras's")
struct ActivationFixtureTests {
  /// Keras's own values that are artefacts of how it computes them; at kinks any slope between the sides' is as good.
  static let artefacts: [(name: String, x: Double, isSlopeOnly: Bool)] = [
    // tanh is −1 there, and 1 + tanh nothing; the function is −2.3e-7.
    ("gelu_approximate", -5, false),
    // Keras multiplies −∞ by 0; the function goes to −∞.
    ("relu_slope0.1_max6_threshold1", -.infinity, false), ("layer_ReLU_max_value6", -.infinity, false),
    ("relu_slope0.1_max6_threshold1", 1, true), ("layer_ReLU_max_value6", 1, true),
    ("relu_slope0.1_max6_threshold1", 6, true), ("layer_ReLU_max_value6", 6, true),
  ]

  static let cases: [FixtureTable] = (try? Fixtures.cases(.activations).filter { $0.has("dydx") }) ?? []
  static let later: [FixtureTable] =
    ((try? Fixtures.cases(.activations, of: .tfkeras)) ?? [])
    + ((try? Fixtures.cases(.activations, of: .keras3).filter { $0.has("dydx") }) ?? [])

  /// What a case applies: a layer, or an activation by the name that begins the case's name.
  static func emit(_ expected: FixtureTable, _ x: Symbol) throws -> Symbol {
    if expected.has("params"), try expected.table("params").has("layer") {
      let layer = try Layer.make(expected.table("params").string("layer"), expected.arguments())
      return try layer.call(x.reshaped([1, x.shape.count]), CallContext(training: false)).reshaped([x.shape.count])
    }
    let name = Coverage.name(expected)
    let entry = try #require(
      Activation.registry.entries.filter { entry in
        ([entry.name] + entry.aliases).contains { name == $0 || name.hasPrefix($0 + "_") }
      }.max { $0.name.count < $1.name.count })
    return try entry.make(expected.arguments())(x)
  }

  /// At ±50, ±1e3, ±∞, NaN, and between.
  @Test("values and slopes", arguments: cases + later)
  func elementwise(_ expected: FixtureTable) throws {
    let name = Coverage.name(expected)
    let x = try Evaluate.input(expected.array("x"))
    let y = try Self.emit(expected, x)
    let slope = try #require(try Symbol.gradients(of: y, for: [x])[0])
    let values = try Evaluate.values(y, slope)
    let (given, wanted, slopes) = (try expected.array("x"), try expected.array("y"), try expected.array("dydx"))
    for (i, point) in given.data.enumerated() {
      let artefact = Self.artefacts.first { name.hasPrefix($0.name) && $0.x == point }
      if artefact?.isSlopeOnly == false { continue }
      // What Keras flushes to 0 or lets cancel is below 1e-7.
      expectClose(values[0].values[i], wanted.data[i], relative: 3e-6, absolute: 1e-7, "\(name)(\(point))")
      // A NaN has no slope; and at the kink Keras takes −1e-8 for 0.
      guard artefact == nil, !point.isNaN, point == 0 || abs(point) > 1e-6 else { continue }
      expectClose(values[1].values[i], slopes.data[i], relative: 1e-5, absolute: 5e-7, "\(name)′(\(point))")
    }
  }

  static let rowCases: [(Fixtures.Library, String)] = [
    (.tf21, "softmax"), (.tf21, "softmax_axis1"), (.keras3, "log_softmax"),
  ]

  @Test("rows: values and gradients", arguments: rowCases)
  func rows(_ library: Fixtures.Library, _ name: String) throws {
    let expected = try Fixtures.named(.activations, name, of: library)
    let x = try Evaluate.input(expected.array("x"))
    let activation = try Activation.registry.entry(name == "log_softmax" ? name : "softmax").make(expected.arguments())
    let y = try activation(x)
    let loss = try (y * .literal(Evaluate.tensor(expected.array("upstream")))).sum()
    let dx = try #require(try Symbol.gradients(of: loss, for: [x])[0])
    let values = try Evaluate.values(y, dx)
    expectClose(values[0].values, try expected.array("y"), relative: 2e-6, absolute: 1e-7, "y")
    expectClose(values[1].values, try expected.array("dx"), relative: 1e-5, absolute: 2e-7, "dx")
    // The layer is the same function.
    guard name != "log_softmax" else { return }
    let layer = try Layer.make("Softmax", expected.arguments())
    let same = try Evaluate.values(layer.call(x, CallContext(training: false)))[0]
    #expect(haveSameBits(same.values, values[0].values))
  }

  @Test("gelu keeps its digits in the left tail", arguments: [-2.0, -5, -8, -10, -13])
  func tail(_ x: Double) throws {
    let gelu = try #require(try Activation.decode(.string("gelu")))
    let y = try Evaluate.values(gelu(Evaluate.input([Float(x)], [1])))[0].values[0]
    // x Φ(x) by a library of arbitrary precision.
    let exact: [Double: Double] = [
      -2: -0.045500263896358414, -5: -1.4332578593959696e-6, -8: -4.9767684594174273e-15,
      -10: -7.6198530241605261e-23, -13: -7.9523137194148436e-38,
    ]
    expectClose(y, try #require(exact[x]), relative: 2e-6)
  }

  @Test("every case of the file is run")
  func coverage() throws {
    let run = Self.cases.count + 2 + 1  // softmax twice; PReLU is tested with the layers
    #expect(try run == Fixtures.cases(.activations).count)
    #expect(Self.later.count == 7)
    try Coverage(.activations, skipping: []).report(run: run)
  }
}
