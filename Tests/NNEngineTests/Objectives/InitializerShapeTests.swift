import Testing

@testable import NNEngine

@Suite("Orthogonal and Identity")
struct InitializerShapeTests {
  static func make(_ name: String, _ entries: (String, Value)...) throws -> Initializer {
    try Initializer.registry.entry(name).make(Arguments([], Value.Table(entries.map { ($0.0, $0.1) })))
  }

  static let cases: [FixtureTable] =
    (try? Fixtures.cases(.initializers).filter { Coverage.name($0).hasPrefix("Orthogonal") }) ?? []

  @Test("the smaller side is orthogonal, with length gain, to float32's last digits", arguments: cases)
  func orthogonal(_ expected: FixtureTable) throws {
    let gain = try expected.number("gain")
    let weights = try Self.make("orthogonal", ("gain", .number(gain))).tensor(shape: Shape(expected.ints("shape")))
    let flattened = try expected.ints("flattened")
    #expect(try Self.error(weights.values, flattened[0], flattened[1], gain) < 3e-7)
    // Keras's sample passes the same test: it is about the same thing.
    #expect(try Self.error(expected.array("sample").floats, flattened[0], flattened[1], gain) < 1e-6)
  }

  /// The largest difference between the Gram matrix of the smaller side and gain² · I.
  static func error(_ w: [Float], _ rows: Int, _ columns: Int, _ gain: Double) throws -> Double {
    let (n, length) = (min(rows, columns), max(rows, columns))
    func element(_ vector: Int, _ i: Int) -> Double {
      Double(rows >= columns ? w[i * columns + vector] : w[vector * columns + i])
    }
    var worst = 0.0
    for a in 0..<n {
      for b in 0...a {
        let dot = (0..<length).reduce(0) { $0 + element(a, $1) * element(b, $1) }
        worst = max(worst, abs(dot - (a == b ? gain * gain : 0)))
      }
    }
    return worst
  }

  @Test("a large one; a seed repeats; mean and deviation of a random rotation")
  func large() throws {
    let seeded = try Self.make("Orthogonal", ("seed", .integer(7)))
    let shape = try Shape([200, 150])
    let w = try seeded.tensor(shape: shape).values
    #expect(try Self.error(w, 200, 150, 1) < 3e-7)
    #expect(try seeded.tensor(shape: shape).values == w)
    #expect(try Self.make("orthogonal").tensor(shape: shape).values != w)
    let moments = InitializerTests.Moments(w)
    #expect(abs(moments.mean) < 5 / (30_000.0 * 200).squareRoot())
    #expect(abs(moments.deviation - (1 / 200.0).squareRoot()) < 1e-3)
  }

  /// Q of the factorization whose R has a positive diagonal: the first column is the first random column, normalized.
  @Test("Keras's convention of signs")
  func signs() throws {
    let shape = try Shape([6, 3])
    let q = try Self.make("orthogonal", ("seed", .integer(3))).tensor(shape: shape).values
    let stream = RandomState.newStream(seed: 3)
    let a = (0..<18).map { stream.normal($0) }
    for j in 0..<3 {
      let diagonal = (0..<6).reduce(0) { $0 + Double(q[$1 * 3 + j]) * a[$1 * 3 + j] }
      #expect(diagonal > 0)
    }
    let length = (0..<6).reduce(0) { $0 + a[$1 * 3] * a[$1 * 3] }.squareRoot()
    expectClose((0..<6).map { q[$0 * 3] }, (0..<6).map { Float(a[$0 * 3] / length) }, relative: 1e-6)
  }

  @Test("identity: square or not")
  func identity() throws {
    #expect(try Self.make("identity").tensor(shape: Shape([2, 3])).values == [1, 0, 0, 0, 1, 0])
    #expect(try Self.make("Identity", ("gain", .number(2))).tensor(shape: Shape([3, 2])).values == [2, 0, 0, 2, 0, 0])
  }

  @Test("shapes that have none are refused, when the layer is built")
  func refusals() throws {
    #expect(throws: NNError.self) { try Self.make("orthogonal").tensor(shape: Shape([3])) }
    #expect(throws: NNError.self) { try Self.make("identity").tensor(shape: Shape([3, 3, 3])) }
    let options = Value.Table([("bias_initializer", .string("orthogonal")), ("name", .string("d"))])
    let layer = try Layer.make("Dense", Arguments([.integer(3)], options))
    #expect(
      Evaluate.message { try layer.build(Shape([4])) }
        == "d: Orthogonal makes weights with at least two axes, not values of shape (3,)")
    #expect(try Self.make("orthogonal").tensor(shape: Shape([0, 3])).shape.count == 0)
  }

  @Test("Keras's configuration, and how many cases ran")
  func configuration() throws {
    #expect(
      JSON.text(try #require(try Initializer.decode(.string("orthogonal"))).encoded)
        == #"{"class_name": "Orthogonal", "config": {"gain": 1.0, "seed": null}}"#)
    #expect(
      JSON.text(try #require(try Initializer.decode(.string("identity"))).encoded)
        == #"{"class_name": "Identity", "config": {"gain": 1.0}}"#)
    let coverage = Coverage(.initializers, skipping: [])
    let run =
      InitializerTests.scalings.count + Self.cases.count + InitializerTableTests.plain.count
      + InitializerTableTests.constants.count
    #expect(try coverage.cases.count == run)
    try coverage.report(run: run)
  }
}
