// Lua decides what a module's entry is called.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CCPU
import CLua
import NNEngine

/// `require "nn"` in any Lua 5.4: the module that nnrepl has built in, with `nn.help` in place of the prompt's `help`.
///
/// The host's Lua is used as it is: this library brings none of its own, defines no globals, and handles signals only while
/// something of its own runs that Ctrl-C can stop.
@c(luaopen_nn) public func luaopen_nn(_ raw: OpaquePointer?) -> Int32 {
  // A C function raises, with no Swift frame between it and Lua but this one, which by then has nothing left to clean up.
  clua_open_module(raw) { raw in
    guard let raw else { return 0 }
    return LuaModule.open(LuaState(raw))
  }
}

private enum LuaModule {
  static func open(_ lua: LuaState) -> Int32 {
    // Code built for a newer processor would end in SIGILL.
    guard ccpu_level() >= Int32(CCPU_AVX2.rawValue) else {
      return fail(lua, "this processor is too old: x86-64-v3 (AVX2, FMA, BMI2) is needed")
    }
    let environment = Environment.ofProcess()
    if let complaint = environment.applySettings() { return fail(lua, complaint) }
    clua_collect_incrementally(lua.raw)
    Interrupt.serveHost(lua.main)
    let output = Terminal(.output, environment: environment)
    let help = Help(lua.main, output)
    NNModule(help: help, output: output, datasets: environment["NN_DATASETS"]).push(lua)
    return 1
  }

  private static func fail(_ lua: LuaState, _ text: String) -> Int32 {
    lua.push("nn: " + text)
    return Int32(CLUA_RAISE)
  }
}
