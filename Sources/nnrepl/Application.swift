import CLua
import Glibc
import NNEngine

/// nnrepl from the command line to the exit status.
struct Application {
  let arguments: [String]
  let environment: Environment

  func run() -> Int32 {
    let invocation: Invocation
    do throws(Invocation.Mistake) {
      invocation = try Invocation(arguments)
    } catch {
      Terminal(.errors).write("nnrepl: \(error.message)\n\(Invocation.usage)")
      return EXIT_FAILURE
    }
    if invocation.wantsHelp {
      Terminal(.output).write(Invocation.usage)
      return EXIT_SUCCESS
    }
    if invocation.wantsVersionOnly {
      Terminal(.output).writeLine(Version.line)
      return EXIT_SUCCESS
    }
    guard let lua = LuaState.open(ignoringEnvironment: invocation.ignoresEnvironment) else {
      Terminal(.errors).writeLine("nnrepl: cannot create a Lua state: not enough memory")
      return EXIT_FAILURE
    }
    let isGood = run(invocation, lua)
    stopBackground()
    let status = isGood && !Interrupt.isTerminated ? EXIT_SUCCESS : Interrupt.exitStatus ?? EXIT_FAILURE
    lua.close()
    return status
  }

  /// Nobody is there any more who could wait for them.
  private func stopBackground() {
    Background.attend()
    guard Background.activeCount > 0 else { return }
    Terminal(.errors).writeLine(
      "nnrepl: a training in the background is stopped, unfinished; run:wait() at the end would have waited for it")
    Background.stopAll(serving: true)
  }

  private func run(_ invocation: Invocation, _ lua: LuaState) -> Bool {
    let interpreter = Interpreter(
      lua: lua, errors: Terminal(.errors, environment: environment, neverColor: invocation.neverColor))
    let output = Terminal(.output, environment: environment, neverColor: invocation.neverColor)
    if let complaint = environment.applySettings() {
      interpreter.report(complaint)
      return false
    }
    Interrupt.listen(lua, isScript: true)
    let help = Help(lua, output)
    help.install()
    NNModule(help: help, output: output, datasets: environment["NN_DATASETS"]).install(lua)
    ShellFunctions(output: output, help: help).install(lua)
    if invocation.isStrict { StrictGlobals.install(lua) }

    if invocation.showsVersion, !(invocation.isInteractive && invocation.isQuiet) { output.writeLine(Version.line) }
    interpreter.setArguments(arguments, scriptIndex: invocation.scriptIndex)
    if !invocation.ignoresEnvironment, let text = environment["NNREPL_INIT"] {
      guard interpreter.runInitialization(text) else { return false }
    }
    guard perform(invocation.steps, interpreter), runScript(invocation, interpreter) else { return false }

    let readsTerminal = isatty(STDIN_FILENO) == 1
    guard invocation.isInteractive || (invocation.isBare && readsTerminal) else {
      return invocation.isBare ? interpreter.run(file: nil) : true
    }
    if !invocation.isInteractive, !invocation.isQuiet { output.writeLine(Version.line) }
    if !invocation.ignoresEnvironment, let path = environment.configurationPath, access(path, F_OK) == 0 {
      _ = interpreter.run(file: path)  // a broken one must not lock the user out
    }
    Interrupt.listen(lua, isScript: false)
    let editor: any LineReader =
      readsTerminal
      ? LineEditor(
        history: HistoryFile(path: environment.historyPath), completion: Completion(lua, help), output: output)
      : PlainReader(output)
    REPL(interpreter: interpreter, output: output, reader: editor, help: help).run()
    return true
  }

  private func perform(_ steps: [Invocation.Step], _ interpreter: Interpreter) -> Bool {
    for step in steps {
      switch step {
      case .warningsOn: lua_warning(interpreter.lua.raw, "@on", 0)
      case .execute(let text):
        guard interpreter.run(text, name: "=(command line)") else { return false }
      case .require(let global, let module):
        guard interpreter.require(module, as: global) else { return false }
      }
    }
    return true
  }

  private func runScript(_ invocation: Invocation, _ interpreter: Interpreter) -> Bool {
    let scriptArguments = Array(arguments.dropFirst(invocation.scriptIndex + 1))
    switch invocation.script {
    case nil: return true
    case .file(let path): return interpreter.run(file: path, arguments: scriptArguments)
    case .standardInput: return interpreter.run(file: nil, arguments: scriptArguments)
    }
  }
}
