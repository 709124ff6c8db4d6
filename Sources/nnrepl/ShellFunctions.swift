import CLua
import NNEngine

/// The functions of the shell itself, beside `help`: `who()`, `time(f, …)`.
struct ShellFunctions {
  let output: Terminal
  let help: Help

  /// Defines the globals. What is there by then is not the user's.
  func install(_ lua: LuaState) {
    lua.pushGlobals()
    lua.define(
      "who", in: "", help: help, "()", "Lists the global variables that you have made, with what they are."
    ) { lua throws(LuaError) in
      output.write(try listing(lua))
      return 0
    }
    lua.define(
      "time", in: "", help: help, "(f, …)",
      "Calls f, says how long that took, and returns what f returned. At the prompt also: %time expression."
    ) { lua throws(LuaError) in
      if lua.type(1) != .function {
        guard luaL_getmetafield(lua.raw, 1, "__call") != LUA_TNIL else { throw lua.mismatch(1, "a function") }
        lua.pop()
      }
      let start = ContinuousClock.now
      try lua.call(arguments: lua.top - 1, results: LUA_MULTRET)
      output.writeLine(output.styled("(\(Durations.text(ContinuousClock.now - start)))", .dim))
      return lua.top
    }
    lua.pop()
    rememberNames(lua)
  }

  private static let baseline = "nnrepl.baseline"

  /// The names of the globals that exist now.
  private func rememberNames(_ lua: LuaState) {
    lua.pushTable()
    lua.pushGlobals()
    try? lua.forEachPair(of: -1) { () throws(LuaError) in
      guard lua.type(-2) == .string else { return true }
      lua.copy(-2)
      lua.push(true)
      lua_rawset(lua.raw, -6)
      return true
    }
    lua.pop()
    lua.rawSetField(ShellFunctions.baseline, in: clua_registry())
  }

  private func listing(_ lua: LuaState) throws(LuaError) -> String {
    lua.rawGetField(ShellFunctions.baseline, in: clua_registry())
    let known = lua.top
    lua.pushGlobals()
    var rows: [(name: String, text: String)] = []
    let printer = Printer(lua: lua, terminal: output, help: help)
    try lua.forEachPair(of: -1) { () throws(LuaError) in
      guard let name = lua.string(-2), !name.hasPrefix("_") else { return true }
      defer { lua.pop() }
      guard lua.rawGetField(name, in: known) == .nil else { return true }
      rows.append((name, try printer.brief(-2)))
      return true
    }
    guard !rows.isEmpty else {
      return "nothing yet: local variables are not listed, and last no longer than their line\n"
    }
    rows.sort { $0.name < $1.name }
    let width = rows.map(\.name.count).max() ?? 0
    return rows.map { row in
      row.name + String(repeating: " ", count: width - row.name.count + 2) + row.text + "\n"
    }.joined()
  }
}

/// How times are told.
enum Durations {
  /// "0.52 ms", "1.25 s"
  static func text(_ duration: Duration) -> String {
    let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    let (value, unit) = seconds >= 1 ? (seconds, "s") : seconds >= 1e-3 ? (seconds * 1e3, "ms") : (seconds * 1e6, "us")
    let hundredths = Int((value * 100).rounded())
    let fraction = String(hundredths % 100)
    return "\(hundredths / 100).\(fraction.count < 2 ? "0" : "")\(fraction) \(unit)"
  }
}
