/// One line that changes while something runs: redrawn in place on a terminal, written once, when final, elsewhere.
struct Progress {
  private let terminal: Terminal
  private var lastDrawn: ContinuousClock.Instant?
  private var isLineOpen = false

  /// Terminals are not worth more than 20 pictures a second.
  private static let interval = Duration.milliseconds(50)

  init(_ terminal: Terminal) { self.terminal = terminal }

  /// Whether `update` shows anything: if not, callers need not format lines.
  var isLive: Bool { terminal.isTerminal }

  /// Shows an intermediate state, if there is a terminal and the last picture is old enough.
  mutating func update(_ line: @autoclosure () -> String) {
    guard isLive else { return }
    let now = ContinuousClock.now
    if let lastDrawn, now - lastDrawn < Progress.interval { return }
    lastDrawn = now
    isLineOpen = true
    draw(String(line().prefix(max(terminal.width - 1, 1))))
  }

  /// Shows the final state and leaves it there.
  mutating func finish(_ line: String) {
    if isLineOpen { draw(line) } else { terminal.write(line) }
    terminal.write("\n")
    terminal.flush()
    isLineOpen = false
    lastDrawn = nil
  }

  /// Leaves a half-drawn line as it is and continues below it, as after an interrupt.
  mutating func abandon() {
    if isLineOpen { terminal.writeLine("") }
    terminal.flush()
    isLineOpen = false
    lastDrawn = nil
  }

  private func draw(_ line: String) {
    terminal.write("\r\(line)\u{1B}[K")
    terminal.flush()
  }
}
