import Testing

@testable import NNEngine

@Suite("Regularizers and constraints")
struct RegularizerTests {
  static func regularizer(_ text: String) throws -> Regularizer {
    try #require(try Regularizer.decode(JSON.parse(text)))
  }
  static func constraint(_ name: String, _ config: String = "{}") throws -> Constraint {
    try #require(try Constraint.decode(JSON.parse(#"{"class_name": "\#(name)", "config": \#(config)}"#)))
  }

  static let penalties: [(fixture: String, json: String)] = [
    ("regularizer_l1", #"{"class_name": "l1", "config": {"l": 0.01}}"#),
    ("regularizer_l2", #"{"class_name": "L2", "config": {}}"#),
    ("regularizer_l1_l2", #"{"class_name": "L1L2", "config": {"l1": 0.01, "l2": 0.02}}"#),
  ]

  @Test("penalties and their gradients are Keras's", arguments: penalties)
  func penalty(_ name: String, _ json: String) throws {
    let expected = try Fixtures.named(.layers, name)
    let w = try Evaluate.input(expected.array("w"))
    let penalty = try Self.regularizer(json).penalty(w)
    #expect(penalty.shape == .scalar)
    let gradient = try #require(try Symbol.gradients(of: penalty, for: [w])[0])
    let values = try Evaluate.values(penalty, gradient)
    expectClose(Float(try values[0].item()), try expected.table("value").number("v"), relative: 1e-6)
    expectClose(values[1].values, try expected.array("dw"), relative: 1e-6)
  }

  @Test("defaults differ between the function and the class")
  func defaults() throws {
    func config(_ name: String) throws -> String {
      JSON.text(try #require(try Regularizer.decode(.string(name))).encoded)
    }
    let both = #"{"class_name": "L1L2", "config": {"l1": 0.01, "l2": 0.01}}"#
    #expect(try config("l1_l2") == both)
    #expect(try config("L1L2") == both.replacing("0.01", with: "0.0"))
    #expect(try config("l2") == #"{"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.01}}"#)
    let none = try Self.regularizer(#"{"class_name": "L1L2", "config": {}}"#)
    #expect(try Evaluate.values(none.penalty(Evaluate.input([1, 2], [2])))[0].item() == 0)
    #expect(throws: NNError.self) { try Self.regularizer(#"{"class_name": "l2", "config": {"l": -1}}"#) }
  }

  static let constraints: [(fixture: String, className: String, config: String)] = [
    ("constraint_max_norm1", "max_norm", #"{"max_value": 1}"#),
    ("constraint_max_norm2_axis1", "MaxNorm", #"{"max_value": 2, "axis": 1}"#),
    ("constraint_max_norm_default2", "MaxNorm", "{}"), ("constraint_unit_norm", "UnitNorm", "{}"),
    ("constraint_unit_norm_axis1", "unit_norm", #"{"axis": [1]}"#), ("constraint_non_neg", "non_neg", "{}"),
    ("constraint_min_max_norm_.5_1.5", "MinMaxNorm", #"{"min_value": 0.5, "max_value": 1.5}"#),
    ("constraint_min_max_norm_rate.5", "min_max_norm", #"{"min_value": 0.5, "max_value": 1.5, "rate": 0.5}"#),
  ]

  @Test("constraints are Keras's", arguments: constraints)
  func constraint(_ name: String, _ className: String, _ config: String) throws {
    let expected = try Fixtures.named(.layers, name)
    let w = try Evaluate.input(expected.array("w"))
    let after = try Self.constraint(className, config).apply(w)
    expectClose(try Evaluate.values(after)[0].values, try expected.array("w_after"), relative: 1e-6)
  }

  @Test("an axis that the weights do not have is an error that says so")
  func axis() throws {
    let w = try Evaluate.input([1, 2], [2])
    let message = Evaluate.message { _ = try Self.constraint("MaxNorm", #"{"axis": 1}"#).apply(w) }
    #expect(message.hasPrefix("MaxNorm: ") && message.contains("axis 1 does not exist in shape (2,)"))
    #expect(
      Evaluate.message { _ = try Self.constraint("MinMaxNorm", #"{"min_value": 2}"#) }
        == "MinMaxNorm: 'min_value' (2.0) must not be greater than 'max_value' (1.0)")
    #expect(throws: NNError.self) { try Self.constraint("MaxNorm", #"{"axis": "0"}"#) }
  }
}
