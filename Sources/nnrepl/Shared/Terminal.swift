import CLua
import Glibc

/// What one of the standard streams is connected to.
struct Terminal {
  enum Stream {
    case output, errors
  }

  /// C's stream: Lua's `print` writes to the same buffer.
  private let stream: UnsafeMutablePointer<FILE>?
  let isTerminal: Bool
  let usesColor: Bool
  /// Whether characters beyond ASCII can be expected to look as they should.
  let usesUnicode: Bool
  let colorDepth: ColorDepth
  private let columns: Int?

  init(_ stream: Stream, environment: Environment = Environment([:]), neverColor: Bool = false) {
    self.stream = stream == .output ? clua_stdout() : clua_stderr()
    isTerminal = isatty(stream == .output ? STDOUT_FILENO : STDERR_FILENO) == 1
    columns = environment["COLUMNS"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    usesColor = Terminal.usesColor(isTerminal: isTerminal, environment: environment, neverColor: neverColor)
    usesUnicode = Terminal.usesUnicode(environment)
    colorDepth = !usesColor ? .none : Terminal.hasFullColor(environment) ? .full : .palette
  }

  /// The locale's rule: the first of three variables that is set decides. The Linux console and dumb terminals lack the characters.
  static func usesUnicode(_ environment: Environment) -> Bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first ?? ""
    let isUTF8 = ["utf-8", "utf8"].contains { locale.lowercased().hasSuffix($0) }
    return isUTF8 && ![nil, "dumb", "linux"].contains(environment["TERM"])
  }

  /// 24 bits instead of 256 colours.
  private static func hasFullColor(_ environment: Environment) -> Bool {
    ["truecolor", "24bit"].contains(environment["COLORTERM"]) || environment["TERM"]?.hasSuffix("-direct") == true
  }

  /// --no-color and NO_COLOR say never, then CLICOLOR_FORCE and FORCE_COLOR say always (unless 0), then a terminal that
  /// is not dumb decides.
  static func usesColor(isTerminal: Bool, environment: Environment, neverColor: Bool) -> Bool {
    if neverColor || environment["NO_COLOR"] != nil { return false }
    for name in ["CLICOLOR_FORCE", "FORCE_COLOR"] {
      if let value = environment[name], value != "0" { return true }
    }
    return isTerminal && environment["TERM"] != nil && environment["TERM"] != "dumb"
  }

  /// COLUMNS, or what the terminal says now, or 80.
  var width: Int {
    if let columns { return columns }
    let columns = isTerminal ? Int(clua_columns(stream)) : 0
    return columns > 0 ? columns : 80
  }

  func write(_ text: String) {
    guard let stream else { return }
    var text = text
    text.withUTF8 { _ = fwrite($0.baseAddress, 1, $0.count, stream) }
  }

  func writeLine(_ text: String) { write(text + "\n") }

  func flush() { if let stream { fflush(stream) } }

  func styled(_ text: String, _ style: Style) -> String {
    usesColor ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }
}

/// Select Graphic Rendition codes.
enum Style: String {
  case bold = "1"
  case dim = "2"
  case red = "31"
  case green = "32"
}
