import Foundation
import Synchronization

/// The numbers that Keras computed (Fixtures/README.md). A test usually asks for cases by topic:
///
///     @Test(arguments: try Fixtures.cases(.losses, ["MeanSquaredError"]))
///     func loss(_ expected: FixtureTable) throws {
///       expectClose(…, try expected.array("per_sample"), relative: 1e-6)
///     }
enum Fixtures {
  enum Topic: String, CaseIterable {
    case activations, initializers, layers, losses, metrics, models, optimizers, schedules, summaries, training
  }

  /// Whose numbers: TensorFlow 2.1's, or, for what it does not have, those of a later Keras.
  enum Library: String {
    case tf21, tfkeras, keras3
  }

  /// Values that belong to a whole file, not to one case (optimizers: `W0`, `gradW`, …).
  static func file(_ topic: Topic, of library: Library = .tf21) throws -> FixtureTable {
    try load(topic, library).file
  }

  /// All cases of a topic.
  static func cases(_ topic: Topic, of library: Library = .tf21) throws -> [FixtureTable] {
    try load(topic, library).cases
  }

  /// The named cases; a name that does not exist is an error, so that no test ever runs over nothing.
  static func cases(_ topic: Topic, _ names: [String], of library: Library = .tf21) throws -> [FixtureTable] {
    try names.map { try named(topic, $0, of: library) }
  }

  static func named(_ topic: Topic, _ name: String, of library: Library = .tf21) throws -> FixtureTable {
    let path = "\(topic.rawValue)/\(name)"
    guard let match = try load(topic, library).cases.first(where: { $0.path == path }) else {
      throw FixtureError("no case \(path)")
    }
    return match
  }

  /// The exact text that `summary()` prints for a model of the book.
  static func summary(_ name: String) throws -> String {
    try String(contentsOf: folder(.tf21).appending(path: "summaries/\(name).txt"), encoding: .utf8)
  }

  private struct Loaded: Sendable {
    let file: FixtureTable
    let cases: [FixtureTable]
  }

  /// Files are read once: parameterised tests ask for the same one many times.
  private static let cache = Mutex<[String: Loaded]>([:])

  private static func load(_ topic: Topic, _ library: Library) throws -> Loaded {
    let key = "\(library)/\(topic)"
    return try cache.withLock { loaded in
      if let known = loaded[key] { return known }
      let data = try Data(contentsOf: folder(library).appending(path: "\(topic.rawValue).json"))
      guard case .table(let entries) = try JSONDecoder().decode(FixtureValue.self, from: data) else {
        throw FixtureError("\(topic.rawValue).json is not a table")
      }
      let file = FixtureTable(path: topic.rawValue, entries: entries)
      let cases = try file.tables("cases").map {
        FixtureTable(path: "\(topic.rawValue)/\(try $0.string("name"))", entries: $0.entries)
      }
      let result = Loaded(file: file, cases: cases)
      loaded[key] = result
      return result
    }
  }

  private static func folder(_ library: Library) throws -> URL {
    guard
      let folder = Bundle.module.url(forResource: library.rawValue, withExtension: nil, subdirectory: "Fixtures")
    else { throw FixtureError("the test bundle has no Fixtures/\(library)") }
    return folder
  }
}
