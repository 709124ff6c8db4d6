import CLua

/// A Lua value that Swift can keep: plain data by value, everything else by reference.
enum LuaValue {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case table(LuaTable)
  /// A function, an object or a thread.
  case reference(LuaReference)
}

/// A table as constructors write it: `{10, 20, activation = "relu"}`.
struct LuaTable {
  /// The values at 1, 2, …; holes are `.null`, so `{nil, 5}` is a list of two.
  var list: [LuaValue] = []
  /// The named values, sorted by name.
  var fields: [(name: String, value: LuaValue)] = []

  subscript(field: String) -> LuaValue? { fields.first { $0.name == field }?.value }
}

/// Holds a Lua value in the registry for as long as Swift needs it.
final class LuaReference {
  private let state: LuaState
  private let reference: Int32

  /// Pops the value.
  init(popping state: LuaState) {
    self.state = state.main
    reference = luaL_ref(state.raw, clua_registry())
  }

  deinit { luaL_unref(state.raw, clua_registry(), reference) }

  func push(to state: LuaState) { state.rawGet(Int(reference), in: clua_registry()) }
}

extension LuaState {
  /// The main thread's stack: coroutines may be collected while Swift holds references.
  var main: LuaState {
    lua_rawgeti(raw, clua_registry(), lua_Integer(LUA_RIDX_MAINTHREAD))
    defer { pop() }
    return lua_tothread(raw, -1).map(LuaState.init) ?? self
  }

  /// The value at an index. Metamethods do not run; a table that contains itself is an error.
  func value(_ index: Int32) throws(LuaError) -> LuaValue {
    var path: [UnsafeRawPointer] = []
    return try value(index, path: &path)
  }

  private func value(_ index: Int32, path: inout [UnsafeRawPointer]) throws(LuaError) -> LuaValue {
    switch type(index) {
    case .none, .nil: return .null
    case .boolean: return .bool(truth(index))
    case .string: return .string(string(index) ?? "")
    case .number:
      if isInteger(index), let value = integer(index) { return .integer(value) }
      return .number(number(index) ?? .nan)
    case .table: return .table(try table(index, path: &path))
    case .function, .userdata, .thread, .lightUserdata:
      copy(index)
      return .reference(LuaReference(popping: self))
    }
  }

  private func table(_ index: Int32, path: inout [UnsafeRawPointer]) throws(LuaError) -> LuaTable {
    let index = absolute(index)
    guard let identity = lua_topointer(raw, index) else { return LuaTable() }
    if path.contains(identity) { throw .message("a table that contains itself") }
    if path.count >= 64 { throw .message("tables nested more than 64 deep") }
    path.append(identity)
    defer { path.removeLast() }

    let result = LuaTable(list: try list(index, path: &path), fields: try fields(index, path: &path))
    return result
  }

  private func list(_ index: Int32, path: inout [UnsafeRawPointer]) throws(LuaError) -> [LuaValue] {
    try ensure(8)
    let last = try lastPosition(of: index)
    var list: [LuaValue] = []
    list.reserveCapacity(last)
    for position in stride(from: 1, through: last, by: 1) {
      rawGet(position, in: index)
      defer { pop() }
      list.append(try value(-1, path: &path))
    }
    return list
  }

  /// The greatest integer key: `#t` stops anywhere when there are holes. Keys that are neither names nor positions, and
  /// tables that are mostly holes, are errors.
  private func lastPosition(of index: Int32) throws(LuaError) -> Int {
    var last = 0, count = 0
    var wrongKey: String?
    try forEachPair(of: index) { () throws(LuaError) in
      if type(-2) == .string { return true }
      if isInteger(-2), let key = integer(-2), key > 0 {
        last = max(last, key)
        count += 1
        return true
      }
      wrongKey = number(-2).map { "\($0)" } ?? "a \(typeName(-2))"
      return false
    }
    if let wrongKey { throw .message("a table with the key \(wrongKey): expected names or positions 1, 2, …") }
    if last > 2 * count + 8 { throw .message("a list of \(last) with only \(count) values") }
    return last
  }

  private func fields(
    _ index: Int32, path: inout [UnsafeRawPointer]
  ) throws(LuaError) -> [(name: String, value: LuaValue)] {
    var names: [String] = []
    try forEachPair(of: index) { () throws(LuaError) in
      if let name = string(-2) { names.append(name) }
      return true
    }
    var fields: [(name: String, value: LuaValue)] = []
    for name in names.sorted() {
      rawGetField(name, in: index)
      defer { pop() }
      fields.append((name, try value(-1, path: &path)))
    }
    return fields
  }

  /// Pushes plain data and whatever else is referred to.
  func push(_ value: LuaValue) throws(LuaError) {
    try ensure(4)
    switch value {
    case .null: pushNil()
    case .bool(let value): push(value)
    case .integer(let value): push(value)
    case .number(let value): push(value)
    case .string(let value): push(value)
    case .reference(let reference): reference.push(to: self)
    case .table(let table):
      pushTable(array: table.list.count, fields: table.fields.count)
      for (offset, element) in table.list.enumerated() {
        try push(element)
        rawSet(offset + 1, in: -2)
      }
      for (name, element) in table.fields {
        try push(element)
        rawSetField(name, in: -2)
      }
    }
  }
}
