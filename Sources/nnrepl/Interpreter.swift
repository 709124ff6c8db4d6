import CLua

/// Runs chunks of Lua and reports their errors as `lua` does.
struct Interpreter {
  let lua: LuaState
  let errors: Terminal

  /// "nnrepl: message", with the traceback.
  func report(_ message: String) {
    lua.flushOutput()
    errors.write(errors.styled("nnrepl:", .red) + " \(message)\n")
    errors.flush()
  }

  /// Runs steps that may fail; false when one did, after reporting it.
  func reporting(_ body: () throws(LuaError) -> Void) -> Bool {
    let base = lua.top
    defer { lua.setTop(base) }
    do throws(LuaError) {
      try body()
      return true
    } catch {
      report(Traceback.ofUser(lua.describe(error)))
      return false
    }
  }

  func run(_ text: String, name: String) -> Bool {
    reporting { () throws(LuaError) in
      try lua.load(text, name: name)
      try lua.call(traceback: true)
    }
  }

  /// Runs a file (nil: standard input) with its arguments in `...`.
  func run(file: String?, arguments: [String] = []) -> Bool {
    reporting { () throws(LuaError) in
      try lua.load(file: file)
      try lua.ensure(Int32(clamping: arguments.count))
      for argument in arguments { lua.push(argument) }
      try lua.call(arguments: Int32(clamping: arguments.count), traceback: true)
    }
  }

  /// `-l`: the global gets what `require` returns.
  func require(_ module: String, as global: String) -> Bool {
    reporting { () throws(LuaError) in
      lua.rawGetGlobal("require")
      lua.push(module)
      try lua.call(arguments: 1, results: 1, traceback: true)
      lua.rawSetGlobal(global)
    }
  }

  /// NNREPL_INIT holds statements, or the name of a file after an "@".
  func runInitialization(_ text: String) -> Bool {
    text.hasPrefix("@") ? run(file: String(text.dropFirst())) : run(text, name: "=NNREPL_INIT")
  }

  /// The global `arg`: the script at 0, its arguments after it, the interpreter and its options before it.
  func setArguments(_ arguments: [String], scriptIndex: Int) {
    lua.pushTable(array: arguments.count - scriptIndex - 1, fields: scriptIndex + 1)
    for (index, argument) in arguments.enumerated() {
      lua.push(argument)
      lua.rawSet(index - scriptIndex, in: -2)
    }
    lua.rawSetGlobal("arg")
  }
}
