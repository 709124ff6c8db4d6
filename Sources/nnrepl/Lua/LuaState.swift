import CLua
import Glibc

typealias LuaPointer = OpaquePointer

/// A handle on a Lua stack (the main one or a coroutine's).
///
/// Nothing here raises a Lua error: what could is called through the C bodies of CLua's shim.h and throws `LuaError`.
/// Methods push and pop as Lua's own functions do; their comments say what they leave behind.
struct LuaState {
  let raw: LuaPointer

  init(_ raw: LuaPointer) { self.raw = raw }

  /// A new interpreter with the standard libraries; nil when there is no memory for one.
  static func open(ignoringEnvironment: Bool = false) -> LuaState? {
    guard let raw = clua_open() else { return nil }
    let state = LuaState(raw)
    if ignoringEnvironment {  // package.path and package.cpath look for this key
      state.push(true)
      state.rawSetField("LUA_NOENV", in: clua_registry())
    }
    guard clua_openlibs(raw) == LUA_OK, clua_watch_coroutines(raw) == LUA_OK else {
      clua_close(raw)
      return nil
    }
    return state
  }

  func close() { clua_close(raw) }

  /// `print` and `io.write` write to C's buffered standard output, and so does everything here.
  func flushOutput() { fflush(clua_stdout()) }
}

// MARK: - The stack

extension LuaState {
  var top: Int32 { lua_gettop(raw) }

  func setTop(_ top: Int32) { lua_settop(raw, top) }
  func pop(_ count: Int32 = 1) { clua_pop(raw, count) }
  func remove(_ index: Int32) { clua_remove(raw, index) }
  func insert(_ index: Int32) { clua_insert(raw, index) }
  func absolute(_ index: Int32) -> Int32 { lua_absindex(raw, index) }
  func copy(_ index: Int32) { lua_pushvalue(raw, index) }

  /// Makes room for `slots` more values; a function starts with room for 20.
  func ensure(_ slots: Int32) throws(LuaError) {
    if lua_checkstack(raw, slots) == 0 { throw .message("too many values on the Lua stack") }
  }

  func pushNil() { lua_pushnil(raw) }
  func push(_ value: Bool) { lua_pushboolean(raw, value ? 1 : 0) }
  func push(_ value: Int) { lua_pushinteger(raw, lua_Integer(value)) }
  func push(_ value: Double) { lua_pushnumber(raw, value) }

  func push(_ value: String) {
    var value = value
    value.withUTF8 { bytes in
      _ = bytes.withMemoryRebound(to: CChar.self) { lua_pushlstring(raw, $0.baseAddress, $0.count) }
    }
  }

  func pushTable(array: Int = 0, fields: Int = 0) {
    lua_createtable(raw, Int32(clamping: array), Int32(clamping: fields))
  }

  func pushGlobals() { clua_pushglobals(raw) }
}

// MARK: - Reading values, without conversions and without side effects

enum LuaType: Int32 {
  case none = -1
  case `nil`, boolean, lightUserdata, number, string, table, function, userdata, thread

  var name: String {
    switch self {
    case .none: "no value"
    case .lightUserdata: "userdata"
    default: "\(self)"
    }
  }
}

extension LuaState {
  func type(_ index: Int32) -> LuaType { LuaType(rawValue: lua_type(raw, index)) ?? .none }
  func isNil(_ index: Int32) -> Bool { lua_type(raw, index) <= LUA_TNIL }
  func isInteger(_ index: Int32) -> Bool { lua_isinteger(raw, index) != 0 }

  /// Anything is a boolean, as in Lua's conditions.
  func truth(_ index: Int32) -> Bool { lua_toboolean(raw, index) != 0 }

  func number(_ index: Int32) -> Double? {
    type(index) == .number ? lua_tonumberx(raw, index, nil) : nil
  }

  /// An integer, or a float with an integer's value.
  func integer(_ index: Int32) -> Int? {
    guard type(index) == .number else { return nil }
    var exact: Int32 = 0
    let value = lua_tointegerx(raw, index, &exact)
    return exact != 0 ? Int(value) : nil
  }

  func string(_ index: Int32) -> String? { bytes(index).map { String(decoding: $0, as: UTF8.self) } }

  /// The bytes of a string; valid while the string is on the stack.
  func bytes(_ index: Int32) -> UnsafeRawBufferPointer? {
    guard type(index) == .string else { return nil }
    var count = 0
    let start = lua_tolstring(raw, index, &count)
    return UnsafeRawBufferPointer(start: start, count: count)
  }

  /// What the value is called in messages: its type, or the class of an object.
  func typeName(_ index: Int32) -> String {
    if type(index) == .userdata, luaL_getmetafield(raw, index, "__name") != LUA_TNIL {
      defer { pop() }
      if let name = string(-1) { return name }
    }
    return type(index).name
  }
}

// MARK: - Tables

extension LuaState {
  /// The raw length of a table; 0 for anything else, so that loops over what is no table end at once.
  func rawLength(_ index: Int32) -> Int { type(index) == .table ? Int(clamping: lua_rawlen(raw, index)) : 0 }

