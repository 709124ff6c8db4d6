import Foundation
import Testing

@testable import nnrepl

@Suite("The command line is lua's") struct CommandLineTests {
  @Test("a statement, its output and the exit status") func execute() throws {
    let outcome = try NNRepl.run(["-e", "print(1)", "-e", "x = 2", "-eprint(x)"])
    #expect(outcome.output == "1\n2\n")
    #expect(outcome.errors == "")
    #expect(outcome.status == 0)
  }

  @Test("errors go to stderr with a traceback, and exit with 1") func failure() throws {
    let outcome = try NNRepl.run(["-e", "local function f() error('no') end f()"])
    #expect(outcome.output == "")
    #expect(outcome.errors.hasPrefix("nnrepl: (command line):1: no\nstack traceback:\n"))
    #expect(outcome.errors.contains("in local 'f'"))
    #expect(outcome.status == 1)
  }

  @Test(
    "whatever is raised",
    arguments: [("error{}", "(error object is a table value)"), ("error()", "nil"), ("x =", "<eof>")])
  func odd(_ code: String, _ message: String) throws {
    let outcome = try NNRepl.run(["-e", code])
    #expect(outcome.errors.hasPrefix("nnrepl: ") && outcome.errors.contains(message))
    #expect(outcome.status == 1)
  }

  @Test("nothing after an error is executed") func stopsAtFirstError() throws {
    let outcome = try NNRepl.run(["-e", "error'a'", "-e", "print 'b'"])
    #expect(outcome.output == "")
  }

