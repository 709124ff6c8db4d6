import Testing

@Suite("Fixtures")
struct FixtureTests {
  @Test("every file loads, has cases, and says which TensorFlow made it", arguments: Fixtures.Topic.allCases)
  func file(_ topic: Fixtures.Topic) throws {
    let file = try Fixtures.file(topic)
    #expect(try file.string("lib") == "tf21")
    #expect(try file.table("versions").string("tensorflow") == "2.1.0")
    let cases = try Fixtures.cases(topic)
    #expect(cases.count >= 7)
    #expect(Set(cases.map(\.path)).count == cases.count)
  }

  @Test("arrays, with infinities and NaN")
  func arrays() throws {
    let elu = try Fixtures.named(.activations, "elu")
    let x = try elu.array("x")
    #expect(x.shape == [42])
    #expect(x.data.first == -.infinity)
    #expect(x.data.contains { $0.isNaN })
    #expect(try elu.array("y").floats.first == -1)
    let w = try Fixtures.named(.optimizers, "SGD").array("W")
    #expect(w.shape == [20, 12])
    #expect(w.row(1).shape == [12])
    #expect(w.row(1).data == Array(w.data[12..<24]))
  }

  @Test("nested tables, lists, numbers in text")
  func tables() throws {
    let sgd = try Fixtures.named(.optimizers, "SGD_learning_rate0.1_momentum0.9_nesterovTrue")
    #expect(try sgd.table("params").number("momentum") == 0.9)
    #expect(try sgd.table("params").bool("nesterov"))
    #expect(try sgd.table("config").number("learning_rate") == 0.1)
    let dense = try Fixtures.named(.layers, "dense")
    #expect(try dense.table("params").int("units") == 5)
    #expect(try dense.strings("weight_names") == ["kernel:0", "bias:0"])
    #expect(try dense.arrays("weights").map(\.shape) == [[3, 5], [5]])
    let loss = try Fixtures.named(.losses, "MeanSquaredError").table("sum_over_batch_size")
    #expect(try loss.number("value") > 0)
    #expect(try loss.array("dpred").shape == [4, 5])
    let steps = try Fixtures.named(.training, "mlp_selu_l2_sgd_nesterov").tables("steps")
    #expect(try steps.first?.arrays("weights_after").isEmpty == false)
  }

  @Test("a wrong name or kind is an error that names the place")
  func mistakes() throws {
    #expect(throws: FixtureError.self) { try Fixtures.cases(.losses, ["MeanSquareError"]) }
    let dense = try Fixtures.named(.layers, "dense")
    #expect { try dense.array("z") } throws: { "\($0)".hasPrefix("layers/dense has no \"z\"; it has dweights") }
    #expect { try dense.array("params") } throws: { "\($0)" == "layers/dense/params is not an array" }
    #expect { try dense.numbers("weight_names") } throws: { "\($0)".hasSuffix("not a list of numbers") }
  }

  @Test("summaries: the text file is the text of the case")
  func summaries() throws {
    let withText = try Fixtures.cases(.summaries).filter { $0.has("text") }
    #expect(withText.count == 12)
    for model in withText {
      let name = try model.string("name")
      #expect(try Fixtures.summary(name) == model.string("text"), "\(name)")
    }
  }
}

@Suite("expectClose")
struct ExpectCloseTests {
  static let nan = Double.nan
  static let infinity = Double.infinity

  @Test(
    "what is close",
    arguments: [
      ([1, 2], [1, 2], 0, 0), ([1.0001], [1], 0, 1e-3), ([1000.5], [1000], 1e-3, 0), ([nan], [nan], 0, 0),
      ([infinity, -infinity], [infinity, -infinity], 1e-3, 1), ([0], [-0.0], 0, 0), ([], [], 0, 0),
    ] as [([Double], [Double], Double, Double)])
  func close(_ actual: [Double], _ expected: [Double], _ relative: Double, _ absolute: Double) {
    let shape = [expected.count]
    #expect(difference(between: actual, and: expected, relative: relative, absolute: absolute, shape: shape) == nil)
  }

  @Test(
    "what is not",
    arguments: [
      ([1.01], [1], 1e-3, 1e-3), ([nan], [1], 1, 1), ([1], [nan], 1, 1), ([infinity], [1], 1, 1),
      ([1], [infinity], 1, 1), ([-infinity], [infinity], 1, 1), ([1, 2], [1], 1, 1), ([1], [1.0000001], 0, 0),
    ] as [([Double], [Double], Double, Double)])
  func far(_ actual: [Double], _ expected: [Double], _ relative: Double, _ absolute: Double) {
    let shape = [expected.count]
    #expect(difference(between: actual, and: expected, relative: relative, absolute: absolute, shape: shape) != nil)
  }

  @Test("the message counts, and shows the worst by its place in the array")
  func message() {
    let text = difference(
      between: [1, 2, 3.5, 4, 5, 7], and: [1, 2, 3, 4, 5, 6], relative: 0, absolute: 0.25, shape: [2, 3])
    #expect(
      text == "2 of 6 values are off; worst at [1, 2]: 7.0, expected 6.0 (difference 1.0, allowed 0.25)")
  }

  @Test("a difference fails the test that finds it")
  func records() {
    withKnownIssue {
      expectClose([1, 2] as [Float], FixtureArray(shape: [2], data: [1, 3]), relative: 1e-6)
    }
  }
}
