/// A Swift type that can stand in a configuration.
package protocol ConfigValue: SendableMetatype {
  /// What messages and help say is expected: "an integer", "an activation".
  static var kind: String { get }
  /// From the untyped form; nil when the value is of the wrong kind. Throws when it is of the right kind, but wrong inside.
  static func decode(_ value: Value) throws(NNError) -> Self?
  /// Back to the untyped form, as Keras writes it.
  var encoded: Value { get }
}

extension Int: ConfigValue {
  package static var kind: String { "an integer" }
  package static func decode(_ value: Value) -> Int? {
    switch value {
    case .integer(let n): n
    case .number(let x): Int(exactly: x)
    default: nil
    }
  }
  package var encoded: Value { .integer(self) }
}

extension Double: ConfigValue {
  package static var kind: String { "a number" }
  package static func decode(_ value: Value) -> Double? {
    switch value {
    case .integer(let n): Double(n)
    case .number(let x): x
    default: nil
    }
  }
  package var encoded: Value { .number(self) }
}

extension Bool: ConfigValue {
  package static var kind: String { "true or false" }
  package static func decode(_ value: Value) -> Bool? { if case .bool(let b) = value { b } else { nil } }
  package var encoded: Value { .bool(self) }
}

extension String: ConfigValue {
  package static var kind: String { "a string" }
  package static func decode(_ value: Value) -> String? { value.string }
  package var encoded: Value { .string(self) }
}

extension Optional: ConfigValue where Wrapped: ConfigValue {
  package static var kind: String { Wrapped.kind + " or nil" }
  package static func decode(_ value: Value) throws(NNError) -> Wrapped?? {
    if value.isNull { return .some(nil) }
    guard let wrapped = try Wrapped.decode(value) else { return nil }
    return .some(wrapped)
  }
  package var encoded: Value { self?.encoded ?? .null }
}

extension Array: ConfigValue where Element: ConfigValue {
  package static var kind: String { "a list (\(Element.kind) each)" }
  package static func decode(_ value: Value) throws(NNError) -> [Element]? {
    guard case .list(let items) = value else {
      // An empty Lua table is a list as well as a table.
      if let table = value.table, table.entries.isEmpty { return [] }
      return nil
    }
    var result: [Element] = []
    for item in items {
      guard let element = try Element.decode(item) else { return nil }
      result.append(element)
    }
    return result
  }
  package var encoded: Value { .list(map(\.encoded)) }
}
