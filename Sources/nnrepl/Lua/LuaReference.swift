import CLua

/// Holds a Lua value in the registry for as long as Swift needs it: a function that the engine calls, for example.
///
/// It must not outlive its state. A Swift object that Lua holds and that holds a Lua function which mentions that object
/// is never collected, so long-lived objects had better not.
class LuaReference {
  let state: LuaState
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
  /// The main thread's stack: a coroutine's may be collected while Swift holds references.
  var main: LuaState {
    lua_rawgeti(raw, clua_registry(), lua_Integer(LUA_RIDX_MAINTHREAD))
    defer { pop() }
    return lua_tothread(raw, -1).map(LuaState.init) ?? self
  }
}
