import Glibc

/// A file that comes into being whole or not at all. Bytes go to a temporary file beside it; `commit` makes them durable and gives them
/// the name in one step, so that whoever looks at any instant, also after a crash, sees the old file or the new one.
final class AtomicFile: ByteSink {
  private let path: String
  private let temporary: String
  private var descriptor: Int32
  private var buffer: [UInt8] = []
  private static let bufferSize = 1 << 18
  /// After how many bytes the disk is told.
  private static let stepSize = 1 << 23
  private var written = 0
  private var handedOver = 0
  private(set) var position = 0

  init(_ path: String) throws(NNError) {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw .invalid("a file's name must not be empty and not contain a zero byte")
    }
    // Through a symbolic link: the file that it names is replaced, not the link.
    let target = AtomicFile.resolved(path)
    var status = stat()
    if stat(target, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw NNError(.io, "'\(path)' could not be written: it is not a file")
    }
    let exists = lstat(target, &status) == 0
    self.path = target
    let mode = exists ? status.st_mode & 0o777 : nil
    temporary = target + ".\(getpid()).\(RandomName.next()).tmp"
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure(errno) }
    // A file that is replaced keeps who may read it.
    if let mode { _ = fchmod(descriptor, mode) }
    buffer.reserveCapacity(AtomicFile.bufferSize)
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unlink(temporary)
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(NNError) {
    position += bytes.count
    if bytes.count < AtomicFile.bufferSize / 4 {
      buffer.append(contentsOf: bytes)
      if buffer.count >= AtomicFile.bufferSize { try flush() }
      return
    }
    try flush()
    try put(bytes)
  }

  func overwrite(at offset: Int, _ bytes: [UInt8]) throws(NNError) {
    try flush()
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        pwrite(descriptor, $0.baseAddress?.advanced(by: done), bytes.count - done, off_t(offset + done))
      }
      if count >= 0 { done += count } else if errno != EINTR { throw failure(errno) }
    }
  }

  /// Makes the bytes durable, and gives them the name.
  func commit() throws(NNError) {
    try flush()
    while fsync(descriptor) != 0 { if errno != EINTR { throw failure(errno) } }
    let open = descriptor
    descriptor = -1
    // Some file systems tell only now that there was no room.
    if close(open) != 0 && errno != EINTR { throw abandon(errno) }
    guard rename(temporary, path) == 0 else { throw abandon(errno) }
    AtomicFile.synchronizeFolder(of: path)
  }

  private func flush() throws(NNError) {
    guard !buffer.isEmpty else { return }
    try buffer.withUnsafeBufferPointer { (p) throws(NNError) in try put(UnsafeRawBufferPointer(p)) }
    buffer.removeAll(keepingCapacity: true)
  }

  private func put(_ bytes: UnsafeRawBufferPointer) throws(NNError) {
    var done = 0
    while done < bytes.count {
      let count = Glibc.write(
        descriptor, bytes.baseAddress?.advanced(by: done), min(bytes.count - done, AtomicFile.stepSize))
      if count >= 0 { done += count } else if errno != EINTR { throw failure(errno) }
      written += max(0, count)
      startDisk()
    }
  }

  /// Lets the disk begin with what it has got while the rest comes: `commit` then waits less. To Linux the advice that bytes are not needed in memory
  /// says that; those that are not on the disk yet stay. Only a hint.
  private func startDisk() {
    guard written - handedOver >= AtomicFile.stepSize else { return }
    _ = posix_fadvise(descriptor, off_t(handedOver), off_t(written - handedOver), POSIX_FADV_DONTNEED)
    handedOver = written
  }

  private func abandon(_ code: Int32) -> NNError {
    unlink(temporary)
    return failure(code)
  }

  private func failure(_ code: Int32) -> NNError {
    let isMissing = code == ENOENT
    let reason = isMissing ? "its folder does not exist" : SystemError.text(code)
    return NNError(isMissing ? .notFound : .io, "'\(path)' could not be written: \(reason)")
  }

  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  /// The new name is in the folder, which must be made durable, too; some file systems cannot, and need not.
  private static func synchronizeFolder(of path: String) {
    let folder = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? "."
    let descriptor = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = fsync(descriptor)
    close(descriptor)
  }
}

/// Names that nobody else takes.
private enum RandomName {
  static func next() -> String {
    var generator = SystemRandomNumberGenerator()
    return String(generator.next() as UInt64, radix: 36)
  }
}
