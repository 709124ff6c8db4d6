import CLua

/// What was typed at the prompt, as Lua: an expression is tried first, so that its values can be shown.
struct Statement {
  private let text: String
  /// Ends in `;`: runs without showing values.
  let isSilent: Bool
  static let chunkName = "=stdin"

  init(_ entry: String) {
    isSilent = entry.last { !$0.isWhitespace } == ";"
    text = String(entry.drop { $0.isWhitespace })
  }

  /// False when Lua stumbles over the text's end, in each of its readings.
  func isComplete(_ lua: LuaState) -> Bool {
    let base = lua.top
    defer { lua.setTop(base) }
    var isIncomplete = false
    for source in readings(lua) {
      do throws(LuaError) {
        try lua.load(source, name: Statement.chunkName)
        return true
      } catch {
        if isStumble(lua.describe(error)) { isIncomplete = true }
      }
    }
    return !isIncomplete
  }

  /// Whether more lines can help: they cannot when a quote is open, unless the line break is escaped.
  private func isStumble(_ message: String) -> Bool {
    guard message.hasSuffix("<eof>") else { return false }
    return !message.hasSuffix("unfinished string near <eof>") || text.hasSuffix("\\")
  }

  /// Pushes the chunk; throws the error of the plain reading.
  func load(_ lua: LuaState) throws(LuaError) {
    if let source = readings(lua).first(where: { Statement.compiles($0, lua) }) {
      try lua.load(source, name: Statement.chunkName)
    } else {
      try lua.load(text.first == "=" ? "return " + text.dropFirst() : text, name: Statement.chunkName)
    }
  }

  /// In the order in which they are tried: an expression; statements that end in one, on a line of its own (only pasted
  /// text has that) or after a semicolon; statements.
  private func readings(_ lua: LuaState) -> [String] {
    if text.first == "=" { return ["return " + text.dropFirst()] }
    var readings = ["return " + text]
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if let last = lines.lastIndex(where: { !$0.allSatisfy(\.isWhitespace) }), last > 0 {
      let before = lines[..<last].joined(separator: "\n")
      if Statement.compiles(before, lua) { readings.append("\(before)\nreturn \(lines[last])") }
    }
    if let semicolon = text.lastIndex(of: ";"), !isSilent {
      let (before, after) = (text[...semicolon], text[text.index(after: semicolon)...])
      if Statement.compiles(String(before), lua) { readings.append("\(before) return \(after)") }
    }
    return readings + [text]
  }

  private static func compiles(_ source: String, _ lua: LuaState) -> Bool {
    do throws(LuaError) {
      try lua.load(source, name: chunkName)
      lua.pop()
      return true
    } catch {
      return false
    }
  }
}

/// Lines that are no Lua.
enum Directive: Equatable {
  /// `? name`; `?? name`: all there is to say.
  case help(String, isFull: Bool)
  /// `! command`, `$ command`
  case shell(String)
  /// `%time code`
  case time(String)

  init?(_ entry: String) {
    let text = entry.drop { $0.isWhitespace }
    let marks = text.prefix { "?!$".contains($0) }
    let argument = Directive.trimmed(text.dropFirst(marks.count))
    switch text.first {
    case "?": self = .help(argument, isFull: marks.hasPrefix("??"))
    case "!", "$": self = .shell(argument)
    default:
      let time = "%time"
      guard text.hasPrefix(time), text.dropFirst(time.count).first?.isWhitespace ?? false else { return nil }
      self = .time(Directive.trimmed(text.dropFirst(time.count)))
    }
  }

  private static func trimmed(_ text: Substring) -> String {
    String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}

/// Sessions pasted from somewhere: prompts are stripped and what was printed between them is left out.
enum Paste {
  static let prompt = "nn> "
  static let continuation = "..> "

  static func hasPrompts(_ entry: String) -> Bool { entry.drop { $0.isWhitespace }.hasPrefix(prompt) }

  /// The statements in an entry: itself, or one for each prompt in it.
  static func statements(in entry: String) -> [String] {
    guard hasPrompts(entry) else { return [entry] }
    var statements: [String] = []
    for line in entry.split(separator: "\n") {
      let line = line.drop { $0.isWhitespace }
      if line.hasPrefix(prompt) {
        statements.append(String(line.dropFirst(prompt.count)))
      } else if line.hasPrefix(continuation), !statements.isEmpty {
        statements[statements.count - 1] += "\n" + line.dropFirst(continuation.count)
      }
    }
    return statements.filter { !$0.allSatisfy(\.isWhitespace) }
  }
}
