import CLua
import NNEngine

// Lua's stack ↔ the engine's `Value`. A boxed Swift object travels as itself; functions and other things that only Lua
// understands travel as `LuaReference`.

extension LuaState {
  /// The arguments of a constructor: `Dense{10, activation = "relu"}`, `Dense(10)`, `SGD(0.01, {momentum = 0.9})`.
  func constructorArguments(from first: Int32 = 1) throws(LuaError) -> Arguments {
    var arguments = Arguments()
    let last = top
    for index in stride(from: first, through: last, by: 1) {
      guard index == last, type(index) == .table else {
        arguments.positional.append(try value(index))
        continue
      }
      var reader = ValueReader(self)
      let (list, named) = try reader.parts(index)
      if index == first {
        (arguments.positional, arguments.named) = (list, named)
      } else if list.isEmpty, !named.entries.isEmpty {
        arguments.named = named
      } else {
        arguments.positional.append(try value(index))
      }
    }
    return arguments
  }

  /// The value at an index. Metamethods do not run. A list with holes has `.null` there; a table that contains itself, or
  /// that is both a list and named values, is an error.
  func value(_ index: Int32) throws(LuaError) -> Value {
    var reader = ValueReader(self)
    return try reader.value(index)
  }

  /// Pushes the value; an object that Lua cannot hold becomes nil.
  func push(_ value: Value) throws(LuaError) {
    try ensure(4)
    switch value {
    case .null: pushNil()
    case .bool(let value): push(value)
    case .integer(let value): push(value)
    case .number(let value): push(value)
    case .string(let value): push(value)
    case .object(let object):
      switch object {
      case let reference as LuaReference: reference.push(to: self)
      default: push(any: object)
      }
    case .list(let items):
      pushTable(array: items.count)
      for (offset, item) in items.enumerated() {
        try push(item)
        rawSet(offset + 1, in: -2)
      }
    case .table(let table):
      pushTable(fields: table.entries.count)
      for (name, item) in table.entries {
        try push(item)
        rawSetField(name, in: -2)
      }
    }
  }
}

private struct ValueReader {
  private let state: LuaState
  /// The tables that contain the one being read.
  private var path: [UnsafeRawPointer] = []

  init(_ state: LuaState) { self.state = state }

  mutating func value(_ index: Int32) throws(LuaError) -> Value {
    switch state.type(index) {
    case .none, .nil: return .null
    case .boolean: return .bool(state.truth(index))
    case .string: return .string(state.string(index) ?? "")
    case .number:
      if state.isInteger(index), let value = state.integer(index) { return .integer(value) }
      return .number(state.number(index) ?? .nan)
    case .table:
      if let object = try LuaClassTable.object(state, index) { return .object(object) }
      let (list, named) = try parts(index)
      if list.isEmpty { return .table(named) }
      guard named.entries.isEmpty else {
        throw .message("a table with both positions and names ('\(named.entries[0].name)')")
      }
      return .list(list)
    case .userdata:
      // Where a name will do, so will the constructor of that name.
      if let constructor = state.object(index, LuaConstructor.self) { return .string(constructor.name) }
      if let object = state.anyObject(index) { return .object(object) }
      fallthrough
    case .thread, .lightUserdata:
      state.copy(index)
      return .object(LuaReference(popping: state))
    case .function:
      state.copy(index)
      return .object(LuaUserFunction(popping: state))
    }
  }

  /// What is at the positions 1, 2, … of a table, and under its names (sorted, since Lua's order is accidental).
  mutating func parts(_ index: Int32) throws(LuaError) -> ([Value], Value.Table) {
    let index = state.absolute(index)
    guard let identity = lua_topointer(state.raw, index) else { return ([], Value.Table()) }
    if path.contains(identity) { throw .message("a table that contains itself") }
    if path.count >= 64 { throw .message("tables nested more than 64 deep") }
    path.append(identity)
    defer { path.removeLast() }
    try state.ensure(8)

    let keys = try keys(of: index)
    var list: [Value] = []
    for position in stride(from: 1, through: keys.last, by: 1) {
      state.rawGet(position, in: index)
      defer { state.pop() }
      list.append(try value(-1))
    }
    var named = Value.Table()
    for name in keys.names.sorted() {
      if state.rawGetField(name, in: index) == .nil, let key = Int(name) {
        state.pop()
        state.rawGet(key, in: index)
      }
      defer { state.pop() }
      named[name] = try value(-1)
    }
    return (list, named)
  }

  /// The names, and the greatest position: `#t` stops anywhere when there are holes. Other keys, and lists that are
  /// mostly holes, are errors.
  private func keys(of index: Int32) throws(LuaError) -> (names: [String], last: Int) {
    var names: [String] = []
    var last = 0, count = 0
    var positions: [Int] = []
    var hasZero = false
    var wrongKey: String?
    try state.forEachPair(of: index) { () throws(LuaError) in
      if let name = state.string(-2) {
        names.append(name)
      } else if state.isInteger(-2), let key = state.integer(-2), key > 0 {
        last = max(last, key)
        count += 1
        if count <= 1024 { positions.append(key) }
      } else if state.isInteger(-2), state.integer(-2) == 0 {
        hasZero = true
      } else {
        wrongKey = state.number(-2).map { "\($0)" } ?? "a \(state.typeName(-2))"
      }
      return wrongKey == nil
    }
    if let wrongKey { throw .message("a table with the key \(wrongKey): expected names or positions 1, 2, …") }
    if hasZero {
      // No list: a dictionary by whole numbers from 0, such as class labels.
      guard count <= 1024 else { throw .message("a table with the key 0 and more than 1024 others") }
      return (names + ["0"] + positions.map(String.init), 0)
    }
    if last / 2 > count + 4 { throw .message("a list of \(last) with only \(count) values") }
    return (names, last)
  }
}
