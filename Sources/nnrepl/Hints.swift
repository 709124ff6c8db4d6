import NNEngine

/// What to add to Lua's own errors at the prompt: the name that was probably meant, and what differs from Python.
final class Hints {
  /// The local variables of earlier lines: they are gone.
  private var locals: Set<String> = []

  /// Takes note of an entry's local variables.
  func see(_ entry: String) {
    let words = entry.split { !($0.isLetter || $0.isNumber || "_,=".contains($0)) }.map(String.init)
    for (index, word) in words.enumerated() where word == "local" {
      for name in words[(index + 1)...].prefix(8) {
        if name == "=" { break }
        let beforeEquals = name.split(separator: "=", omittingEmptySubsequences: false).first ?? ""
        for part in beforeEquals.split(separator: ",") where LuaCursor.isIdentifier(String(part)) {
          locals.insert(String(part))
        }
        if name.contains("=") { break }
      }
    }
  }

  func added(to message: String, _ lua: LuaState) -> String {
    let lines = message.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = lines.first else { return message }
    return first + hint(first, lua) + (lines.count > 1 ? "\n" + lines[1] : "")
  }

  private func hint(_ message: Substring, _ lua: LuaState) -> String {
    if message.contains("a nil value (global '"), message.hasSuffix("')"), let start = message.lastIndex(of: "("),
      let quote = message[start...].firstIndex(of: "'")
    {
      let name = String(message[message.index(after: quote)...].dropLast(2))
      if locals.contains(name) { return "; a local variable ends with its line: write \(name) = … without local" }
      return Suggestion.hint(for: name, among: StrictGlobals.names(lua))
    }
    if message.hasSuffix("')' expected near '='") { return "; named arguments go into a table: f(x, {name=value})" }
    if message.hasSuffix("near '!'") { return "; not equal is ~=, not is not" }
    return ""
  }
}
