import CLua
import NNEngine

/// What the documentation says about one thing that has a name in Lua. Bindings make these from schemas.
struct HelpEntry {
  struct Field {
    var name: String
    /// As Lua writes it; nil: the field must be given.
    var defaultValue: String?
    var summary = ""
    /// The names that a string argument may take.
    var choices: [String] = []
  }

  /// The full name: "nn.layers.Dense", "Model:fit".
  var name: String
  /// What follows the name in a call, when fields do not say it: "(x, y, options)".
  var signature: String?
  var summary: String
  var fields: [Field] = []
  var example: String?

  var shortName: String { name.split { ".:".contains($0) }.last.map(String.init) ?? name }
}

/// Documentation by name and by value: `help(nn.layers.Dense)`, `help "Dense"`, `? Dense`.
final class Help {
  private let lua: LuaState
  private let terminal: Terminal
  private var entries: [HelpEntry] = []
  private var byName: [String: Int] = [:]

  init(_ lua: LuaState, _ terminal: Terminal) {
    self.lua = lua
    self.terminal = terminal
  }

  /// Defines the global `help`.
  func install() {
    push(lua)
    lua.rawSetGlobal("help")
  }

  /// Pushes the function.
  func push(_ lua: LuaState) {
    lua.pushFunction("help") { [self] lua throws(LuaError) in
      if lua.top == 0 {
        terminal.write(Help.general)
      } else if let name = lua.string(1) {
        try show(name)
      } else if let entry = entry(for: 1, in: lua) {
        terminal.write(text(of: entry))
      } else {
        throw .message("nothing is known about this \(lua.typeName(1))")
      }
      return 0
    }
  }

  /// Adds an entry; with `valueAt` it is also found by the value at that index.
  func add(_ entry: HelpEntry, valueAt index: Int32? = nil) {
    let number = entries.count
    entries.append(entry)
    byName[entry.name.lowercased()] = number
    let short = entry.shortName.lowercased()
    if byName[short] == nil { byName[short] = number }
    guard let index else { return }
    let value = lua.absolute(index)
    pushValues(lua)
    lua.copy(value)
    lua.push(number)
    lua_rawset(lua.raw, -3)
    lua.pop()
  }

  func entry(named name: String) -> HelpEntry? { byName[name.lowercased()].map { entries[$0] } }

  /// The entry of the value at an index; of an object's class when the object has none.
  func entry(for index: Int32, in lua: LuaState) -> HelpEntry? {
    let value = lua.absolute(index)
    if lua.isNil(value) { return nil }
    pushValues(lua)
    lua.copy(value)
    lua_rawget(lua.raw, -2)
    defer { lua.pop(2) }
    if let number = lua.integer(-1), entries.indices.contains(number) { return entries[number] }
    return lua.type(value) == .userdata ? entry(named: lua.typeName(value)) : nil
  }

  /// `? topic`: the value that the words name, otherwise the documented thing of that name.
  func show(topic: String, resolve: (String) -> Bool) throws(LuaError) {
    if topic.isEmpty { return terminal.write(Help.general) }
    if resolve(topic) {
      defer { lua.pop() }
      if let entry = entry(for: -1, in: lua) { return terminal.write(text(of: entry)) }
    }
    try show(topic)
  }

  private func show(_ name: String) throws(LuaError) {
    guard let entry = entry(named: name) else {
      let known = entries.map(\.shortName)
      let hint = Suggestion.nearest(to: name, among: known).map { "; did you mean '\($0)'?" } ?? ""
      throw .message("no help for '\(name)'\(hint)")
    }
    terminal.write(text(of: entry))
  }

  func text(of entry: HelpEntry) -> String {
    var text = terminal.styled(entry.name, .bold) + (entry.signature ?? Help.signature(of: entry.fields)) + "\n"
    text += "  \(entry.summary)\n"
    if !entry.fields.isEmpty { text += "\n" }
    let width = entry.fields.map(\.name.count).max() ?? 0
    for field in entry.fields {
      let name = field.name + String(repeating: " ", count: width - field.name.count)
      var line = "  \(name)  \(field.summary)"
      if !field.choices.isEmpty { line += " One of: \(field.choices.joined(separator: ", "))." }
      if let value = field.defaultValue { line += " Default: \(value)." }
      text += line + "\n"
    }
    if let example = entry.example { text += "\n" + example.split(separator: "\n").map { "  \($0)\n" }.joined() }
    return text
  }

  private static func signature(of fields: [HelpEntry.Field]) -> String {
    let parts = fields.map { field in
      guard let value = field.defaultValue else { return field.name }
      return "\(field.name)=\(value)"
    }
    return "{" + parts.joined(separator: ", ") + "}"
  }

  /// Pushes the table value → number of its entry; weak, so that it keeps nobody alive.
  private func pushValues(_ lua: LuaState) {
    if luaL_getsubtable(lua.raw, clua_registry(), "nnrepl.help") != 0 { return }
    lua.pushTable(fields: 1)
    lua.push("k")
    lua.rawSetField("__mode", in: -2)
    lua_setmetatable(lua.raw, -2)
  }

  static let general = """
    Type Lua. An expression's value is printed; a line that ends in ; prints nothing.
      _, _1, _2, …     the values of the last expression
      help(x), ? name  documentation of a function, a class, a name
      nn.plot(history) draws a training; nn.plot{x, y}, nn.imshow(image), model:plot() other things
      Tab              completes names, fields, options and file names
      Ctrl-C           stops a running fit after its batch, or anything else with an error; drops a half-typed line
      Ctrl-R, arrows   search and walk the history
      Ctrl-D           leaves

    """
}
