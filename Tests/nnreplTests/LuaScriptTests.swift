import Foundation
import Testing

@Suite("Scripts in Tests/lua") struct LuaScriptTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("lua").path
  static let scripts = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
    $0.hasSuffix(".lua")
  }.sorted()

  @Test("there are scripts") func exist() { #expect(!LuaScriptTests.scripts.isEmpty) }

  @Test("runs without an error", arguments: scripts) func run(_ script: String) throws {
    let path = ["LUA_PATH": LuaScriptTests.folder + "/?.lua"]
    let outcome = try NNRepl.run([LuaScriptTests.folder + "/" + script], environment: path)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }
}
