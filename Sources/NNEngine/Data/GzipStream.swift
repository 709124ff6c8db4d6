import CZlib
import Glibc

/// The bytes of a file, decompressed if it is a gzip file. Errors name the file.
final class GzipStream {
  private let path: String
  private let file: gzFile

  init(_ path: String) throws(NNError) {
    errno = 0
    guard !path.utf8.contains(0), let file = gzopen(path, "rb") else {
      let code = errno
      throw NNError(code == ENOENT ? .notFound : .io, "'\(path)' could not be opened: " + SystemError.text(code))
    }
    self.path = path
    self.file = file
  }

  deinit { gzclose_r(file) }

  /// Up to `count` bytes; 0 at the end.
  func read(_ out: UnsafeMutableRawPointer, _ count: Int) throws(NNError) -> Int {
    // gzread's counter is 32 bits wide.
    let got = gzread(file, out, UInt32(min(count, 1 << 30)))
    guard got >= 0 else { throw failure() }
    return Int(got)
  }

  /// Exactly `count` bytes, few.
  func bytes(_ count: Int, of part: String) throws(NNError) -> [UInt8] {
    var result: [UInt8] = []
    while result.count < count {
      var byte: UInt8 = 0
      guard try read(&byte, 1) == 1 else { throw error("ends within \(part)") }
      result.append(byte)
    }
    return result
  }

  /// Throws if there is more, or if the compressed data do not end as they should: this is where zlib compares checksums.
  func expectEnd() throws(NNError) {
    var one: UInt8 = 0
    guard try read(&one, 1) == 0 else { throw error("is longer than its header says") }
    var code: Int32 = 0
    _ = gzerror(file, &code)
    guard code == Z_OK || code == Z_STREAM_END else { throw failure() }
  }

  /// An error in the contents.
  func error(_ what: String) -> NNError { NNError(.format, "'\(path)' \(what)") }

  private func failure() -> NNError {
    var code: Int32 = 0
    let text = gzerror(file, &code).map { String(cString: $0) } ?? ""
    if code == Z_ERRNO { return NNError(.io, "'\(path)' could not be read: " + SystemError.text(errno)) }
    // zlib puts the path in front of its message.
    let reason = text.hasPrefix(path + ": ") ? String(text.dropFirst(path.count + 2)) : text
    return error("is damaged (\(reason.isEmpty ? "zlib error \(code)" : reason))")
  }
}
