import CLua
import NNEngine

/// A Lua function that the engine calls: a schedule, a hook, a layer's function. Its errors, which say file and line, become the engine's.
final class LuaUserFunction: LuaReference, UserFunction {
  func call(_ arguments: [Value]) throws(NNError) -> Value {
    try LuaState.onItsThread { () throws(NNError) in try callHere(arguments) }
  }

  private func callHere(_ arguments: [Value]) throws(NNError) -> Value {
    let scope = TracingScope.enter(arguments)
    defer { TracingScope.leave(scope) }
    return try state.calling { (lua) throws(LuaError) in
      try lua.ensure(2 * Int32(clamping: arguments.count) + 8)
      var open: [(logs: Logs, index: Int32)] = []
      for case .object(let object) in arguments {
        guard let logs = object as? Logs, logs.isOpen else { continue }
        lua.push(logs: logs.entries)
        open.append((logs, lua.top))
      }
      push(to: lua)
      for argument in arguments {
        if case .object(let object) = argument, let logs = object as? Logs {
          if let known = open.first(where: { $0.logs === logs }) {
            lua.copy(known.index)
          } else {
            lua.push(logs: logs.entries)
          }
        } else {
          try lua.push(argument)
        }
      }
      try lua.call(arguments: Int32(clamping: arguments.count), results: 1)
      for (logs, index) in open { try lua.read(index, into: logs) }
      return try lua.value(-1)
    }
  }
}

extension LuaState {
  /// Runs something on Lua's thread, which the caller's may not be: a training in the background calls Lua, too.
  static func onItsThread<Result>(_ body: () throws(NNError) -> Result) throws(NNError) -> Result {
    guard Background.isElsewhere else { return try body() }
    var outcome: Swift.Result<Result, NNError>?
    _ = Background.onLuaThread {
      do throws(NNError) { outcome = .success(try body()) } catch { outcome = .failure(error) }
    }
    guard let outcome else { throw NNError(.cancelled, "Lua is being closed") }
    return try outcome.get()
  }

  /// Runs Lua code for the engine; the stack is as before afterwards.
  func calling<Result>(_ body: (LuaState) throws(LuaError) -> Result) throws(NNError) -> Result {
    try LuaState.onItsThread { () throws(NNError) in try callingHere(body) }
  }

  private func callingHere<Result>(_ body: (LuaState) throws(LuaError) -> Result) throws(NNError) -> Result {
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

  /// Pushes logs as a table.
  func push(logs: [(name: String, value: Double)]) {
    pushTable(fields: logs.count)
    for (name, value) in logs {
      push(value)
      rawSetField(name, in: -2)
    }
  }

  /// What Lua changed in the table of logs.
  func read(_ index: Int32, into logs: Logs) throws(LuaError) {
    try forEachPair(of: index) { () throws(LuaError) in
      guard type(-2) == .string, let name = string(-2) else {
        throw .message("logs have names as keys, got \(typeName(-2))")
      }
      guard let value = number(-1) else { throw .message("logs.\(name) must be a number, got \(typeName(-1))") }
      logs[name] = value
      return true
    }
    for name in logs.names {
      if rawGetField(name, in: index) == .nil { logs[name] = nil }
      pop()
    }
  }
}
