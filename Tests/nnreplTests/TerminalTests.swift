import Glibc
import Testing

@Suite("The prompt on a real terminal", .serialized) struct TerminalTests {
  private func ready(_ terminal: PseudoTerminal) throws { try terminal.wait(for: "nn> ") }

  @Test("an expression, its value, and Ctrl-D") func expression() throws {
    let terminal = try PseudoTerminal()
    try ready(terminal)
    terminal.type("6 * 7" + Key.enter)
    try terminal.wait(for: "\r42\r\n")
    try ready(terminal)
    terminal.type(Key.controlD)
    #expect(try terminal.waitForExit() == 0)
  }

  @Test("greeting, unless -q") func greeting() throws {
    let terminal = try PseudoTerminal([])
    #expect(try terminal.wait(for: "nn> ").contains("nnrepl "))
  }

  @Test("several lines, then recalled as one") func lines() throws {
    let terminal = try PseudoTerminal()
    try ready(terminal)
    terminal.type("for i = 1, 2 do" + Key.enter)
    try terminal.wait(for: "..> ")
    terminal.type("print('row ' .. i)" + Key.enter)
    try terminal.wait(for: "..> ")
    terminal.type("end" + Key.enter)
    try terminal.wait(for: "row 2")
    try ready(terminal)
    terminal.type(Key.up + Key.enter)
    try terminal.wait(for: "row 1")
    try terminal.wait(for: "row 2")
  }

  @Test("Tab completes") func completion() throws {
    let terminal = try PseudoTerminal()
    try ready(terminal)
    terminal.type("string.rev" + Key.tab + "('abc')" + Key.enter)
    try terminal.wait(for: "\rcba\r\n")
  }

  @Test("pasted lines arrive as one entry and print once") func paste() throws {
    let terminal = try PseudoTerminal()
    try ready(terminal)
    terminal.type(Key.paste("function f(x)\n  return x + 1\nend\nf(41)") + Key.enter)
    try terminal.wait(for: "\r42\r\n")
    try ready(terminal)
    terminal.type("#'done'" + Key.enter)
    #expect(try !terminal.wait(for: "\r4\r\n").contains("42"))
  }

  @Test("a pasted session loses its prompts and its output") func pasteSession() throws {
    let terminal = try PseudoTerminal()
    try ready(terminal)
    terminal.type(Key.paste("nn> x = 20\nnn> x + 1\n21\nnn> x + 2") + Key.enter)
    try terminal.wait(for: "\r21\r\n22\r\n")
  }

  @Test("Ctrl-C drops a half-typed line, and a half-typed statement") func drop() throws {
    let terminal = try PseudoTerminal()
    try ready(terminal)
    terminal.type("x = 'unfinished")
    try terminal.wait(for: "unfinished")
    terminal.type(Key.controlC)
    try ready(terminal)
    terminal.type("if true then" + Key.enter)
    try terminal.wait(for: "..> ")
    terminal.type(Key.controlC)
    try ready(terminal)
    terminal.type("1 + 1" + Key.enter)
    try terminal.wait(for: "\r2\r\n")
  }

  @Test("Ctrl-C ends an endless loop, again and again") func loop() throws {
    let terminal = try PseudoTerminal()
    for round in 1...4 {
      try ready(terminal)
      terminal.type("print 'on' while true do end" + Key.enter)
      try terminal.wait(for: "\ron\r\n")
      terminal.type(Key.controlC)
      try terminal.wait(for: "interrupted!")
      try ready(terminal)
      terminal.type("\(round) * 100" + Key.enter)
      try terminal.wait(for: "\r\(round)00\r\n")
    }
  }

  @Test("SIGTERM at the prompt leaves") func terminate() throws {
    let terminal = try PseudoTerminal()
    try ready(terminal)
    terminal.send(SIGTERM)
    #expect(try terminal.waitForExit() == 143)
  }

  @Test("history lasts: over sessions, without duplicates, searchable") func history() throws {
    let folder = try TemporaryFolder()
    let environment = ["NNREPL_HISTORY": folder.path + "/deep/history"]
    do {
      let terminal = try PseudoTerminal(environment: environment)
      for line in ["'first' .. 1", "'second' .. 2", "'first' .. 1"] {
        try ready(terminal)
        terminal.type(line + Key.enter)
      }
      try ready(terminal)
      try terminal.wait(for: "nn> ", seconds: 0.2)
    } catch is PseudoTerminal.Failure {}  // killed, not closed: what was typed is kept all the same
    let terminal = try PseudoTerminal(environment: environment)
    try ready(terminal)
    terminal.type(Key.up + Key.up + Key.enter)
    try terminal.wait(for: "\rsecond2\r\n")
    try ready(terminal)
    terminal.type(Key.controlR + "firs" + Key.enter)
    try terminal.wait(for: "\rfirst1\r\n")
  }

  @Test("the time of slow commands is told") func timing() throws {
    let terminal = try PseudoTerminal(["-q", "--no-color"])
    try ready(terminal)
    terminal.type("local t = os.time() + 2 while os.time() < t do end" + Key.enter)
    try terminal.wait(for: " s)\r\n")
  }

  @Test("os.exit from the prompt") func exit() throws {
    let terminal = try PseudoTerminal()
    try ready(terminal)
    terminal.type("os.exit(9)" + Key.enter)
    #expect(try terminal.waitForExit() == 9)
  }
}
