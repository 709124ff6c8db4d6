import Testing

@testable import NNEngine

/// What holds for every activation of the registry.
@Suite("Activation laws")
struct ActivationLaws {
  static let names = Activation.registry.entries.map(\.name)
  /// Those that work on each number by itself.
  static let elementwise = names.filter { $0 != "softmax" && $0 != "log_softmax" }

  /// The numbers of the oldest Keras that has the function.
  static func expected(_ name: String) throws -> FixtureTable {
    for library in [Fixtures.Library.tf21, .tfkeras, .keras3] {
      if let found = try? Fixtures.named(.activations, name, of: library) { return found }
    }
    throw FixtureError("no Keras has numbers for \(name)")
  }

  /// Keras's functions everywhere: ±50, ±1000, infinities, NaN; through the graph, as it is and as the epilogue of a product.
  @Test("at the ends of the number line as Keras's", arguments: elementwise)
  func extremes(_ name: String) throws {
    let expected = try Self.expected(name)
    let activation = try #require(try Activation.decode(.string(name)))
    let values = try expected.array("x")
    let right = try expected.array("y")
    for options in [Program.Options.standard, .reference] {
      let y = try Evaluate.values(activation(Evaluate.input(values)), options: options)[0].values
      expectClose(y, right, relative: 2e-6, absolute: 1e-6, name)
    }
    // x · 1, then the function, in one kernel.
    let column = try Evaluate.input(values.floats, [values.shape[0], 1])
    let product = try activation(column.matmul(Evaluate.input([1], [1, 1])))
    expectClose(
      try Evaluate.values(product)[0].values, right.data.map { Float($0) }, relative: 2e-6, absolute: 1e-6, name)
  }

  @Test("slopes where x is large, as Keras's", arguments: elementwise)
  func slopes(_ name: String) throws {
    let expected = try Self.expected(name)
    let activation = try #require(try Activation.decode(.string(name)))
    let x = try Evaluate.input(expected.array("x"))
    let slope = try #require(try Symbol.gradients(of: activation(x), for: [x])[0])
    let values = try Evaluate.values(slope)[0].values
    let (given, right) = (try expected.array("x").data, try expected.array("dydx").data)
    for i in given.indices where given[i].isFinite && abs(given[i]) > 1e-6 {
      expectClose(values[i], right[i], relative: 2e-6, absolute: 1e-6, "\(name)′(\(given[i]))")
    }
  }

  @Test("softmax and its gradient are Keras's", arguments: try Fixtures.cases(.activations, ["softmax"]))
  func softmax(_ expected: FixtureTable) throws {
    let x = try Evaluate.input(expected.array("x"))
    let y = try x.softmax()
    let upstream = try Symbol.literal(Evaluate.tensor(expected.array("upstream")))
    let dx = try #require(try Symbol.gradients(of: (y * upstream).sum(), for: [x])[0])
    let values = try Evaluate.values(y, dx)
    expectClose(values[0].values, try expected.array("y"), relative: 2e-6, absolute: 1e-7)
    expectClose(values[1].values, try expected.array("dx"), relative: 1e-5, absolute: 1e-6)
  }

  @Test("the name makes it, and it is written as its name", arguments: names)
  func roundTrip(_ name: String) throws {
    let activation = try #require(try Activation.decode(.string(name)))
    #expect(activation.encoded.string == name)
    let entry = try Activation.registry.entry(name)
    #expect(entry.isNameEnough)
    #expect(entry.doc.count > 0)
  }

  @Test("as a Dense argument and as a layer it is the same function", arguments: names)
  func layer(_ name: String) throws {
    let dense = try Make.dense(5, name, "dense", input: 3)
    let plain = try Make.dense(5, "linear", "plain", input: 3)
    let activation = try Make.layer("Activation", #"{"activation": "\#(name)", "name": "activation"}"#)
    let (one, two) = (try Model(name: "one", layers: [dense]), try Model(name: "two", layers: [plain, activation]))
    try two.setWeights(one.getWeights())
    var numbers = TestNumbers(4)
    let x = try Tensor(numbers.floats(12), shape: Shape([4, 3]))
    #expect(haveSameBits(try one.predict(x: x).values, try two.predict(x: x).values))
  }
}
