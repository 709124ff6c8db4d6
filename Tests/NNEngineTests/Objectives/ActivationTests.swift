import Testing

@testable import NNEngine

@Suite("Activations")
struct ActivationTests {
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
    #expect(throws: NNError.self) { try Activation.registry.entry("softmax").make(Arguments([.number(1.5)])) }
    #expect(throws: NNError.self) { try Activation.registry.entry("gelu").make(Arguments([.number(1)])) }
  }

  @Test("limits that are none, whole numbers and truth values survive JSON")
  func json() throws {
    func json(_ name: String, _ field: String, _ value: Value) throws -> String {
      JSON.text(try Activation.registry.entry(name).make(Arguments([], Value.Table([(field, value)]))).encoded)
    }
    #expect(
      try json("relu", "alpha", .number(0.1)) == """
        {"class_name": "relu", "config": {"max_value": null, "negative_slope": 0.1, "threshold": 0.0}}
        """)
    #expect(
      try json("softmax", "axis", .integer(1)) == #"{"class_name": "softmax", "config": {"axis": 1}}"#)
    #expect(
      try json("gelu", "approximate", .bool(true)) == #"{"class_name": "gelu", "config": {"approximate": true}}"#)
    #expect(try json("softmax", "axis", .integer(-1)) == "\"softmax\"")
    #expect(try Activation.decode(.string("silu"))?.name == "swish")
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
