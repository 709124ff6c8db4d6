import CLua
import NNEngine

/// A Lua function that the engine calls: a layer's, a loss. Its errors, which say file and line, become the engine's.
final class LuaUserFunction: LuaReference, UserFunction {
  func call(_ arguments: [Value]) throws(NNError) -> Value {
    try state.calling { (lua) throws(LuaError) in
      try lua.ensure(2 * Int32(clamping: arguments.count) + 8)
      push(to: lua)
      for argument in arguments { try lua.push(argument) }
      try lua.call(arguments: Int32(clamping: arguments.count), results: 1)
      return try lua.value(-1)
    }
  }
}

extension LuaState {
  /// Runs Lua code for the engine; the stack is as before afterwards.
  func calling<Result>(_ body: (LuaState) throws(LuaError) -> Result) throws(NNError) -> Result {
    let base = top
    do throws(LuaError) {
      let result = try body(self)
      setTop(base)
      return result
    } catch {
      let text = describe(error)
      setTop(base)
      throw NNError(.invalidArgument, text)
    }
  }
}
