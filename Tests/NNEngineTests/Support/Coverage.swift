import Testing

@testable import NNEngine

/// Says which cases of a fixture file a test runs, and why it leaves out the others: a case that is in neither list fails.
struct Coverage {
  let topic: Fixtures.Topic
  /// Prefix of a case's name → why it is not run here.
  let skipped: [(prefix: String, why: String)]

  init(_ topic: Fixtures.Topic, skipping skipped: [(prefix: String, why: String)]) {
    self.topic = topic
    self.skipped = skipped
  }

  /// Cases that no prefix takes out.
  var cases: [FixtureTable] {
    get throws {
      try Fixtures.cases(topic).filter { table in !skipped.contains { Coverage.name(table).hasPrefix($0.prefix) } }
    }
  }

  /// One line for the log.
  func report(run: Int) throws {
    let names = try Fixtures.cases(topic).map(Coverage.name)
    for (prefix, _) in skipped { #expect(names.contains { $0.hasPrefix(prefix) }, "nothing begins with \(prefix)") }
    let reasons = skipped.map { skip in
      "\(names.filter { $0.hasPrefix(skip.prefix) }.count) \(skip.prefix)… (\(skip.why))"
    }
    let rest = reasons.isEmpty ? "" : "; not here: " + reasons.joined(separator: ", ")
    print("\(topic): \(run) of \(names.count) cases of Keras run\(rest)")
  }

  static func name(_ table: FixtureTable) -> String {
    String(table.path.drop { $0 != "/" }.dropFirst())
  }
}

extension FixtureTable {
  /// A case's `params` as arguments of ours, without the entries that only say what the case is.
  func arguments(without names: Set<String> = ["layer", "fn", "shape"]) throws -> Arguments {
    guard has("params"), case .table(let entries) = try value("params") else { return Arguments() }
    return Arguments([], Value.Table(entries.filter { !names.contains($0.key) }.map { ($0.key, $0.value.asValue) }))
  }
}

extension FixtureValue {
  fileprivate var asValue: Value {
    switch self {
    case .null: .null
    case .bool(let b): .bool(b)
    case .number(let x): Int(exactly: x).map { .integer($0) } ?? .number(x)
    case .string(let s): .string(s)
    case .list(let items): .list(items.map(\.asValue))
    case .table(let entries): .table(Value.Table(entries.map { ($0.key, $0.value.asValue) }))
    case .array(let array): .list(array.data.map { .number($0) })
    }
  }
}