  /// Pushes `table[key]` without metamethods; nil from what is no table, which Lua itself would not survive.
  @discardableResult func rawGet(_ key: Int, in table: Int32) -> LuaType {
    guard type(table) == .table else {
      pushNil()
      return .nil
    }
    return LuaType(rawValue: lua_rawgeti(raw, table, lua_Integer(key))) ?? .none
  }

  /// Pushes `table[key]` without metamethods; nil from what is no table.
  @discardableResult func rawGetField(_ key: String, in table: Int32) -> LuaType {
    guard type(table) == .table else {
      pushNil()
      return .nil
    }
    let table = absolute(table)
    push(key)
    return LuaType(rawValue: lua_rawget(raw, table)) ?? .none
  }

  /// Pops a value into `table[key]` without metamethods.
  func rawSet(_ key: Int, in table: Int32) { lua_rawseti(raw, table, lua_Integer(key)) }

  /// Pops a value into `table[key]` without metamethods.
  func rawSetField(_ key: String, in table: Int32) {
    let table = absolute(table)
    push(key)
    clua_insert(raw, -2)
    lua_rawset(raw, table)
  }

  /// Pushes `value[key]`, metamethods included.
  func getField(_ key: String, in table: Int32) throws(LuaError) {
    let table = absolute(table)
    push(key)
    try check(clua_get(raw, table))
  }

  /// Pops a value into `table[key]`, metamethods included.
  func setField(_ key: String, in table: Int32) throws(LuaError) {
    let table = absolute(table)
    push(key)
    clua_insert(raw, -2)
    try check(clua_set(raw, table))
  }

  /// Calls `body` for every pair of a table, without metamethods: key at -2, value at -1. The body leaves the stack as
  /// it found it and may not add keys; it returns false to stop.
  func forEachPair(of table: Int32, _ body: () throws(LuaError) -> Bool) throws(LuaError) {
    let table = absolute(table)
    try ensure(8)
    pushNil()
    while true {
      try check(clua_next(raw, table))
      if isNil(-2) { return pop(2) }
      do throws(LuaError) {
        guard try body() else { return pop(2) }
      } catch {
        pop(2)
        throw error
      }
      pop()
    }
  }

  /// Pushes the value's text as `print` shows it, and returns it.
  @discardableResult func pushText(_ index: Int32) throws(LuaError) -> String {
    try check(clua_text(raw, index))
    return string(-1) ?? ""
  }

  /// The value's text as `print` shows it.
  func text(at index: Int32) throws(LuaError) -> String {
    let text = try pushText(index)
    pop()
    return text
  }

  /// Pushes a global variable's value without metamethods.
  @discardableResult func rawGetGlobal(_ name: String) -> LuaType {
    pushGlobals()
    let type = rawGetField(name, in: -1)
    remove(-2)
    return type
  }

  /// Pops a value into a global variable without metamethods.
  func rawSetGlobal(_ name: String) {
    pushGlobals()
    clua_insert(raw, -2)
    rawSetField(name, in: -2)
    pop()
  }
}

// MARK: - Calls

extension LuaState {
  /// Throws unless the status is good; then the error value is on the stack.
  func check(_ status: Int32) throws(LuaError) {
    if status != LUA_OK { throw raised() }
  }

  /// Pops a value that is to be the error. It waits off the stack, so that Swift frames may clean up behind them while
  /// the error passes.
  func raised() -> LuaError {
    rawSetField("nnrepl.error", in: clua_registry())
    return .raised
  }

  /// Pushes the value of the last `.raised`, and forgets it.
  func pushRaised() {
    rawGetField("nnrepl.error", in: clua_registry())
    pushNil()
    rawSetField("nnrepl.error", in: clua_registry())
  }

  /// Pops function and arguments, pushes the results (`LUA_MULTRET`: all). With `traceback`, an error is a string that
  /// tells where it happened.
  func call(arguments: Int32 = 0, results: Int32 = 0, traceback: Bool = false) throws(LuaError) {
    guard traceback else { return try check(clua_pcall(raw, arguments, results, 0)) }
    let base = top - arguments
    clua_pushcfunction(raw, clua_traceback)
    insert(base)
    let status = clua_pcall(raw, arguments, results, base)
    remove(base)
    try check(status)
  }

  /// What our own pieces of Lua are called: errors and tracebacks speak of the user's code instead.
  static let internalChunk = "=[nn]"

  /// Pushes the compiled chunk.
  func load(_ text: String, name: String) throws(LuaError) {
    var text = text
    let status = text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { luaL_loadbufferx(raw, $0.baseAddress, $0.count, name, "t") }
    }
    try check(status)
  }

  /// Pushes the compiled file; nil is standard input.
  func load(file: String?) throws(LuaError) { try check(luaL_loadfilex(raw, file, nil)) }

  /// The text of an error, as one would like to print it.
  func describe(_ error: LuaError) -> String {
    switch error {
    case .message(let text): return text
    case .argument(let index, let text): return "bad argument #\(index): \(text)"
    case .raised:
      pushRaised()
      defer { pop() }
      if let text = string(-1) { return text }
      defer { pop() }
      guard clua_text(raw, -1) == LUA_OK else { return "(error object is a \(typeName(-2)) value)" }
      return string(-1) ?? ""
    }
  }
}
