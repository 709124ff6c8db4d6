import Glibc

/// A file that text is written to. Each write reaches the operating system at once; every failure is an error that says why.
final class TextFile {
  private let path: String
  private var descriptor: Int32

  /// Creates or empties the file, or goes on at its end.
  init(_ path: String, appending: Bool) throws(NNError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (appending ? O_APPEND : O_TRUNC), 0o666)
    if descriptor < 0 { throw failure(errno) }
  }

  deinit { if descriptor >= 0 { _ = Glibc.close(descriptor) } }

  /// Whether there is nothing in it.
  var isEmpty: Bool { get throws(NNError) { try size == 0 } }

  /// Its bytes.
  var size: Int {
    get throws(NNError) {
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { throw failure(errno) }
      return Int(status.st_size)
    }
  }

  /// Takes away what is behind so many bytes.
  func truncate(to size: Int) throws(NNError) {
    guard ftruncate(descriptor, off_t(size)) == 0 else { throw failure(errno) }
  }

  func write(_ text: String) throws(NNError) {
    let bytes = Array(text.utf8)
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress?.advanced(by: done), bytes.count - done)
      }
      if count >= 0 {
        done += count
      } else if errno != EINTR {
        throw failure(errno)
      }
    }
  }

  /// Some file systems tell only now that there was no room.
  func close() throws(NNError) {
    guard descriptor >= 0 else { return }
    let result = Glibc.close(descriptor)
    descriptor = -1
    if result != 0, errno != EINTR { throw failure(errno) }
  }

  private func failure(_ code: Int32) -> NNError {
    NNError(.io, "'\(path)' could not be written: " + SystemError.text(code))
  }
}
