import Glibc

/// What the operating system says went wrong.
enum SystemError {
  static func text(_ code: Int32) -> String {
    if code == 0 { return "out of memory" }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard let text = buffer.baseAddress, strerror_r(code, text, buffer.count) == 0 else { return "error \(code)" }
      return String(cString: text)
    }
  }
}
