import Foundation
import Testing

@testable import nnrepl

@Suite("Completion") struct CompletionTests {
  private func names(
    _ text: String, setUp: String = "", help: (LuaState, Help) -> Void = { _, _ in }
  ) throws -> [String]? {
    let lua = try #require(LuaState.open())
    defer { lua.close() }
    let documentation = Help(lua, Terminal(.output))
    try lua.load(setUp, name: "=test")
    try lua.call()
    help(lua, documentation)
    let names = Completion(lua, documentation).names(for: LuaCursor(text))
    #expect(lua.top == 0)
    return names
  }

  @Test func fields() throws {
    #expect(try names("math.ma") == ["max", "maxinteger"])
    #expect(try names("x = 1 + math.flo") == ["floor"])
    #expect(try names("print(string.re") == ["rep", "reverse"])
    #expect(try names("a.b.c", setUp: "a = {b = {cat = 1, dog = 2}}") == ["cat"])
    #expect(try names("a[2].", setUp: "a = {{x = 1}, {y = 1}}") == ["y"])
    #expect(try names("colle") == ["collectgarbage"])
    #expect(try names("whi") == ["while"])
  }

  @Test func methods() throws {
    #expect(try names("s:up", setUp: "s = 'x'") == ["upper"])
    let setUp = "o = setmetatable({n = 1}, {__index = {run = print, size = 3}})"
    #expect(try names("o:", setUp: setUp) == ["run"])
    #expect(try names("o.", setUp: setUp) == ["n", "run", "size"])
    #expect(try names("io.stdout:se") == ["seek", "setvbuf"])
    #expect(try names("('x'):up") == ["upper"])
    #expect(try names("\"x\":rep") == ["rep"])
  }

  @Test("what require finds") func modules() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("zebra.lua", "")
    #expect(try names("require 'ze", setUp: "package.path = '\(folder.path)/?.lua;;'") == ["zebra"])
    #expect(try names("require(\"strin") == ["string"])
  }

  @Test(
    "nobody's code runs, nothing fails",
    arguments: [
      "nowhere.x", "nowhere[1].", "o.", "o.x.", "f().", "('x'):", ".", "..", ":", "a..", "1.", "]", "[1].", "t[",
      "nil.x", "",
    ])
  func harmless(_ text: String) throws {
    let setUp = """
      o = setmetatable({}, {__index = function() error 'ran' end})
      l = setmetatable({}, {}) getmetatable(l).__index = l
      """
    _ = try names(text, setUp: setUp)
    _ = try names("l.", setUp: setUp)
  }

  @Test("options of the very call, and their choices") func options() throws {
    func document(_ lua: LuaState, _ help: Help) {
      lua.rawGetGlobal("Dense")
      let fields = [
        HelpEntry.Field(name: "units"), HelpEntry.Field(name: "kernel", defaultValue: "1"),
        HelpEntry.Field(name: "activation", defaultValue: "nil", choices: ["elu", "relu", "exponential"]),
      ]
      help.add(HelpEntry(name: "nn.layers.Dense", summary: "A layer.", fields: fields), valueAt: -1)
      lua.pop()
    }
    let setUp = "function Dense() end  alias = {D = Dense}"
    for call in ["Dense{", "x = { alias.D{ 10, ", "Dense(10, {", "Dense("] {
      #expect(try names(call + "ker", setUp: setUp, help: document) == ["kernel="])
      #expect(try names(call + "activation = \"e", setUp: setUp, help: document) == ["elu", "exponential"])
    }
    for call in ["Dense{activation = {\"", "Dense{1, activation={'elu', '"] {
      #expect(try names(call + "re", setUp: setUp, help: document) == ["relu"])
    }
    #expect(try names("? Den", setUp: setUp, help: document) == ["Dense"])
    #expect(try names("? nn.layers.D", setUp: setUp, help: document) == ["nn.layers.Dense"])
    #expect(try names("? alias.", setUp: setUp, help: document) == ["alias.D"])
    #expect(try names("help 'Den", setUp: setUp, help: document) == ["Dense"])
    #expect(try names("Dense{units = ker", setUp: setUp, help: document) == [])
    #expect(try names("Dense{} ker", setUp: setUp, help: document) == [])
    #expect(try names("dofile 'x", setUp: setUp, help: document) == nil)
  }
}

@Suite("Statements") struct StatementTests {
  @Test(arguments: [
    ("x = ", false), ("x = 1", true), ("f(", false), ("{1,", false), ("{1}", true), ("for i = 1, 2 do", false),
    ("x y", true), ("--[[ comment", false), ("'open", true), ("'open\\", false), ("[[long", false), ("return", true),
    ("= 1 +", false),
    ("if x then\nprint(1)\nelse", false), ("x", true), ("", true),
  ])
  func completeness(_ text: String, _ isComplete: Bool) throws {
    let lua = try #require(LuaState.open())
    defer { lua.close() }
    #expect(Statement(text).isComplete(lua) == isComplete)
    #expect(lua.top == 0)
  }

  @Test func pasting() {
    let session = "nn> x = {\n..>   1}\nsomething printed\nnn> x[1]\n1\nnn> "
    #expect(Paste.statements(in: session) == ["x = {\n  1}", "x[1]"])
    #expect(Paste.statements(in: "a\nb") == ["a\nb"])
  }

