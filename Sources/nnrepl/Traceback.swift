/// What of a traceback is worth showing: the user's own lines.
enum Traceback {
  /// Leaves out the frames of this program: what is written in Swift or C, and our own pieces of Lua.
  static func ofUser(_ message: String) -> String { filtered(message) { frames in frames } }

  /// The same at the prompt, where the typed line itself is no news; a traceback of nothing else disappears.
  static func shortened(_ message: String) -> String {
    filtered(message) { frames in
      guard let last = frames.last, last.hasPrefix("\tstdin:"), last.hasSuffix(": in main chunk") else { return frames }
      return Array(frames.dropLast())
    }
  }

  private static func filtered(_ message: String, _ end: ([Substring]) -> [Substring]) -> String {
    let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
    guard let start = lines.lastIndex(of: "stack traceback:") else { return message }
    let frames = end(lines[(start + 1)...].filter { !$0.isEmpty && !isOurs($0) })
    return (frames.isEmpty ? lines[..<start] : lines[...start] + frames).joined(separator: "\n")
  }

  private static func isOurs(_ frame: Substring) -> Bool {
    frame.hasPrefix("\t[C]:") || frame.hasPrefix("\t[nn]:") || frame == "\t(...tail calls...)"
  }
}
