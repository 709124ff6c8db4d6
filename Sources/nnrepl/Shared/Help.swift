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
  /// Otherwise the summary may end in "Example: …".
  var example: String?
  /// What shape becomes of what: "(n, …, inputs) → (n, …, units)".
  var shapes: String?

  var shortName: String { name.split { ".:".contains($0) }.last.map(String.init) ?? name }
}

/// Documentation by name and by value: `help(nn.layers.Dense)`, `help "Dense"`, `? Dense`.
final class Help {
  private let lua: LuaState
  private let terminal: Terminal
  private var entries: [HelpEntry] = []
  /// Full and short names, in lower case; more than one thing may have a short name.
  private var byName: [String: [Int]] = [:]

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
        terminal.write(HelpText.general(width: terminal.width))
      } else if let name = lua.string(1) {
        try show(name)
      } else if let entry = entry(for: 1, in: lua) {
        terminal.write(text(of: entry))
      } else if let text = HelpText.ofUserFunction(1, lua) {
        terminal.write(text)
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
    for name in Set([entry.name.lowercased(), entry.shortName.lowercased()]) {
      byName[name, default: []].append(number)
    }
    guard let index else { return }
    let value = lua.absolute(index)
    pushValues(lua)
    lua.copy(value)
    lua.push(number)
    lua_rawset(lua.raw, -3)
    lua.pop()
  }

  /// The entry that is most likely meant by a name.
  func entry(named name: String) -> HelpEntry? { found(name).first }

  /// All that has the name: what is written the same way first, then classes, functions, methods.
  private func found(_ name: String) -> [HelpEntry] {
    let known = (byName[name.lowercased()] ?? []).map { entries[$0] }
    func rank(_ entry: HelpEntry) -> Int {
      if entry.name == name { return 0 }
      let kind = entry.name.contains(":") ? 2 : entry.fields.isEmpty ? 1 : 0
      return entry.shortName == name ? 1 + kind : 4 + kind
    }
    return known.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(\.element)
  }

  /// The short and full names that begin so: for completion.
  func names(beginning prefix: String) -> [String] {
    entries.flatMap { [$0.name, $0.shortName] }.filter { $0.hasPrefix(prefix) }
  }

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

  /// `? topic`: the value that the words name, otherwise the documented thing of that name. `isFull`: also where it comes from.
  /// `resolve` pushes the value that is named so, `describe` says in few words what is at an index.
  func show(
    topic: String, isFull: Bool, resolve: (String) -> Bool, describe: (Int32) throws(LuaError) -> String
  ) throws(LuaError) {
    if topic.isEmpty { return terminal.write(HelpText.general(width: terminal.width)) }
    if resolve(topic) {
      defer { lua.pop() }
      let origin = isFull ? try HelpText.origin(of: -1, lua) : ""
      if let entry = entry(for: -1, in: lua) { return terminal.write(text(of: entry) + origin) }
      if let text = HelpText.ofUserFunction(-1, lua) { return terminal.write(text + origin) }
      if entry(named: topic) == nil {
        return terminal.write("\(topic): \(try describe(-1))\n" + origin)
      }
    }
    try show(topic)
  }

  private func show(_ name: String) throws(LuaError) {
    let found = found(name)
    guard let entry = found.first else { throw .message("no help for '\(name)'" + hint(name)) }
    terminal.write(text(of: entry))
    let others = found.dropFirst().map(\.name).filter { $0 != entry.name }
    if !others.isEmpty {
      terminal.writeLine(
        "\n  " + TextWrap.wrap("See also: " + others.joined(separator: ", "), width: terminal.width, indent: 2))
    }
  }

  /// The name that was probably meant, or what contains the letters.
  private func hint(_ name: String) -> String {
    let known = entries.map(\.shortName)
    let wanted = name.lowercased()
    let containing = Array(Set(known.filter { wanted.count > 1 && $0.lowercased().contains(wanted) })).sorted()
    if containing.count > 1 || Suggestion.nearest(to: name, among: known) == nil, !containing.isEmpty {
      return "; there are " + containing.prefix(12).joined(separator: ", ") + (containing.count > 12 ? ", …" : "")
    }
    return Suggestion.hint(for: name, among: known)
  }

  func text(of entry: HelpEntry) -> String { HelpText.of(entry, terminal) }

  /// Pushes the table value → number of its entry; weak, so that it keeps nobody alive.
  private func pushValues(_ lua: LuaState) {
    if luaL_getsubtable(lua.raw, clua_registry(), "nnrepl.help") != 0 { return }
    lua.pushTable(fields: 1)
    lua.push("k")
    lua.rawSetField("__mode", in: -2)
    lua_setmetatable(lua.raw, -2)
  }
}
