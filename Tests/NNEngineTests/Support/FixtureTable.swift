import Testing

/// A table of a fixture file with typed access. Whatever is missing or of another kind is an error that names the place.
struct FixtureTable: Sendable {
  /// Where this table stands in its file, such as "losses/BinaryCrossentropy/sum".
  let path: String
  let entries: [String: FixtureValue]

  var keys: [String] { entries.keys.sorted() }

  func has(_ key: String) -> Bool { entries[key] != nil }

  func value(_ key: String) throws -> FixtureValue {
    guard let value = entries[key] else {
      throw FixtureError("\(path) has no \"\(key)\"; it has \(keys.joined(separator: ", "))")
    }
    return value
  }

  func array(_ key: String) throws -> FixtureArray {
    guard case .array(let array) = try value(key) else { throw wrongKind(key, "an array") }
    return array
  }

  func number(_ key: String) throws -> Double {
    guard let number = try value(key).number else { throw wrongKind(key, "a number") }
    return number
  }

  func int(_ key: String) throws -> Int {
    guard let int = Int(exactly: try number(key)) else { throw wrongKind(key, "an integer") }
    return int
  }

  func bool(_ key: String) throws -> Bool {
    guard case .bool(let bool) = try value(key) else { throw wrongKind(key, "true or false") }
    return bool
  }

  func string(_ key: String) throws -> String {
    guard case .string(let string) = try value(key) else { throw wrongKind(key, "a string") }
    return string
  }

  func table(_ key: String) throws -> FixtureTable {
    guard case .table(let entries) = try value(key) else { throw wrongKind(key, "a table") }
    return FixtureTable(path: "\(path)/\(key)", entries: entries)
  }

  func arrays(_ key: String) throws -> [FixtureArray] {
    try list(key, of: "arrays") { if case .array(let array) = $0 { array } else { nil } }
  }

  func strings(_ key: String) throws -> [String] {
    try list(key, of: "strings") { if case .string(let string) = $0 { string } else { nil } }
  }

  func ints(_ key: String) throws -> [Int] {
    try list(key, of: "integers") { $0.number.flatMap { Int(exactly: $0) } }
  }

  func numbers(_ key: String) throws -> [Double] {
    try list(key, of: "numbers") { $0.number }
  }

  func tables(_ key: String) throws -> [FixtureTable] {
    let all = try list(key, of: "tables") { if case .table(let entries) = $0 { entries } else { nil } }
    return all.enumerated().map { FixtureTable(path: "\(path)/\(key)[\($0.offset)]", entries: $0.element) }
  }

  private func list<Element>(
    _ key: String, of kind: String, _ convert: (FixtureValue) -> Element?
  ) throws -> [Element] {
    guard case .list(let values) = try value(key) else { throw wrongKind(key, "a list of \(kind)") }
    let elements = values.compactMap(convert)
    guard elements.count == values.count else { throw wrongKind(key, "a list of \(kind)") }
    return elements
  }

  private func wrongKind(_ key: String, _ expected: String) -> FixtureError {
    FixtureError("\(path)/\(key) is not \(expected)")
  }
}

extension FixtureTable: CustomTestStringConvertible {
  /// The name of the case, in test reports.
  var testDescription: String { path }
}

struct FixtureError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
