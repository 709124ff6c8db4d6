/// Lines no longer than a terminal is wide.
enum TextWrap {
  /// Breaks at spaces; lines after the first begin with `indent` spaces, which the first is taken to have already.
  static func wrap(_ text: String, width: Int, indent: Int = 0) -> String {
    let limit = max(width - 1, indent + 20)
    var lines: [String] = []
    var line = ""
    var length = indent
    for word in text.split(separator: " ", omittingEmptySubsequences: true) {
      let count = word.count
      if !line.isEmpty, length + 1 + count > limit {
        lines.append(line)
        (line, length) = ("", indent)
      }
      if !line.isEmpty {
        line += " "
        length += 1
      }
      line += word
      length += count
    }
    return (lines + [line]).joined(separator: "\n" + String(repeating: " ", count: indent))
  }
}