  @Test("a script: arguments, arg, the #! line") func script() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "s.lua",
      "#!/usr/bin/env nnrepl\nprint((...), select('#', ...), arg[0] == '\(folder.path)/s.lua', arg[2], arg[-1], #arg)")
    let outcome = try NNRepl.run(["-W", path, "-x", "two words"])
    #expect(outcome.output == "-x\t2\ttrue\ttwo words\t-W\t2\n")
  }

  @Test(
    "os.exit is honoured",
    arguments: [("os.exit(7)", Int32(7)), ("os.exit(true)", Int32(0)), ("os.exit(false, true)", Int32(1))])
  func exit(_ code: String, _ status: Int32) throws {
    let outcome = try NNRepl.run(["-e", "io.write 'kept' " + code])
    #expect(outcome.status == status)
    #expect(outcome.output == "kept")
  }

  @Test("standard input is run as a file, without prompt or greeting") func standardInput() throws {
    let code = "local a <const> = 1\nprint(a, ...)\n"
    #expect(try NNRepl.run([], input: code).output == "1\n")
    #expect(try NNRepl.run(["-", "b"], input: code).output == "1\tb\n")
    let failed = try NNRepl.run([], input: "error 'x'")
    #expect(failed.errors.hasPrefix("nnrepl: stdin:1: x\n"))
    #expect(failed.status == 1)
  }

  @Test("-l requires into a global") func require() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("mod.lua", "return {v = 5}")
    let path = ["LUA_PATH": folder.path + "/?.lua"]
    #expect(try NNRepl.run(["-l", "mod", "-e", "print(mod.v)"], environment: path).output == "5\n")
    #expect(try NNRepl.run(["-l", "m=mod", "-e", "print(m.v, mod)"], environment: path).output == "5\tnil\n")
    #expect(try NNRepl.run(["-l", "nowhere", "-e", "print(1)"]).status == 1)
    #expect(try NNRepl.run(["-E", "-l", "mod"], environment: path).status == 1)
  }

  @Test("NNREPL_INIT, a statement or @file, and -E without") func initialization() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("i.lua", "x = 'file'")
    #expect(try NNRepl.run(["-e", "print(x)"], environment: ["NNREPL_INIT": "x=1"]).output == "1\n")
    #expect(try NNRepl.run(["-e", "print(x)"], environment: ["NNREPL_INIT": "@" + file]).output == "file\n")
    #expect(try NNRepl.run(["-E", "-e", "print(x)"], environment: ["NNREPL_INIT": "x=1"]).output == "nil\n")
    #expect(try NNRepl.run(["-e", "print(x)"], environment: ["NNREPL_INIT": "x="]).status == 1)
  }

  @Test("the user's start-up script: interactive only") func configuration() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.path + "/nn", withIntermediateDirectories: true)
    _ = try folder.write("nn/init.lua", "print 'configured'")
    let environment = ["XDG_CONFIG_HOME": folder.path]
    #expect(try NNRepl.run(["-e", "print(1)"], environment: environment).output == "1\n")
    #expect(try NNRepl.run(["-q", "-i"], environment: environment).output.hasPrefix("configured\n"))
    #expect(try !NNRepl.run(["-q", "-i", "-E"], environment: environment).output.contains("configured"))
  }

  @Test("help and version") func help() throws {
    let version = try NNRepl.run(["--version"])
    #expect(version.output.hasPrefix("nnrepl ") && version.output.contains("Lua 5.4") && version.status == 0)
    #expect(try NNRepl.run(["-v"]).output == version.output)
    for option in ["-h", "--help"] {
      let outcome = try NNRepl.run([option])
      #expect(outcome.output.hasPrefix("usage: nnrepl") && outcome.status == 0)
    }
  }

  @Test("mistakes", arguments: [["-z"], ["--nonsense"], ["-e"], ["-l"], ["-e", "-i"], ["-ix"], ["-vv"]])
  func mistakes(_ arguments: [String]) throws {
    let outcome = try NNRepl.run(arguments)
    #expect(outcome.errors.hasPrefix("nnrepl: ") && outcome.errors.contains("usage: nnrepl"))
    #expect(outcome.output == "")
    #expect(outcome.status == 1)
  }

  @Test("a missing script") func missing() throws {
    let outcome = try NNRepl.run(["/nonexistent/x.lua"])
    #expect(outcome.errors == "nnrepl: cannot open /nonexistent/x.lua\n" || outcome.errors.contains("No such file"))
    #expect(outcome.status == 1)
  }

  @Test("-W, warn, and errors of finalizers") func warnings() throws {
    #expect(try NNRepl.run(["-W", "-e", "warn 'w'"]).errors == "Lua warning: w\n")
    #expect(try NNRepl.run(["-e", "warn 'w'"]).errors == "")
  }

  @Test("what is too large for memory is an error like any other") func memory() throws {
    let code = "print(pcall(string.rep, 'x', 1 << 30)) print 'alive'"
    let outcome = try NNRepl.run(
      ["-c", "ulimit -v 500000; exec \"$0\" \"$@\"", NNRepl.path, "-e", code], as: "/bin/sh")
    #expect(outcome.output == "false\tnot enough memory\nalive\n")
  }

  @Test("state is closed at the end: finalizers and to-be-closed variables run") func closing() throws {
    let code = "setmetatable({}, {__gc = function() print 'bye' end}) t = 1"
    #expect(try NNRepl.run(["-e", code]).output == "bye\n")
  }

  @Test("a signal stops a script: 128 + its number", arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
  func signals(_ signal: Int32, _ status: Int32) throws {
    let folder = try TemporaryFolder()
    let ready = folder.url("ready").path
    let code = "io.open('\(ready)', 'w'):close() while true do end"
    let outcome = try NNRepl.run(["-e", code]) { process in
      while !FileManager.default.fileExists(atPath: ready), process.isRunning { usleep(1000) }
      kill(process.processIdentifier, signal)
    }
    #expect(outcome.errors.hasPrefix("nnrepl: interrupted!"))
    #expect(outcome.status == status)
  }

  @Test("no colors unless asked for") func colors() throws {
    #expect(try !NNRepl.run(["-e", "error 'x'"]).errors.contains("\u{1B}"))
    let forced = ["FORCE_COLOR": "1"]
    #expect(try NNRepl.run(["-e", "error 'x'"], environment: forced).errors.contains("\u{1B}[31m"))
    #expect(try !NNRepl.run(["--no-color", "-e", "error 'x'"], environment: forced).errors.contains("\u{1B}"))
    let never = forced.merging(["NO_COLOR": "1"]) { $1 }
    #expect(try !NNRepl.run(["-e", "error 'x'"], environment: never).errors.contains("\u{1B}"))
  }
}

