import CLua
import Glibc

/// Where the prompt's lines come from.
protocol LineReader {
  /// `earlier`: the lines of the same entry so far.
  func read(prompt: String, after earlier: String) -> LineRead
  /// Keeps a whole entry, which may have several lines.
  func remember(_ entry: String)
}

enum LineRead: Equatable {
  case line(String)
  /// Ctrl-C: what was typed so far, on earlier lines too, is to be forgotten.
  case interrupted
  case end
}

/// Reads standard input when it is not a terminal (`nnrepl -i < file`).
struct PlainReader: LineReader {
  private let output: Terminal

  init(_ output: Terminal) { self.output = output }

  func read(prompt: String, after earlier: String) -> LineRead {
    output.write(prompt)
    output.flush()
    if let line = readLine() { return .line(line) }
    if Interrupt.isLineDropped, ferror(clua_stdin()) != 0 {
      clearerr(clua_stdin())
      return .interrupted
    }
    return .end
  }

  func remember(_ entry: String) {}
}
