import Glibc

/// The lines of earlier sessions, in a file: one entry a line, line breaks inside an entry written as `\n`.
///
/// Several sessions may append at the same time. Trouble with the file never reaches the user: without it the history
/// lasts as long as the session.
struct HistoryFile {
  static let limit = 5000
  private let path: String?

  init(path: String?) { self.path = path }

  /// The entries, oldest first, each once, at most `limit`. A file that has grown well beyond that is rewritten.
  func load() -> [String] {
    guard let path, let text = HistoryFile.read(path) else { return [] }
    let lines = text.split(separator: "\n").map(String.init)
    var seen = Set<String>()
    let newestFirst = lines.reversed().filter { seen.insert($0).inserted }.prefix(HistoryFile.limit)
    let kept = Array(newestFirst.reversed())
    if lines.count > kept.count + HistoryFile.limit / 10 { HistoryFile.replace(path, kept) }
    return kept.map(HistoryFile.decode)
  }

  /// Appends at once: a session that dies loses nothing.
  func append(_ entry: String) {
    guard let path else { return }
    HistoryFile.makeDirectories(for: path)
    let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { return }
    defer { close(file) }
    HistoryFile.write(HistoryFile.encode(entry) + "\n", to: file)
  }

  static func encode(_ entry: String) -> String {
    var result = ""
    for scalar in entry.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  static func decode(_ line: String) -> String {
    var result = ""
    var isEscaped = false
    for scalar in line.unicodeScalars {
      if isEscaped {
        result.unicodeScalars.append(scalar == "n" ? "\n" : scalar)
        isEscaped = false
      } else if scalar == "\\" {
        isEscaped = true
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func read(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(file, &chunk, chunk.count)
      guard count > 0 else { return count == 0 ? String(decoding: bytes, as: UTF8.self) : nil }
      bytes.append(contentsOf: chunk[..<count])
    }
  }

  private static func replace(_ path: String, _ lines: [String]) {
    let temporary = "\(path).\(getpid())"
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { return }
    let isWritten = write(lines.map { $0 + "\n" }.joined(), to: file)
    close(file)
    if !isWritten || rename(temporary, path) != 0 { unlink(temporary) }
  }

  @discardableResult private static func write(_ text: String, to file: Int32) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let start = rest.baseAddress, !rest.isEmpty {
        let count = Glibc.write(file, start, rest.count)
        guard count > 0 else { return false }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
      return true
    }
  }

  /// Only the user's business: 0700, as the XDG specification wants it.
  private static func makeDirectories(for path: String) {
    for end in path.indices where path[end] == "/" && end != path.startIndex { mkdir(String(path[..<end]), 0o700) }
  }
}
