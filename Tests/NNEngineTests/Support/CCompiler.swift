import Foundation
import Testing

@testable import NNEngine

/// Many exported files as one program, which runs the self-tests of all of them.
struct CProgram {
  let folder: TemporaryFolder
  private(set) var count = 0
  private var main = ""
  private var calls = ""

  init() throws { folder = try TemporaryFolder() }

  /// The name for the next file; its macros are the name in upper case.
  var nextName: String { "law\(count)" }

  mutating func add(_ source: [UInt8]) throws {
    let name = nextName
    _ = try folder.write("\(name).c", source)
    let macro = name.uppercased()
    main += "#define \(macro)_SELF_TEST\n#define \(macro)_NO_MAIN\n#include \"\(name).c\"\n"
    calls += "  if (!\(name)_self_test()) { printf(\"\(name): failed\\n\"); ok = 0; }\n"
    count += 1
  }

  /// Expects that it compiles without a warning and that every self-test is content.
  func expectContent(flags: [String] = CCompiler.flags, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let text = main + "#include <stdio.h>\nint main(void) {\n  int ok = 1;\n\(calls)  return ok ? 0 : 1;\n}\n"
    let (output, status) = try CCompiler.run(folder.write("main.c", Array(text.utf8)), in: folder, flags: flags)
    #expect(status == 0, "\(complaints(output))", sourceLocation: sourceLocation)
    let content = output.split(separator: "\n").count { $0.hasSuffix(": ok") }
    #expect(content >= count && count > 0, sourceLocation: sourceLocation)
  }

  /// The lines that say what is wrong, with what the files say that they are.
  private func complaints(_ output: String) -> String {
    let lines = output.split(separator: "\n").filter { !$0.hasSuffix(": ok") }.prefix(20)
    return lines.map { line in
      guard let name = line.split(separator: ":").first, name.hasPrefix("law"),
        let source = try? folder.read(folder.path + "/\(name).c")
      else { return String(line) }
      return "\(line) [\(String(decoding: source.prefix(100), as: UTF8.self).split(separator: "\n")[0])]"
    }.joined(separator: "\n")
  }
}

/// The system's C compiler, for tests of exported code.
enum CCompiler {
  static let flags = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-O1"]

  /// Compiles a file that lies in `folder` and runs the program; gives what it printed and its status.
  static func run(_ source: String, in folder: TemporaryFolder, flags: [String] = flags) throws -> (
    output: String, status: Int32
  ) {
    let program = folder.path + "/program"
    let compiled = try execute("/usr/bin/env", ["cc"] + flags + [source, "-lm", "-o", program], in: folder)
    guard compiled.status == 0 else { return (String(compiled.output.prefix(3000)), compiled.status) }
    return try execute(program, [], in: folder)
  }

  private static func execute(
    _ path: String, _ arguments: [String], in folder: TemporaryFolder
  ) throws -> (output: String, status: Int32) {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    // A file, not a pipe: no output is too long for it.
    let log = folder.path + "/log"
    try Data().write(to: URL(filePath: log))
    let handle = try FileHandle(forWritingTo: URL(filePath: log))
    process.standardOutput = handle
    process.standardError = handle
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try handle.close()
    return (try String(contentsOf: URL(filePath: log), encoding: .utf8), process.terminationStatus)
  }
}
