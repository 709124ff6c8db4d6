import Testing

@testable import NNEngine

@Suite("Configuration by schema")
struct ConfigurationTests {
  static func error(_ body: () throws -> Void) -> String {
    do { try body() } catch let error as NNError { return error.description } catch { return "another error" }
    return "no error"
  }

  static func table(_ entries: (String, Value)...) -> Value.Table { Value.Table(entries.map { ($0.0, $0.1) }) }

  static func initializer(_ name: String, _ entries: (String, Value)...) throws -> Initializer {
    try Initializer.registry.entry(name).make(Arguments([], Value.Table(entries.map { ($0.0, $0.1) })))
  }

  @Test("unknown, doubled, missing and wrong arguments: one line that says what was expected")
  func mistakes() {
    typealias C = ConfigurationTests
    #expect(
      C.error { _ = try C.initializer("VarianceScaling", ("scael", .number(2))) }
        == "VarianceScaling: unknown field 'scael'; did you mean 'scale'?")
    #expect(
      C.error { _ = try C.initializer("VarianceScaling", ("scale", .number(-1))) }
        == "VarianceScaling: 'scale' must be a positive finite number, got -1.0")
    #expect(
      C.error { _ = try C.initializer("VarianceScaling", ("scale", .string("big"))) }
        == "VarianceScaling: 'scale' must be a positive finite number, got 'big'")
    #expect(
      C.error { _ = try C.initializer("VarianceScaling", ("mode", .string("fan_on"))) }
        == "VarianceScaling: 'mode' must be one of 'fan_in', 'fan_out', 'fan_avg', got 'fan_on'; "
        + "did you mean 'fan_in'?")
    #expect(
      C.error {
        _ = try Initializer.registry.entry("constant").make(
          Arguments([.number(1)], Value.Table([("value", .number(2))])))
      } == "Constant: 'value' is given twice")
    #expect(
      C.error { _ = try Initializer.registry.entry("zeros").make(Arguments([.number(1)])) }
        == "Zeros: takes at most 0 arguments by position, got 1")
    #expect(
      C.error { _ = try C.initializer("random_uniform", ("minval", .number(2)), ("maxval", .number(1))) }
        == "RandomUniform: 'minval' (2.0) must not be greater than 'maxval' (1.0)")
  }

  @Test(
    "unknown names suggest the nearest",
    arguments: [
      ("he_normale", "unknown initializer 'he_normale'; did you mean 'he_normal'?"),
      ("HENORMAL", "unknown initializer 'HENORMAL'; did you mean 'HeNormal'?"),
      ("xyzzy", "unknown initializer 'xyzzy'"),
    ])
  func names(_ name: String, _ message: String) {
    #expect(Self.error { _ = try Initializer.registry.entry(name) }.hasPrefix(message))
  }

  @Test("null leaves the default; a whole number serves as a number and the other way round")
  func coercion() throws {
    let given = try Self.initializer("he_normal", ("seed", .null))
    #expect(given.definition.seed == nil)
    #expect(try Self.initializer("constant", ("value", .integer(2))).tensor(shape: .scalar).item() == 2)
    #expect(try Self.initializer("he_normal", ("seed", .number(5))).definition.seed == 5)
    #expect(throws: NNError.self) { try Self.initializer("he_normal", ("seed", .number(5.5))) }
  }

  @Test("JSON text → value → JSON text")
  func json() throws {
    let text = #"{"a": [1, 2.5, null, true], "b": "x\"\\\n\u0001é", "c": {}}"#
    #expect(try JSON.text(JSON.parse(text)) == text)
    #expect(JSON.text(.number(.nan)) == "NaN")
    #expect(throws: NNError.self) { try JSON.parse("{units: 3}") }
    #expect(throws: NNError.self) { try JSON.parse("") }
  }
}

/// Laws over the registries of the objectives.
@Suite("Registries")
struct ObjectiveRegistryTests {
  static func check<Member: Registered>(_ registry: Registry<Member>) throws {
    var names: Set<String> = []
    for entry in registry.entries {
      for name in [entry.name] + entry.aliases {
        #expect(names.insert(name).inserted, "\(registry.noun) '\(name)' is there twice")
        #expect(try registry.entry(name).name == entry.name)
      }
      #expect(!entry.doc.isEmpty && !entry.doc.contains("\n"), "\(entry.name): \(entry.doc)")
      for field in entry.fields { #expect(!field.doc.isEmpty && !field.kind.isEmpty, "\(entry.name): \(field.name)") }
      #expect(entry.isNameEnough, "\(entry.name) cannot be made from its name")
      // Name → member → Keras's JSON → text → the same member's JSON.
      let first = try #require(try Member.decode(.string(entry.name)), "\(entry.name)")
      let text = JSON.text(first.encoded)
      let second = try #require(try Member.decode(JSON.parse(text)), "\(entry.name): \(text)")
      #expect(JSON.text(second.encoded) == text)
      let boxed = try #require(try Member.decode(.object(Boxed(first))))
      #expect(JSON.text(boxed.encoded) == text)
    }
  }

  @Test("names are unique, everything is documented, JSON comes back")
  func laws() throws {
    try Self.check(Initializer.registry)
    try Self.check(Regularizer.registry)
    try Self.check(Constraint.registry)
    try Self.check(Loss.registry)
    try Self.check(Metric.registry)
    try Self.check(Activation.registry)
  }
}
