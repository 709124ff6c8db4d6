import Glibc

/// nnrepl at a terminal: types keys, waits for what is shown.
final class PseudoTerminal {
  private let control: Int32
  private let process: pid_t
  /// Everything shown so far, control sequences included.
  private(set) var screen = ""

  struct Failure: Error {
    var message: String
  }

  init(_ arguments: [String] = ["-q"], environment: [String: String] = [:]) throws {
    control = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard control >= 0 else { throw Failure(message: "no pseudo-terminal") }
    var unlocked: Int32 = 0
    var number: Int32 = 0
    _ = ioctl(control, UInt(0x4004_5431), &unlocked)  // TIOCSPTLCK
    _ = ioctl(control, UInt(0x8004_5430), &number)  // TIOCGPTN
    var size = winsize(ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(control, UInt(TIOCSWINSZ), &size)

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/pts/\(number)", O_RDWR, 0)  // becomes the controlling terminal
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(0x80))  // POSIX_SPAWN_SETSID

    let environment = NNRepl.environment.merging(["INPUTRC": "/dev/null"]) { $1 }.merging(environment) { $1 }
    var child: pid_t = 0
    let arguments = ([NNRepl.path] + arguments).map { strdup($0) } + [nil]
    let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (arguments + variables).forEach { free($0) } }
    let status = posix_spawn(&child, NNRepl.path, &actions, &attributes, arguments, variables)
    guard status == 0 else { throw Failure(message: "cannot start nnrepl: \(status)") }
    process = child
  }

  deinit {
    kill(process, SIGKILL)
    waitpid(process, nil, 0)
    close(control)
  }

  func type(_ keys: String) {
    var keys = keys
    keys.withUTF8 { _ = write(control, $0.baseAddress, $0.count) }
  }

  /// Waits until the text is shown after all that was waited for before, and returns what was shown until then.
  @discardableResult func wait(for text: String, seconds: Double = 60) throws -> String {
    var seen = ""
    let deadline = ContinuousClock.now + .seconds(seconds)
    while true {
      if let range = unread.firstRange(of: text) {
        seen += unread[..<range.upperBound]
        unread = String(unread[range.upperBound...])
        return seen
      }
      guard ContinuousClock.now < deadline, receive() else {
        throw Failure(message: "waited for \(text.debugDescription), saw \(unread.debugDescription)")
      }
    }
  }

  /// The exit status, once it ends by itself.
  func waitForExit(seconds: Double = 60) throws -> Int32 {
    let deadline = ContinuousClock.now + .seconds(seconds)
    var status: Int32 = 0
    while waitpid(process, &status, WNOHANG) == 0 {
      guard ContinuousClock.now < deadline else {
        throw Failure(message: "still running; saw \(unread.debugDescription)")
      }
      _ = receive()
    }
    return status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f)
  }

  func send(_ signal: Int32) { kill(process, signal) }

  private var unread = ""

  /// False when the other side is gone.
  private func receive() -> Bool {
    var ready = pollfd(fd: control, events: Int16(POLLIN), revents: 0)
    guard poll(&ready, 1, 100) > 0 else { return true }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(control, &bytes, bytes.count)
    guard count > 0 else { return false }
    let text = String(decoding: bytes[..<count], as: UTF8.self)
    screen += text
    unread += text
    return true
  }
}

/// Keys as terminals send them.
enum Key {
  static let enter = "\r"
  static let tab = "\t"
  static let up = "\u{1B}[A"
  static let controlC = "\u{3}"
  static let controlD = "\u{4}"
  static let controlR = "\u{12}"

  static func paste(_ text: String) -> String { "\u{1B}[200~\(text)\u{1B}[201~" }
}
