import Testing

@testable import NNEngine

/// Every loss, in every reduction, with and without weights, against Keras's numbers.
@Suite("Losses are Keras's")
struct LossFixtureTests {
  static let cases: [FixtureTable] =
    ((try? Fixtures.cases(.losses)) ?? []) + ((try? Fixtures.cases(.losses, of: .tfkeras)) ?? [])

  static func loss(_ expected: FixtureTable, reduction: String = "auto") throws -> Loss {
    let name = String(Coverage.name(expected).prefix { $0 != "_" })
    var arguments = try expected.arguments()
    arguments.named["reduction"] = .string(reduction)
    return try Loss.registry.entry(name).make(arguments)
  }

  @Test("each sample's loss, the mean and its gradient", arguments: cases)
  func mean(_ expected: FixtureTable) throws {
    let y = try Evaluate.input(expected.array("y_true"))
    let p = try Evaluate.input(expected.array("y_pred"))
    let perSample = try Self.loss(expected, reduction: "none")(y, p)
    let mean = try Self.loss(expected, reduction: "sum_over_batch_size")(y, p)
    let gradient = try #require(try Symbol.gradients(of: mean, for: [p])[0])
    let sum = try Self.loss(expected, reduction: "sum")(y, p)
    #expect(try perSample.shape.dimensions == expected.array("per_sample").shape)
    for options in [Program.Options.standard, .reference] {
      let values = try Evaluate.values(perSample, mean, gradient, sum, options: options)
      // Keras's own float32 results of nearly saturated probabilities are this far from the exact ones.
      expectClose(values[0].values, try expected.array("per_sample"), relative: 3e-6, absolute: 2e-7, "per sample")
      let whole = try expected.table("sum_over_batch_size")
      expectClose(Float(try values[1].item()), try whole.number("value"), relative: 3e-6, "mean")
      expectClose(values[2].values, try whole.array("dpred"), relative: 1e-5, absolute: 1e-7, "gradient")
      expectClose(Float(try values[3].item()), try expected.table("sum").number("value"), relative: 3e-6, "sum")
    }
  }

  @Test(
    "with weights the mean still divides by the number of samples",
    arguments: cases.filter { $0.has("sum_weighted") })
  func weighted(_ expected: FixtureTable) throws {
    let y = try Evaluate.input(expected.array("y_true"))
    let p = try Evaluate.input(expected.array("y_pred"))
    let weights = try Evaluate.input(Fixtures.file(.losses).array("sample_weight"))
    let mean = try Self.loss(expected)(y, p, weights: weights)
    let gradient = try #require(try Symbol.gradients(of: mean, for: [p])[0])
    let sum = try Self.loss(expected, reduction: "sum")(y, p, weights: weights)
    let values = try Evaluate.values(mean, gradient, sum)
    let whole = try expected.table("sum_over_batch_size_weighted")
    expectClose(Float(try values[0].item()), try whole.number("value"), relative: 3e-6, "mean")
    expectClose(values[1].values, try whole.array("dpred"), relative: 1e-5, absolute: 1e-7, "gradient")
    expectClose(Float(try values[2].item()), try expected.table("sum_weighted").number("value"), relative: 3e-6, "sum")
  }

