import CLua

/// What Tab offers. Looks at values without running anybody's code, and never fails.
struct Completion {
  private let lua: LuaState
  private let help: Help
  /// Nobody reads more, and a table may have millions of keys.
  private static let limit = 5000

  init(_ lua: LuaState, _ help: Help) {
    self.lua = lua
    self.help = help
  }

  /// The names that may stand in place of the identifier (perhaps empty) at the text's end; nil inside a string that is
  /// no enumeration: a file name is likely.
  func names(for cursor: LuaCursor) -> [String]? {
    let base = lua.top
    defer { lua.setTop(base) }
    guard lua_checkstack(lua.raw, 40) != 0 else { return [] }
    if cursor.isHelpTopic { return topics(cursor.identifier) }
    if cursor.isInString { return texts(cursor) }
    if cursor.isInComment { return [] }
    let names: [String]
    if cursor.isStringMethod {
      lua.push("")
      names = members(of: lua.top, onlyFunctions: true)
    } else if let path = cursor.path {
      guard push(path.owner) else { return [] }
      names = members(of: lua.top, onlyFunctions: path.isMethod)
    } else {
      let options = cursor.mayBeOption ? fields(cursor).map { $0.name + "=" } : []
      names = options + (cursor.identifier.isEmpty ? [] : globals() + Completion.keywords)
    }
    let wanted = names.filter { name in
      name.hasPrefix(cursor.identifier) && (!name.hasPrefix("_") || cursor.identifier.hasPrefix("_"))
    }
    return Array(Set(wanted)).sorted()
  }

  /// Pushes the value that a dotted path names; false, and nothing pushed, when there is none.
  func push(_ path: [LuaCursor.Key]) -> Bool {
    guard case .name(let first)? = path.first else { return false }
    let base = lua.top
    lua.rawGetGlobal(first)
    for key in path.dropFirst() {
      guard pushMember(key, of: lua.top) else {
        lua.setTop(base)
        return false
      }
      lua.remove(-2)
    }
    if lua.isNil(-1) {
      lua.setTop(base)
      return false
    }
    return true
  }

  private func pushMember(_ key: LuaCursor.Key, of index: Int32, depth: Int = 0) -> Bool {
    switch lua.type(index) {
    case .table:
      switch key {
      case .name(let name): lua.rawGetField(name, in: index)
      case .position(let position): lua.rawGet(position, in: index)
      }
      if !lua.isNil(-1) { return true }
      lua.pop()
    case .userdata:
      if luaL_getmetafield(lua.raw, index, "__members") == LUA_TTABLE {
        defer { lua.remove(-2) }
        guard case .name(let name) = key else { return pushValue(of: key, index) }
        if lua.rawGetField(name, in: -1) == .boolean {  // a property of ours: reading it has no side effects
          lua.pop()
          return pushValue(of: key, index)
        }
        return !lua.isNil(-1)
      }
    default: break
    }
    guard depth < 16, luaL_getmetafield(lua.raw, index, "__index") == LUA_TTABLE else { return false }
    defer { lua.remove(-2) }
    return pushMember(key, of: lua.top, depth: depth + 1)
  }

  private func pushValue(of key: LuaCursor.Key, _ index: Int32) -> Bool {
    switch key {
    case .name(let name): lua.push(name)
    case .position(let position): lua.push(position)
    }
    return clua_get(lua.raw, index) == LUA_OK && !lua.isNil(-1)
  }

  /// The names in a value and in what it inherits from.
  private func members(of index: Int32, onlyFunctions: Bool) -> [String] {
    var names: [String] = []
    var owner = index
    for _ in 0..<16 {
      if lua.type(owner) == .table { names += keys(of: owner, onlyFunctions: onlyFunctions) }
      if luaL_getmetafield(lua.raw, owner, "__members") == LUA_TTABLE {
        names += keys(of: lua.top, onlyFunctions: onlyFunctions)
      }
      guard luaL_getmetafield(lua.raw, owner, "__index") == LUA_TTABLE else { break }
      owner = lua.top
    }
    return names
  }

  private func keys(of table: Int32, onlyFunctions: Bool) -> [String] {
    var names: [String] = []
    try? lua.forEachPair(of: table) { () throws(LuaError) in
      guard let name = lua.string(-2), LuaCursor.isIdentifier(name) else { return true }
      if !onlyFunctions || isCallable(-1) { names.append(name) }
      return names.count < Completion.limit
    }
    return names
  }

  private func isCallable(_ index: Int32) -> Bool {
    if lua.type(index) == .function { return true }
    guard luaL_getmetafield(lua.raw, index, "__call") != LUA_TNIL else { return false }
    lua.pop()
    return true
  }

  private func globals() -> [String] {
    lua.pushGlobals()
    return members(of: lua.top, onlyFunctions: false)
  }

  /// The options of the call that the cursor is in.
  private func fields(_ cursor: LuaCursor) -> [HelpEntry.Field] {
    guard let callee = cursor.callee, push(callee) else { return [] }
    return help.entry(for: -1, in: lua)?.fields ?? []
  }

  /// What may stand in the string: one of an option's values, a module, a help topic; nil: perhaps a file's name.
  private func texts(_ cursor: LuaCursor) -> [String]? {
    if let option = cursor.option { return choices(option, cursor) }
    switch cursor.callee {
    case [.name("require")]: return modules().filter { $0.hasPrefix(cursor.stringText ?? "") }
    case [.name("help")]: return topics(cursor.stringText ?? "")
    default: return nil
    }
  }

  private func topics(_ prefix: String) -> [String] {
    var names = help.names(beginning: prefix)
    if let dot = prefix.lastIndex(where: { ".:".contains($0) }) {
      // The user's own things, too.
      let owner = LuaCursor.path(String(prefix[..<dot]))
      if let owner, push(owner) {
        names += members(of: lua.top, onlyFunctions: prefix[dot] == ":").map { prefix[...dot] + $0 }
          .filter { $0.hasPrefix(prefix) }
      }
    } else {
      names += globals().filter { $0.hasPrefix(prefix) && !$0.hasPrefix("_") }
    }
    return Array(Set(names)).sorted()
  }

  /// What `require` has loaded, could preload, and finds as files.
  private func modules() -> [String] {
    var names: [String] = []
    guard push([.name("package")]) else { return [] }
    let package = lua.top
    for list in ["loaded", "preload"] {
      lua.rawGetField(list, in: package)
      names += keys(of: lua.top, onlyFunctions: false)
      lua.pop()
    }
    for list in ["path", "cpath"] {
      lua.rawGetField(list, in: package)
      names += ModuleFiles.names(lua.string(-1) ?? "")
      lua.pop()
    }
    return Array(Set(names)).sorted()
  }

  private func choices(_ option: String, _ cursor: LuaCursor) -> [String]? {
    guard let field = fields(cursor).first(where: { $0.name == option }), !field.choices.isEmpty else { return nil }
    let typed = cursor.stringText ?? ""
    return Array(Set(field.choices.filter { $0.hasPrefix(typed) })).sorted()
  }

  private static let keywords = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil",
    "not", "or", "repeat", "return", "then", "true", "until", "while",
  ]
}
