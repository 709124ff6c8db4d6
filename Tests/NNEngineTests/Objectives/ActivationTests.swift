import Testing

@testable import NNEngine

@Suite("Activations")
struct ActivationTests {
  static let elementwise = ["linear", "relu", "elu", "selu", "tanh", "sigmoid", "softplus"]

  @Test("the issue's activations exist, and have Keras's values and slopes", arguments: elementwise)
  func keras(_ name: String) throws {
    let expected = try Fixtures.named(.activations, name)
    let activation = try #require(try Activation.decode(.string(name)))
    let x = try Evaluate.input(expected.array("x"))
    let y = try activation(x)
    let slope = try #require(try Symbol.gradients(of: y, for: [x])[0])
    let values = try Evaluate.values(y, slope)
    let wanted = try expected.array("y")
    let given = try expected.array("x")
    let slopes = try expected.array("dydx")
    // Infinities and NaN are the kernels' tests; here it is the name that must reach the right function.
    for i in given.data.indices where given.data[i].isFinite && abs(given.data[i]) < 50 {
      expectClose(values[0].values[i], wanted.data[i], relative: 2e-6, absolute: 1e-6, "\(name)(\(given.data[i]))")
      // At the kink Keras takes −1e-8 for 0.
      guard abs(given.data[i]) > 1e-6 else { continue }
      expectClose(values[1].values[i], slopes.data[i], relative: 2e-6, absolute: 1e-6, "\(name)′(\(given.data[i]))")
    }
  }

  @Test("parameters")
  func parameters() throws {
    let elu = try Activation.registry.entry("elu").make(Arguments([], Value.Table([("alpha", .number(0.5))])))
    let y = try Evaluate.values(elu(Evaluate.input([-1, 2], [2])))[0].values
    expectClose(y, [0.5 * (Float(0.36787944) - 1), 2], relative: 1e-6)
    #expect(JSON.text(elu.encoded) == #"{"class_name": "elu", "config": {"alpha": 0.5}}"#)
    #expect(try Activation.decode(JSON.parse(JSON.text(elu.encoded))) == elu)
    #expect(JSON.text(try #require(try Activation.decode(.string("elu"))).encoded) == "\"elu\"")
    let misspelt = Arguments([], Value.Table([("alhpa", .number(1))]))
    #expect(
      Evaluate.message { _ = try Activation.registry.entry("elu").make(misspelt) }
        == "elu: unknown field 'alhpa'; did you mean 'alpha'?")
    #expect(throws: NNError.self) { try Activation.registry.entry("softmax").make(Arguments([.number(1)])) }
  }

  @Test("softmax works on rows of the last axis")
  func softmax() throws {
    let softmax = try #require(try Activation.decode(.string("softmax")))
    let y = try Evaluate.values(softmax(Evaluate.input([0, 0, 1000, 0], [2, 2])))[0].values
    #expect(y == [0.5, 0.5, 1, 0])
  }

  @Test("unknown: the nearest is suggested")
  func unknown() {
    #expect(
      Evaluate.message { _ = try Activation.decode(.string("rleu")) }
        == "unknown activation 'rleu'; did you mean 'relu'?")
  }
}