  @Test("every loss of the registry has a case; every case of the file is run")
  func coverage() throws {
    let tested = Set(Self.cases.map { String(Coverage.name($0).prefix { $0 != "_" }) })
    for entry in Loss.registry.entries { #expect(tested.contains(entry.name), "\(entry.name) has no case") }
    #expect(Self.cases.count == 35)
    try Coverage(.losses, skipping: []).report(run: Self.cases.count - 2)
  }

  /// Labels 0 and outputs far away: what Keras's formulas give in exact arithmetic.
  static let extremes: [(String, Float, Float)] = [
    ("mse", -50, 2500), ("mse", 1e3, 1e6), ("mae", -1e3, 1e3), ("huber", 50, 49.5), ("huber", -1e3, 999.5),
    ("log_cosh", -50, 49.306854), ("log_cosh", 1e3, 999.30685), ("log_cosh", 1e-3, 5e-7),
    ("msle", 50, 15.459253), ("msle", -1e3, 0), ("poisson", 1e3, 1e3), ("hinge", 50, 51), ("hinge", -1e3, 0),
    ("squared_hinge", 1e3, 1_002_001), ("mape", 50, 5e10),
  ]

  @Test("outputs far away", arguments: extremes)
  func extreme(_ name: String, _ output: Float, _ expected: Float) throws {
    let loss = try #require(try Loss.decode(.string(name)))
    // All labels are 0 or 1, so hinge takes them for no and yes: −1.
    let y = try Evaluate.input([0, 0], [2, 1])
    let p = try Evaluate.input([output, output], [2, 1])
    expectClose(try Evaluate.values(loss.perSample(y, p))[0].values, [expected, expected], relative: 2e-6, name)
  }

  struct Extreme: CustomTestStringConvertible {
    let name: String
    let labels: [Float]
    let outputs: [Float]
    let expected: Double
    init(_ name: String, _ labels: [Float], _ outputs: [Float], _ expected: Double) {
      (self.name, self.labels, self.outputs, self.expected) = (name, labels, outputs, expected)
    }
    var testDescription: String { "\(name), \(labels), \(outputs)" }
  }

  private static let logits = #"{"class_name": "%", "config": {"from_logits": true}}"#
  /// One sample each, again by Keras's formulas: logits are exact however large; probabilities are cut to [1e-7, 1 − 1e-7] (in float32
  /// 1 − 1.19e-7), to which Keras 2's binary cross-entropy adds 1e-7 once more.
  static let rows: [Extreme] =
    [50, -50, 1e3, -1e3].flatMap { (z: Float) in
      [
        Extreme(
          logits.replacing("%", with: "BinaryCrossentropy"), [0], [z], z > 0 ? Double(z) : Double(z == -50 ? exp50 : 0)),
        Extreme(
          logits.replacing("%", with: "BinaryCrossentropy"), [1], [z], z < 0 ? -Double(z) : Double(z == 50 ? exp50 : 0)),
        Extreme(logits.replacing("%", with: "SparseCategoricalCrossentropy"), [0], [z, 0], z < 0 ? -Double(z) : 0),
        Extreme(logits.replacing("%", with: "CategoricalCrossentropy"), [0, 1], [z, 0], z > 0 ? Double(z) : 0),
      ]
    } + [
      Extreme(#""binary_crossentropy""#, [0], [50], 15.333239), Extreme(#""binary_crossentropy""#, [0], [-1e3], 0),
      Extreme(#""categorical_crossentropy""#, [0, 1], [1e3, 0], 16.118096),
      Extreme(#""sparse_categorical_crossentropy""#, [1], [1e3, 0], 16.118096),
      Extreme(#""categorical_hinge""#, [1, 0], [-1e3, 0], 1001),
      Extreme(#""categorical_hinge""#, [1, 0], [1e3, 0], 0),
      Extreme(#""kl_divergence""#, [1, 0], [-50, 0], 16.118096), Extreme(#""kl_divergence""#, [1, 0], [1e3, 0], 0),
      Extreme(#""cosine_similarity""#, [1, 0], [1e3, 0], -1), Extreme(#""cosine_similarity""#, [1, 0], [-50, 0], 1),
      Extreme(#""cosine_similarity""#, [1, 0], [0, 0], 0),
    ]
  private static let exp50: Float = 1.9287498e-22

  @Test("logits and probabilities far away", arguments: rows)
  func extremeRows(_ row: Extreme) throws {
    let loss = try #require(try Loss.decode(JSON.parse(row.name)))
    let y = try Evaluate.input(row.labels, loss.labels == .classIndices ? [1] : [1, row.labels.count])
    let p = try Evaluate.input(row.outputs, [1, row.outputs.count])
    let gradient = try #require(try Symbol.gradients(of: loss(y, p), for: [p])[0])
    let values = try Evaluate.values(loss.perSample(y, p), gradient)
    expectClose(values[0].values[0], row.expected, relative: 2e-6, absolute: 2e-7)
    #expect(values[1].values.allSatisfy { $0.isFinite && abs($0) < 2e7 }, "\(values[1].values)")
  }

  @Test("∞ and NaN come out as ∞ and NaN", arguments: Loss.registry.entries.map(\.name))
  func notFinite(_ name: String) throws {
    let loss = try #require(try Loss.decode(.string(name)))
    let isSparse = loss.labels == .classIndices
    let y = try isSparse ? Evaluate.input([0, 0], [2]) : Evaluate.input([1, 0, 1, 0], [2, 2])
    let p = try Evaluate.input([.nan, 0.25, 0.75, 0.25], [2, 2])
    let values = try Evaluate.values(loss.perSample(y, p))[0].values
    #expect(values[0].isNaN, "\(name): \(values)")
    #expect(values.last?.isFinite == true, "\(name): \(values)")
    guard ["mse", "mae", "huber", "log_cosh", "mape"].contains(where: { $0 == name || Self.isAlias($0, of: name) })
    else { return }
    for infinity in [Float.infinity, -.infinity] {
      let far = try Evaluate.input([infinity, 0, 0, 0], [2, 2])
      #expect(try Evaluate.values(loss.perSample(y, far))[0].values[0] == .infinity, "\(name)(\(infinity))")
    }
  }

  static func isAlias(_ alias: String, of name: String) -> Bool {
    (try? Loss.registry.entry(alias).name) == name
  }

  @Test("reductions: wrong names are answered; 'none' is no loss for training")
  func reductions() throws {
    #expect(
      Evaluate.message { _ = try LossTests.loss("mse", #"{"reduction": "sums"}"#) }
        == "MeanSquaredError: 'reduction' must be one of 'auto', 'sum_over_batch_size', 'sum', 'none', got 'sums'; "
        + "did you mean 'sum'?")
    let model = try Model(layers: [Layer.make("Dense", Arguments([.integer(1)]))])
    let none = Value.table(
      Value.Table([("class_name", .string("mse")), ("config", .table(Value.Table([("reduction", .string("none"))])))]))
    let text = Evaluate.message { try model.compile(Arguments([], Value.Table([("loss", none)]))) }
    #expect(text.contains("reduction 'none'"), "\(text)")
  }

  @Test("Keras's configuration")
  func configuration() throws {
    #expect(
      JSON.text(try #require(try Loss.decode(.string("huber"))).encoded) == """
        {"class_name": "Huber", "config": {"delta": 1.0, "reduction": "auto", "name": "huber_loss"}}
        """)
    #expect(throws: NNError.self) { try LossTests.loss("Huber", #"{"delta": 0}"#) }
    #expect(throws: NNError.self) { try LossTests.loss("BinaryFocalCrossentropy", #"{"gamma": -1}"#) }
    // A metric has no reduction.
    #expect(
      Evaluate.message {
        _ = try Metric.decode(JSON.parse(#"{"class_name": "mse", "config": {"reduction": "sum"}}"#))
      }.contains("unknown field 'reduction'"))
  }
}
