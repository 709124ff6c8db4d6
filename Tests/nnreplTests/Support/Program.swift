import Foundation

/// The built nnrepl, run as a user would.
enum NNRepl {
  struct Outcome {
    var output: String
    var errors: String
    var status: Int32
  }

  /// Beside the test bundle in the build folder.
  static let path: String = {
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("nnrepl").path
  }()

  /// What the tests' own environment may not decide.
  static let environment = ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "TERM": "xterm", "NNREPL_HISTORY": ""]

  static func run(
    _ arguments: [String], as path: String = NNRepl.path, input: String = "", environment: [String: String] = [:],
    whileRunning: (Process) -> Void = { _ in }
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = NNRepl.environment.merging(environment) { $1 }
    let files = try TemporaryFolder()
    let (inputURL, outputURL, errorsURL) = (files.url("input"), files.url("output"), files.url("errors"))
    for url in [outputURL, errorsURL] { try Data().write(to: url) }
    try Data(input.utf8).write(to: inputURL)
    process.standardInput = try FileHandle(forReadingFrom: inputURL)
    process.standardOutput = try FileHandle(forWritingTo: outputURL)
    process.standardError = try FileHandle(forWritingTo: errorsURL)
    try process.run()
    let identifier = process.processIdentifier
    let watchdog = DispatchWorkItem { kill(identifier, SIGKILL) }  // a test that hangs must not leave it running
    DispatchQueue.global().asyncAfter(deadline: .now() + 300, execute: watchdog)
    defer { watchdog.cancel() }
    whileRunning(process)
    process.waitUntilExit()
    return Outcome(
      output: String(decoding: try Data(contentsOf: outputURL), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: errorsURL), as: UTF8.self), status: process.terminationStatus)
  }
}

/// A folder that is gone with its owner.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "nnrepl-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func url(_ name: String) -> URL { URL(fileURLWithPath: path).appendingPathComponent(name) }

  func write(_ name: String, _ text: String) throws -> String {
    try Data(text.utf8).write(to: url(name))
    return url(name).path
  }
}
