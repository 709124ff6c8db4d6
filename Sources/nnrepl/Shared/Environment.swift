import Glibc
import NNEngine

/// The environment variables that nnrepl heeds, read once, in main. (Lua itself reads LUA_PATH and LUA_CPATH.)
struct Environment {
  private let variables: [String: String]

  init(_ variables: [String: String]) { self.variables = variables }

  static func ofProcess() -> Environment {
    let names = [
      "NNREPL_INIT", "NNREPL_HISTORY", "NN_NUM_THREADS", "NN_CPU", "NN_REFERENCE", "NN_DATASETS", "HOME",
      "XDG_STATE_HOME",
      "XDG_CONFIG_HOME", "NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "TERM", "COLUMNS",
      "COLORTERM", "LC_ALL", "LC_CTYPE", "LANG",
    ]
    var variables: [String: String] = [:]
    for name in names {
      if let value = getenv(name) { variables[name] = String(cString: value) }
    }
    return Environment(variables)
  }

  /// The variable's value; nil also when it is set to nothing.
  subscript(name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }

  /// Where to keep the history: nil for nowhere, which is what an empty NNREPL_HISTORY asks for.
  var historyPath: String? {
    if let path = variables["NNREPL_HISTORY"] { return path.isEmpty ? nil : path }
    return directory("XDG_STATE_HOME", inHome: ".local/state").map { "\($0)/nn/history" }
  }

  /// The user's start-up script for interactive sessions.
  var configurationPath: String? { directory("XDG_CONFIG_HOME", inHome: ".config").map { "\($0)/nn/init.lua" } }

  /// The XDG rule: an absolute path, or the default.
  private func directory(_ name: String, inHome path: String) -> String? {
    if let directory = self[name], directory.hasPrefix("/") { return directory }
    return self["HOME"].map { "\($0)/\(path)" }
  }
}

extension Environment {
  /// Follows NN_NUM_THREADS, NN_CPU and NN_REFERENCE; returns a complaint when one of them says something impossible.
  func applySettings() -> String? {
    if let text = self["NN_NUM_THREADS"] {
      guard let count = Int(text), (1...1024).contains(count) else {
        return "NN_NUM_THREADS must be a number of threads from 1 to 1024, got '\(text)'"
      }
      ThreadPool.shared.threadCount = count
    }
    if let text = self["NN_CPU"] {
      guard let level = CPU.Level.allCases.first(where: { "\($0)" == text }) else {
        let known = CPU.Level.allCases.map { "'\($0)'" }.joined(separator: " or ")
        return "NN_CPU must be \(known), got '\(text)'"
      }
      CPU.select(level: level)
    }
    if let text = self["NN_REFERENCE"] {
      guard text == "0" || text == "1" else { return "NN_REFERENCE must be 0 or 1, got '\(text)'" }
      ReferenceMode.isOn = text == "1"
    }
    return nil
  }
}
