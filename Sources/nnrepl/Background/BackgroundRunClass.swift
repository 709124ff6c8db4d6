import CLua
import NNEngine
import Synchronization

extension BackgroundRun: LuaObject { static var luaName: String { "Run" } }

/// What `model:fit_async` returns: a training that runs while the prompt is used.
enum BackgroundRunClass {
  static func register(_ lua: LuaState, _ output: Terminal) {
    var members = LuaClass<BackgroundRun>()
    // Who polls this waits for something, perhaps for what only attending can do.
    members.property("status") { run, lua in
      Background.attend()
      lua.push(run.status.rawValue)
    }
    members.property("epoch") { run, lua in lua.push(run.epoch.load(ordering: .relaxed)) }
    members.property("batch") { run, lua in lua.push(run.batch.load(ordering: .relaxed)) }
    members.property("history") { run, lua in lua.push(run.trainer.run.history) }
    members.property("model") { run, lua in lua.push(run.model) }
    members.property("error") { run, lua in
      if case .failure(let error)? = run.result { lua.push(error.description) } else { lua.pushNil() }
    }
    members.method("pause") { run, lua in
      run.pause()
      Mail.deliver(to: output)
      lua.copy(1)
      return 1
    }
    members.method("resume") { run, lua in
      run.goOn()
      Mail.deliver(to: output)
      lua.copy(1)
      return 1
    }
    members.method("stop") { run, lua throws(LuaError) in
      run.stop()
      Mail.deliver(to: output)
      return try push(run, lua)
    }
    members.method("wait") { run, lua throws(LuaError) in
      try wait(run, output)
      Mail.deliver(to: output)
      return run.hasEnded ? try push(run, lua) : 0
    }
    members.method("plot") { run, lua throws(LuaError) in
      lua.rawGetField(LUA_LOADED_TABLE, in: clua_registry())
      lua.rawGetField("nn", in: -1)
      lua.rawGetField("plot", in: -1)
      lua.push(run.trainer.run.history)
      let hasOptions = !lua.isNil(2)
      if hasOptions { lua.copy(2) }
      try lua.call(arguments: hasOptions ? 2 : 1)
      return 0
    }
    members.metamethod("__tostring") { lua throws(LuaError) in
      let run = try lua.requireObject(1, BackgroundRun.self)
      Background.attend()
      lua.push(text(run))
      return 1
    }
    lua.register(BackgroundRun.self, members)
  }

  private static func text(_ run: BackgroundRun) -> String {
    let (epoch, batch) = (run.epoch.load(ordering: .relaxed), run.batch.load(ordering: .relaxed))
    var text = "training of '\(run.model.name)' in the background: \(run.status.rawValue)"
    switch run.result {
    case .failure(let error)?: text += ": \(error.description)"
    case .success(let history)?: text += " after \(history.epochs.count) of \(run.epochs) epochs"
    case nil: text += ", epoch \(epoch + 1)/\(run.epochs), batch \(batch + 1)/\(run.steps)"
    }
    return text
  }

  /// The history of a training that has ended, or its error.
  private static func push(_ run: BackgroundRun, _ lua: LuaState) throws(LuaError) -> Int32 {
    if case .failure(let error)? = run.result { throw .message(error.description) }
    lua.push(run.trainer.run.history)
    return 1
  }

  /// Until the end. Ctrl-C ends the waiting; Ctrl-C in a later `wait` for the same run ends the training.
  private static func wait(_ run: BackgroundRun, _ output: Terminal) throws(LuaError) {
    guard run.status != .paused else {
      throw .message("the training is paused: run:resume() first, or nothing would ever end")
    }
    run.isAwaited = true
    defer { run.isAwaited = false }
    try Interrupt.gracefully { () throws(LuaError) in
      Background.wait(
        until: { run.isOver },
        orWhen: {
          let lines = Mail.take()
          for line in lines { output.writeLine(line) }
          if !lines.isEmpty { output.flush() }
          return Interrupt.isPending
        })
      guard !run.hasEnded else { return }
      if Interrupt.isInsistent { throw .message("interrupted!") }
      run.waitsLeft += 1
      if run.waitsLeft > 1 {
        run.stop()
        output.writeLine("the training in the background is stopped; model:resume() goes on")
      } else {
        output.writeLine("the training goes on in the background; Ctrl-C in another run:wait() stops it")
      }
      output.flush()
    }
  }

  /// Ends all trainings when the Lua state is closed, whoever closes it.
  static func guardClosing(_ lua: LuaState) {
    if lua.rawGetField("nnrepl.background", in: clua_registry()) != .nil { return lua.pop() }
    lua.pop()
    lua.pushTable()
    lua.pushTable(fields: 1)
    lua.pushFunction("") { _ in
      Background.stopAll(serving: false)
      return 0
    }
    lua.rawSetField("__gc", in: -2)
    lua_setmetatable(lua.raw, -2)
    lua.rawSetField("nnrepl.background", in: clua_registry())
  }
}
