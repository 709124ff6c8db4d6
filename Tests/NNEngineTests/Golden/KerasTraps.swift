import Foundation
import Testing

/// The 39 traps of Keras's semantics. A trap is covered by tests whose name begins with "trap N:", in whatever suite; the others wait for
/// what they are about, with a reason. A number that is neither fails; so does one that is both.
@Suite("Keras's traps: all of them")
struct KerasTraps {
  /// Who writes one of these tests takes its line out.
  static let waiting: [Int: String] = [:]

  /// The numbers in tests' names, and where they stand.
  private static func covered() throws -> [Int: [String]] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
    var found: [Int: [String]] = [:]
    for case let file as URL in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /@Test\(\s*"trap ([0-9]+): ([^"]*)"/) {
        guard let number = Int(match.1) else { continue }
        found[number, default: []].append("\(file.lastPathComponent): \(match.2)")
      }
    }
    return found
  }

  @Test("every trap has a test or a reason")
  func table() throws {
    let covered = try Self.covered()
    for number in 1...39 {
      #expect(covered[number] != nil || Self.waiting[number] != nil, "trap \(number) has neither a test nor a reason")
      #expect(
        covered[number] == nil || Self.waiting[number] == nil, "trap \(number) has a test: take it out of 'waiting'")
    }
    #expect(Set(covered.keys).union(Self.waiting.keys).isSubset(of: Set(1...39)))
    let tests = covered.values.reduce(0) { $0 + $1.count }
    let rest = Self.waiting.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }.joined(separator: ", ")
    print("traps: \(covered.count) of 39 covered by \(tests) tests; waiting: \(rest)")
  }
}
