import CLua
import Glibc
import NNEngine

/// The prompt: reads statements, runs them, shows values.
struct REPL {
  let interpreter: Interpreter
  let output: Terminal
  let reader: any LineReader
  let help: Help

  private var lua: LuaState { interpreter.lua }

  /// Until Ctrl-D.
  func run() {
    while let entry = readEntry() {
      for statement in Paste.statements(in: entry) {
        if !perform(statement) { break }
      }
      if Interrupt.isTerminated { return }
    }
    output.writeLine("")
    output.flush()
  }

  /// A whole entry: lines until they make a complete statement; nil at the end of input.
  private func readEntry() -> String? {
    var entry = ""
    while true {
      let isFirst = entry.isEmpty
      Mail.deliver(to: output)
      switch reader.read(prompt: prompt(isFirst), after: entry) {
      case .end: return nil
      case .interrupted:
        entry = ""
        if Interrupt.isTerminated { return nil }
      case .line(let line):
        if isFirst, line.allSatisfy(\.isWhitespace) { continue }
        entry += (isFirst ? "" : "\n") + line
        if isWhole(entry) {
          reader.remember(entry)
          return entry
        }
      }
    }
  }

  private func isWhole(_ entry: String) -> Bool {
    if case .time(let code)? = Directive(entry) { return Statement(code).isComplete(lua) }
    if Directive(entry) != nil || Paste.hasPrompts(entry) { return true }
    return Statement(entry).isComplete(lua)
  }

  /// _PROMPT and _PROMPT2, as lua has them.
  private func prompt(_ isFirst: Bool) -> String {
    let type = lua.rawGetGlobal(isFirst ? "_PROMPT" : "_PROMPT2")
    defer { lua.pop() }
    if type == .nil { return isFirst ? Paste.prompt : Paste.continuation }
    guard clua_text(lua.raw, -1) == LUA_OK, let text = lua.string(-1) else {
      lua.pop()
      return Paste.prompt
    }
    lua.pop()
    return text
  }

  /// False when it failed.
  private func perform(_ text: String) -> Bool {
    let base = lua.top
    defer {
      lua.setTop(base)
      lua.flushOutput()
    }
    let start = ContinuousClock.now
    do throws(LuaError) {
      Interrupt.beginCommand()
      defer { tell(ContinuousClock.now - start, always: false) }
      if let directive = Directive(text) {
        try perform(directive)
      } else {
        try evaluate(Statement(text), base)
      }
      return true
    } catch {
      interpreter.report(hinted(Traceback.shortened(lua.describe(error))))
      return false
    }
  }

  private func evaluate(_ statement: Statement, _ base: Int32) throws(LuaError) {
    try statement.load(lua)
    try lua.call(results: LUA_MULTRET, traceback: true)
    guard lua.top > base else { return }
    keep(from: base + 1)
    if !statement.isSilent { try Printer(lua: lua, terminal: output, help: help).print(from: base + 1) }
  }

  /// With the global that was probably meant, where one is nil.
  private func hinted(_ message: String) -> String {
    let lines = message.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = lines.first, first.contains("a nil value (global '"), first.hasSuffix("')"),
      let start = first.lastIndex(of: "("), let quote = first[start...].firstIndex(of: "'")
    else { return message }
    let name = String(first[first.index(after: quote)...].dropLast(2))
    let rest = lines.count > 1 ? "\n" + lines[1] : ""
    return first + Suggestion.hint(for: name, among: StrictGlobals.names(lua)) + rest
  }

  /// `_` is the first value, `_1`, `_2`, … are all of them.
  private func keep(from first: Int32) {
    guard lua_checkstack(lua.raw, 8) != 0 else { return }
    lua.copy(first)
    lua.rawSetGlobal("_")
    for (offset, index) in (first...lua.top).prefix(9).enumerated() {
      lua.copy(index)
      lua.rawSetGlobal("_\(offset + 1)")
    }
  }

  private func perform(_ directive: Directive) throws(LuaError) {
    switch directive {
    case .help(let topic, let isFull):
      try help.show(topic: topic, isFull: isFull) { topic in
        LuaCursor.path(topic).map { Completion(lua, help).push($0) } ?? false
      } describe: { (index) throws(LuaError) in
        try Printer(lua: lua, terminal: output, help: help).brief(index)
      }
    case .shell(let command):
      lua.flushOutput()
      system(command)
    case .time(let code):
      let start = ContinuousClock.now
      defer { tell(ContinuousClock.now - start, always: true) }
      try evaluate(Statement(code), lua.top)
    }
  }

  /// The time of what took long, on a terminal; always, where it was asked for.
  private func tell(_ duration: Duration, always: Bool) {
    guard always || (duration >= .seconds(1) && output.isTerminal) else { return }
    output.writeLine(output.styled("(\(Durations.text(duration)))", .dim))
  }
}