@Suite("The prompt, fed from a file (-i)") struct PipedPromptTests {
  /// The values shown, without prompts.
  private func session(_ lines: String) throws -> [String] {
    let output = try NNRepl.run(["-q", "-i"], input: "_PROMPT, _PROMPT2 = '', ''\n" + lines).output
    return output.split(separator: "\n").map(String.init)
  }

  private func check(_ lines: String, _ expected: [String]) throws {
    var shown = try session(lines)
    if let first = shown.first, first.hasPrefix("nn> ") { shown[0] = String(first.dropFirst(4)) }
    #expect(shown == expected)
  }

  @Test func expressions() throws { try check("1 + 1\n=2 * 3\n'a', nil\nnil\n", ["2", "6", "a\tnil", "nil"]) }
  @Test func severalLines() throws { try check("for i = 1, 2 do\nprint(i)\nend\n", ["1", "2"]) }
  @Test func expressionOverLines() throws { try check("{1,\n2}\n", ["{1, 2}"]) }
  @Test func silent() throws { try check("x = 3\n5;\nx;\n_\n", ["3"]) }
  @Test func afterStatements() throws { try check("x = 3; x + 1\ny = ';'; #y;\nx = 1; ;\n", ["4"]) }
  @Test func lastValues() throws { try check("10, 20\n_, _1, _2\n", ["10\t20", "10\t10\t20"]) }
  @Test func directives() throws { try check("! echo shell\n", ["shell"]) }
  @Test func emptyLinesAndComments() throws { try check("\n\n-- nothing\n1\n", ["1"]) }
  @Test func pastedPrompts() throws { try check("nn> 1 + 1\n", ["2"]) }

  @Test("an error leaves the session alive") func errors() throws {
    let outcome = try NNRepl.run(["-q", "-i"], input: "error('a')\nlocal x <close> = 5\n)\nprint 'alive'\n")
    #expect(outcome.output.contains("alive"))
    #expect(outcome.errors.hasPrefix("nnrepl: stdin:1: a\n"))
    #expect(!outcome.errors.contains("traceback"))
    #expect(outcome.status == 0)
  }

  @Test("hints: what was probably meant") func hints() throws {
    for (lines, hint) in [
      ("model = 1\nmodle.x", "(global 'modle'); did you mean 'model'?"),
      ("local L, M = {}, 2\nL.x", "a local variable ends with its line: write L = … without local"),
      ("print(1, sep=3)", "named arguments go into a table: f(x, {name=value})"),
      ("print(1 != 2)", "not equal is ~="),
    ] {
      let outcome = try NNRepl.run(["-q", "-i"], input: lines + "\n")
      #expect(outcome.errors.contains(hint), "\(outcome.errors)")
    }
  }

  @Test("-g: undefined globals are errors, with a suggestion") func strict() throws {
    let read = try NNRepl.run(["-g", "-e", "model = 1 print(modle)"])
    #expect(read.errors.contains("undefined global 'modle'; did you mean 'model'?") && read.status == 1)
    let set = try NNRepl.run(["-g", "-e", "local function f() lost = 1 end f()"])
    #expect(set.errors.contains("undeclared global 'lost' set in a function") && set.status == 1)
    #expect(try NNRepl.run(["-g", "-e", "x = nil print(x, nn ~= nil)"]).output == "nil\ttrue\n")
  }

  @Test("who, time") func shell() throws {
    let output = try NNRepl.run(["-e", "a, b = nn.zeros{2}, 'text' who() print(time(math.max, 3, 4))"]).output
    #expect(
      output.hasPrefix("a    tensor (2,) float32\narg  table of 2 elements\nb    \"text\"\n(")
        && output.hasSuffix(")\n4\n"), "\(output)")
  }

  @Test("what __tostring raises is reported, not fatal") func hostileValues() throws {
    let code =
      "setmetatable({}, {__tostring = function() error 'mean' end})\nsetmetatable({}, {__tostring = 5})\n1 + 1\n"
    let outcome = try NNRepl.run(["-q", "-i"], input: code)
    #expect(outcome.errors.contains("mean"))
    #expect(outcome.output.contains("2\n"))
  }
}
