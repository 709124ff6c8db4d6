import Glibc

/// What training threads have to say to Lua's: lines of text, and a bell that wakes a prompt.
enum Mail {
  nonisolated(unsafe) private static var lines: [String] = []  // under the monitor
  nonisolated(unsafe) private static var isRinging = false
  nonisolated(unsafe) private static var pipe: (read: Int32, write: Int32) = (-1, -1)

  /// Readable when there is something to attend to; -1 before the first training in the background.
  static var bell: Int32 { pipe.read }

  static var isWaiting: Bool { Background.monitor.locked { isRinging } }

  static func open() {
    guard pipe.read < 0 else { return }
    var ends: [Int32] = [-1, -1]
    guard Glibc.pipe(&ends) == 0 else { return }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    pipe = (ends[0], ends[1])
  }

  /// Under the monitor.
  static func ring() {
    guard !isRinging, pipe.write >= 0 else { return }
    isRinging = true
    var byte: UInt8 = 1
    _ = write(pipe.write, &byte, 1)
  }

  static func post(_ line: String) {
    Background.monitor.locked {
      lines.append(line)
      ring()
    }
  }

  /// Silences the bell, and takes what has been posted.
  static func take() -> [String] {
    Background.monitor.locked {
      if isRinging {
        var byte: UInt8 = 0
        _ = read(pipe.read, &byte, 1)
        isRinging = false
      }
      defer { lines = [] }
      return lines
    }
  }

  /// Attends to the trainings, and prints what they had to say.
  static func deliver(to output: Terminal) {
    Background.attend()
    let lines = take()
    for line in lines { output.writeLine(line) }
    if !lines.isEmpty { output.flush() }
  }
}
