import Testing

@testable import nnrepl

@Suite("Pictures of models") struct DiagramTests {
  private func picture(_ nodes: [(text: String, sources: [Int])], isUnicode: Bool = true) -> String {
    let layout = DiagramLayout(nodes.map { DiagramLayout.Node(lines: [$0.text], sources: $0.sources) })
    return DiagramText(isUnicode: isUnicode).draw(layout).text(.none)
  }

  @Test("a stack: straight down, also where widths are odd and even") func stack() {
    let expected = """
      ┌──────┐
      │ abcd │
      └──────┘
          ▼
       ┌───┐
       │ x │
       └───┘

      """
    #expect(picture([("abcd", []), ("x", [0])]) == expected)
    let ascii = expected.map { "┌┐└┘".contains($0) ? "+" : $0 == "─" ? "-" : $0 == "│" ? "|" : $0 == "▼" ? "v" : $0 }
    #expect(picture([("abcd", []), ("x", [0])], isUnicode: false) == String(ascii))
  }

  @Test("two branches part and meet; a connection that skips a rank passes it") func branches() {
    let expected = """
            ┌───┐
            │ a │
            └───┘
          ┌───┴───┐
          ▼       │
        ┌───┐     │
        │ b │     │
        └───┘     │
          └───┐   │
              ├───┘
              ▼
            ┌───┐
            │ c │
            └───┘

      """
    let text = picture([("a", []), ("b", [0]), ("c", [0, 1])])
    // The columns depend on rounding; what is connected does not.
    func shape(_ text: String) -> [String] { text.split(separator: "\n").map { $0.filter { !" ─".contains($0) } } }
    #expect(shape(text) == shape(expected), "\(text)")
  }

  @Test("wires of different sources cross without meeting") func crossing() {
    let text = picture([("a", []), ("b", []), ("c", [1]), ("d", [0]), ("e", [0, 1])])
    #expect(!text.contains("┼") || text.contains("▼"), "\(text)")
    #expect(text.filter { $0 == "▼" }.count == 3, "\(text)")
  }

  @Test("a chain of a thousand layers") func deep() {
    let text = picture((0..<1000).map { ("layer", $0 > 0 ? [$0 - 1] : []) })
    #expect(text.split(separator: "\n").count == 4 * 1000 - 1)
  }
}

@Suite("Pictures on a terminal", .serialized) struct PicturesOnATerminalTests {
  @Test("braille and colours") func plot() throws {
    let terminal = try PseudoTerminal(environment: ["LANG": "C.UTF-8", "TERM": "xterm-256color"])
    try terminal.wait(for: "nn> ")
    terminal.type("nn.plot{3, 2, 1, 0, title='Falling', width=24, height=4}" + Key.enter)
    try terminal.wait(for: "\u{1B}[1mFalling\u{1B}[0m")
    try terminal.wait(for: "\u{1B}[36m⠉⠒⠢⢄⣀\u{1B}[0m")
    try terminal.wait(for: "nn> ")
    terminal.type("nn.imshow({{0, 1}, {1, 0}}, {width=2})" + Key.enter)
    try terminal.wait(for: "\u{1B}[38;5;16;48;5;231m▀\u{1B}[0m\u{1B}[38;5;231;48;5;16m▀\u{1B}[0m")
  }

  @Test("NO_COLOR and LANG=C: ASCII without control sequences") func plain() throws {
    let terminal = try PseudoTerminal(environment: ["LANG": "C", "NO_COLOR": "1"])
    try terminal.wait(for: "nn> ")
    terminal.type("nn.plot{3, 2, 1, 0, width=24, height=4}" + Key.enter)
    try terminal.wait(for: "  |****\r\n2 +    ******\r\n  |          *******\r\n0 +                 ****\r\n")
  }

  @Test("nothing in a pipe") func pipe() throws {
    let outcome = try NNRepl.run(
      ["-e", "nn.plot{1, 2, 3} nn.imshow{{0, 1}, {1, 0}}"], environment: ["LANG": "C.UTF-8", "FORCE_COLOR": "1"])
    #expect((outcome.output, outcome.errors, outcome.status) == ("", "", 0))
  }

  @Test("without gnuplot the message says what to install") func missing() throws {
    let outcome = try NNRepl.run(["-e", "nn.plot{1, 2, file='a.svg'}"], environment: ["PATH": "/nonexistent"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("gnuplot, which is not installed (on Debian: apt install gnuplot-nox)"))
  }
}
