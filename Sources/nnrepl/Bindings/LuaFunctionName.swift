import CLua
import NNEngine

extension LuaUserFunction: NamedFunction {
  /// What the user calls it: a local variable of a function that is running, or a global one. So a metric is reported by its name.
  var name: String? {
    push(to: state)
    defer { state.pop() }
    guard let wanted = lua_topointer(state.raw, -1) else { return nil }
    return state.localName(of: wanted) ?? state.globalName(of: wanted)
  }
}

extension LuaState {
  fileprivate func localName(of wanted: UnsafeRawPointer) -> String? {
    guard lua_checkstack(raw, 4) != 0 else { return nil }
    var frame = lua_Debug()
    var level: Int32 = 0
    while lua_getstack(raw, level, &frame) != 0 {
      var number: Int32 = 1
      while let name = lua_getlocal(raw, &frame, number) {
        let isWanted = type(-1) == .function && lua_topointer(raw, -1) == wanted
        pop()
        // What has no name is called "(temporary)", "(C temporary)" and the like.
        if isWanted, name.pointee != CChar(bitPattern: UInt8(ascii: "(")) { return String(cString: name) }
        number += 1
      }
      level += 1
    }
    return nil
  }

  fileprivate func globalName(of wanted: UnsafeRawPointer) -> String? {
    pushGlobals()
    defer { pop() }
    var found: String?
    // Walking a table raises nothing here: no key is added meanwhile.
    try? forEachPair(of: -1) { () throws(LuaError) in
      if type(-1) == .function, lua_topointer(raw, -1) == wanted { found = string(-2) }
      return found == nil
    }
    return found
  }
}