  @Test func directives() {
    #expect(Directive("? nn.layers ") == .help("nn.layers", isFull: false))
    #expect(Directive("?? f") == .help("f", isFull: true))
    #expect(Directive("?") == .help("", isFull: false))
    #expect(Directive("!ls -l") == .shell("ls -l"))
    #expect(Directive("$ echo !x") == .shell("echo !x"))
    #expect(Directive("%time f(1) ") == .time("f(1)"))
    #expect(Directive("%timex") == nil)
    #expect(Directive("x ~= 1") == nil)
  }

  @Test func tracebacks() {
    let trivial = "stdin:1: no\nstack traceback:\n\t[C]: in function 'error'\n\tstdin:1: in main chunk"
    #expect(Traceback.shortened(trivial) == "stdin:1: no")
    let useful = "x:1: no\nstack traceback:\n\tx:1: in function 'f'\n\tstdin:1: in main chunk"
    #expect(Traceback.shortened(useful) == "x:1: no\nstack traceback:\n\tx:1: in function 'f'")
  }
}

@Suite("Printing") struct PrinterTests {
  @Test(arguments: [
    ("{3, 'a', x = 1, ['two words'] = {}, [2.5] = true}", #"{3, "a", [2.5] = true, ["two words"] = {}, x = 1}"#),
    ("{{1, 2}, {x = {}}, 'a\\n\\0'}", #"{{… 2 elements}, {…}, "a\n\0"}"#), ("'plain'", "plain"), ("{}", "{}"),
    ("(function() local t = {} t.t = t return t end)()", "{t = {…}}"), ("1e15", "1e+15"), ("{1 // 0.0}", "{inf}"),
    ("setmetatable({}, {__tostring = function() return 'mine' end})", "mine"),
    ("{setmetatable({}, {__tostring = function() return 'first\\nsecond' end})}", "{first …}"),
  ])
  func values(_ code: String, _ expected: String) throws {
    #expect(try text(code) == expected)
  }

  @Test("large tables are cut, wide ones wrapped") func large() throws {
    let many = try text("(function() local t = {} for i = 1, 100000 do t[i] = i end return t end)()")
    #expect(many.hasSuffix("… 99900 more\n}"))
    #expect(many.split(separator: "\n").allSatisfy { $0.count < 80 })
    let named = try text("(function() local t = {} for i = 1, 5000 do t['k' .. i] = i end return t end)()")
    #expect(named.contains("… 4900 more"))
    #expect(named.count < 3000)
  }

  private func text(_ code: String) throws -> String {
    let lua = try #require(LuaState.open())
    defer { lua.close() }
    try lua.load("return " + code, name: "=test")
    try lua.call(results: 1)
    let terminal = Terminal(.output, environment: Environment(["COLUMNS": "80"]))
    let text = try Printer(lua: lua, terminal: terminal).text(1)
    #expect(lua.top == 1)
    return text
  }
}

@Suite("History") struct HistoryTests {
  @Test func roundTrip() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/state/nn/history"
    let history = HistoryFile(path: path)
    #expect(history.load() == [])
    let entries = ["a", "for i = 1, 2 do\n  print '\\n'\nend", "ü\\", "b"]
    for entry in entries + ["a"] { history.append(entry) }
    #expect(history.load() == Array(entries[1...]) + ["a"])
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  @Test("a file that has grown too long is cut") func limit() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("h", (0..<(2 * HistoryFile.limit)).map { "entry \($0)\n" }.joined())
    let loaded = HistoryFile(path: path).load()
    #expect(loaded.count == HistoryFile.limit)
    #expect(loaded.last == "entry \(2 * HistoryFile.limit - 1)")
    let kept = try String(contentsOfFile: path, encoding: .utf8)
    #expect(kept.split(separator: "\n").count == HistoryFile.limit)
  }

  @Test("trouble stays its own", arguments: ["/nonexistent/x/history", "/dev/null", "/proc/version", "/"])
  func trouble(_ path: String) {
    let history = HistoryFile(path: path)
    history.append("x")
    _ = history.load()
  }

  @Test func places() {
    #expect(Environment(["HOME": "/h"]).historyPath == "/h/.local/state/nn/history")
    #expect(Environment(["HOME": "/h", "XDG_STATE_HOME": "/s"]).historyPath == "/s/nn/history")
    #expect(Environment(["HOME": "/h", "XDG_STATE_HOME": "relative"]).historyPath == "/h/.local/state/nn/history")
    #expect(Environment(["HOME": "/h", "NNREPL_HISTORY": "/x"]).historyPath == "/x")
    #expect(Environment(["HOME": "/h", "NNREPL_HISTORY": ""]).historyPath == nil)
    #expect(Environment([:]).historyPath == nil)
  }
}

@Suite("Colors") struct ColorTests {
  @Test(arguments: [
    (["TERM": "xterm"], true, true), (["TERM": "xterm"], false, false), (["TERM": "dumb"], true, false),
    ([:], true, false),
    (["TERM": "xterm", "NO_COLOR": "1"], true, false), (["TERM": "xterm", "NO_COLOR": ""], true, true),
    (["FORCE_COLOR": "1"], false, true), (["CLICOLOR_FORCE": "1", "NO_COLOR": "1"], false, false),
    (["FORCE_COLOR": "0", "TERM": "xterm"], false, false),
  ])
  func decision(_ variables: [String: String], _ isTerminal: Bool, _ expected: Bool) {
    let environment = Environment(variables)
    #expect(Terminal.usesColor(isTerminal: isTerminal, environment: environment, neverColor: false) == expected)
    #expect(!Terminal.usesColor(isTerminal: isTerminal, environment: environment, neverColor: true))
  }
}
