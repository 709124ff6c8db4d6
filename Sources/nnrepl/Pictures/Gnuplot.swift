import CLua
import Glibc

/// Draws files with gnuplot, a program that need not be there. Commands go to its standard input and the picture comes from its standard
/// output, so that no name of a file and no title passes through a shell.
enum Gnuplot {
  struct Mistake: Error, Equatable {
    let message: String
  }

  enum Format: String, CaseIterable {
    case svg, png, pdf

    init(file: String) throws(Mistake) {
      let name = file.split(separator: "/").last ?? ""
      let suffix = name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last.map { $0.lowercased() }
      guard let suffix, let format = Format(rawValue: suffix) else {
        throw Mistake(message: "'file' must end in .svg, .png or .pdf, got '\(file)'")
      }
      self = format
    }

    /// The size is in pixels; in a PDF in points.
    func terminal(width: Int, height: Int) -> String {
      let start = "set encoding utf8\nset terminal "
      let common = "noenhanced font 'sans,"
      return switch self {
      case .svg: start + "svg size \(width),\(height) background 'white' \(common)12'\n"
      case .png: start + "pngcairo size \(width),\(height) \(common)11'\n"
      case .pdf: start + "pdfcairo size \(Double(width) / 72)in,\(Double(height) / 72)in \(common)11'\n"
      }
    }
  }

  /// A string in gnuplot's language: between single quotes nothing has a meaning but the quote.
  static func quoted(_ text: String) -> String {
    var result = "'"
    for scalar in text.unicodeScalars {
      switch scalar {
      case "'": result += "''"
      case _ where scalar.value < 32 || scalar.value == 127: result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "'"
  }

  /// Numbers that gnuplot reads back exactly.
  static func number(_ value: Double) -> String { value.isFinite ? "\(value)" : "NaN" }

  /// Lets gnuplot draw, and writes what it drew; the file is replaced only when all went well.
  static func write(_ commands: String, to file: String, width: Int, height: Int) throws(Mistake) {
    let format = try Format(file: file)
    var child = try Child(arguments: ["gnuplot", "--default-settings", "-"])
    let (picture, complaints, status) = child.talk(
      format.terminal(width: width, height: height) + commands + "\nunset output\nexit\n")
    guard status == 0, !picture.isEmpty else {
      let words = String(decoding: complaints, as: UTF8.self).split(separator: "\n").map {
        String($0.drop { $0 == " " || $0 == "\t" })
      }
      let reason = words.last { !$0.isEmpty && !$0.allSatisfy { $0 == "^" } } ?? "it gave no reason"
      throw Mistake(message: "gnuplot failed (status \(status)): \(reason)")
    }
    try save(picture, as: file)
  }

  private static func save(_ bytes: [UInt8], as file: String) throws(Mistake) {
    let stream = fopen(file, "we")
    guard let stream else { throw Mistake(message: "'\(file)' could not be written: \(reason(errno))") }
    let written = fwrite(bytes, 1, bytes.count, stream)
    let error = errno
    guard fclose(stream) == 0, written == bytes.count else {
      throw Mistake(message: "'\(file)' could not be written: \(reason(written == bytes.count ? errno : error))")
    }
  }

  static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}

extension Gnuplot {
  /// The running program and the ends of three channels to it.
  private struct Child {
    private let process: pid_t
    private var input: Int32
    private let output: Int32
    private let errors: Int32

    init(arguments: [String]) throws(Mistake) {
      var (toChild, fromChild, complaints): ([Int32], [Int32], [Int32]) = ([-1, -1], [-1, -1], [-1, -1])
      // Sockets instead of pipes: `send` can be told to raise no SIGPIPE when gnuplot stops reading.
      let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
      let isOpen =
        socketpair(AF_UNIX, kind, 0, &toChild) == 0 && socketpair(AF_UNIX, kind, 0, &fromChild) == 0
        && socketpair(AF_UNIX, kind, 0, &complaints) == 0
      let problem = errno
      func closeAll(_ descriptors: [Int32]) {
        for descriptor in descriptors where descriptor >= 0 { close(descriptor) }
      }
      guard isOpen else {
        closeAll(toChild + fromChild + complaints)
        throw Mistake(message: "gnuplot could not be started: \(Gnuplot.reason(problem))")
      }
      var actions = posix_spawn_file_actions_t()
      posix_spawn_file_actions_init(&actions)
      defer { posix_spawn_file_actions_destroy(&actions) }
      posix_spawn_file_actions_adddup2(&actions, toChild[1], 0)
      posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
      posix_spawn_file_actions_adddup2(&actions, complaints[1], 2)
      let words = arguments.map { strdup($0) } + [nil]
      defer { words.forEach { free($0) } }
      var started: pid_t = 0
      let status = posix_spawnp(&started, arguments[0], &actions, nil, words, clua_environ())
      closeAll([toChild[1], fromChild[1], complaints[1]])
      guard status == 0 else {
        closeAll([toChild[0], fromChild[0], complaints[0]])
        throw Mistake(
          message: status == ENOENT
            ? "files are drawn by gnuplot, which is not installed (on Debian: apt install gnuplot-nox)"
            : "gnuplot could not be started: \(Gnuplot.reason(status))")
      }
      (process, input, output, errors) = (started, toChild[0], fromChild[0], complaints[0])
    }

    /// Writes and reads at the same time, since either side may have to wait for the other; returns when it has ended.
    mutating func talk(_ text: String) -> (output: [UInt8], errors: [UInt8], status: Int32) {
      let bytes = Array(text.utf8)
      var sent = 0
      var received: [[UInt8]] = [[], []]
      var sources = [output, errors]
      while sources != [-1, -1] {
        let ready = clua_wait_for(input, sources[0], sources[1])
        if ready & 1 != 0 {
          let count = bytes.withUnsafeBytes {
            send(
              input, $0.baseAddress?.advanced(by: sent), bytes.count - sent,
              Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
          }
          let isOver = count < 0 && ![EINTR, EAGAIN].contains(errno)
          sent += max(count, 0)
          if isOver || sent == bytes.count {
            close(input)
            input = -1
          }
        }
        for (i, source) in sources.enumerated() where ready & (2 << i) != 0 {
          var buffer = [UInt8](repeating: 0, count: 65536)
          let count = read(source, &buffer, buffer.count)
          if count > 0 {
            received[i] += buffer[..<count]
          } else if count == 0 || errno != EINTR {
            close(source)
            sources[i] = -1
          }
        }
      }
      if input >= 0 { close(input) }
      var status: Int32 = 0
      while waitpid(process, &status, 0) < 0, errno == EINTR {}
      return (received[0], received[1], status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f))
    }
  }
}
