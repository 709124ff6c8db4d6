import Glibc
import Testing

@testable import nnrepl

@Suite("Interrupts", .serialized) struct InterruptTests {
  private func withLua(isScript: Bool, _ body: (LuaState) throws -> Void) throws {
    let lua = try #require(LuaState.open())
    Interrupt.listen(lua, isScript: isScript)
    defer { lua.close() }
    try body(lua)
    Interrupt.beginCommand()
    signal(SIGINT, SIG_DFL)
  }

  private func run(_ lua: LuaState, _ code: String) -> String {
    do throws(LuaError) {
      try lua.load(code, name: "=test")
      try lua.call(results: 1)
      defer { lua.pop() }
      return lua.string(-1) ?? ""
    } catch {
      return lua.describe(error)
    }
  }

  /// Works until it is asked to stop; gets as many signals as its argument says.
  private func pushFit(_ lua: LuaState) {
    lua.pushFunction("fit") { lua throws(LuaError) in
      let signals = lua.integer(1) ?? 0
      return try Interrupt.gracefully { () throws(LuaError) in
        for _ in 0..<signals { raise(SIGINT) }
        if Interrupt.isInsistent { throw .message("interrupted!") }
        lua.push(Interrupt.isPending ? "partial" : "whole")
        return 1
      }
    }
    lua.rawSetGlobal("fit")
  }

  @Test("at the prompt one signal stops the work, the rest of the command goes on") func prompt() throws {
    try withLua(isScript: false) { lua throws in
      pushFit(lua)
      #expect(run(lua, "return fit(0)") == "whole")
      #expect(run(lua, "local h = fit(1) for i = 1, 1000 do end return h") == "partial")
      Interrupt.beginCommand()
      #expect(run(lua, "return fit(0)") == "whole")
      #expect(run(lua, "local h = fit(1) return h .. ' ' .. fit(0)") == "partial whole")
      Interrupt.beginCommand()
      #expect(run(lua, "fit(2)").contains("interrupted!"))
    }
  }

  @Test("in a script the work stops, then the script") func script() throws {
    try withLua(isScript: true) { lua throws in
      pushFit(lua)
      #expect(run(lua, "kept = fit(1) for i = 1, 1000 do end return 'went on'").hasSuffix("interrupted!"))
      #expect(Interrupt.exitStatus == 130)
    }
  }

  @Test("plain Lua is stopped at once") func plain() throws {
    try withLua(isScript: false) { lua throws in
      lua.pushFunction("press") { _ in
        raise(SIGINT)
        return 0
      }
      lua.rawSetGlobal("press")
      #expect(run(lua, "press() while true do end").hasSuffix("interrupted!"))
      #expect(run(lua, "return 'alive'") == "alive")
    }
  }
}
