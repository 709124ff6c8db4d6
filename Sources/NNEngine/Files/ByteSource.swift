import Glibc

/// The bytes of a file, of a part of it, or of memory, as a reader sees them: every read is checked against the size that is really there, and
/// what a file says of itself is believed only as far as that goes.
final class ByteSource {
  private enum Origin {
    case file(OpenFile)
    case memory(UnsafeRawPointer, owner: AnyObject?)
    case entry(ZipEntry)
  }

  /// What messages call it: "'model.h5'".
  let name: String
  /// How many bytes there are.
  let count: Int
  private let origin: Origin
  private let start: Int
  /// The last small piece that was read: readers of structures ask for a few bytes at a time.
  private var window: [UInt8] = []
  private var windowStart = 0
  private static let windowSize = 1 << 16

  private init(_ name: String, _ origin: Origin, start: Int, count: Int) {
    (self.name, self.origin, self.start, self.count) = (name, origin, start, count)
  }

  /// An existing file.
  convenience init(file path: String) throws(NNError) {
    let file = try OpenFile(path)
    self.init("'\(path)'", .file(file), start: 0, count: file.size)
  }

  /// The caller's memory, kept by `owner`.
  convenience init(_ memory: UnsafeRawBufferPointer, owner: AnyObject?, name: String = "the buffer") {
    let none = UnsafeRawPointer(bitPattern: 1) ?? UnsafeRawPointer(Unmanaged.passUnretained(Nothing.shared).toOpaque())
    self.init(name, .memory(memory.baseAddress ?? none, owner: owner), start: 0, count: memory.count)
  }

  /// A copy of these bytes.
  convenience init(_ bytes: [UInt8], name: String = "the buffer") throws(NNError) {
    let storage = try Storage(byteCount: bytes.count)
    bytes.withUnsafeBytes { if let p = $0.baseAddress { storage.bytes.copyMemory(from: p, byteCount: $0.count) } }
    self.init(UnsafeRawBufferPointer(start: storage.bytes, count: bytes.count), owner: storage, name: name)
  }

  /// An archive's entry, which is read from the front on: going back begins anew.
  convenience init(_ entry: ZipEntry, name: String) {
    self.init(name, .entry(entry), start: 0, count: entry.size)
  }

  /// Whether the bytes are in memory: reading them cannot fail.
  var isInMemory: Bool { if case .memory = origin { true } else { false } }

  /// The same bytes in memory, for those who go to and fro in them.
  func inMemory() throws(NNError) -> ByteSource {
    if isInMemory { return self }
    let storage = try whole()
    return ByteSource(UnsafeRawBufferPointer(start: storage.bytes, count: count), owner: storage, name: name)
  }

  /// A part, as a source of its own.
  func part(at offset: Int, count: Int, name: String) throws(NNError) -> ByteSource {
    try check(offset, count)
    return ByteSource(name, origin, start: start + offset, count: count)
  }

  /// The file that it is the whole of; nil for memory and for parts.
  var path: String? { if case .file(let file) = origin, start == 0, count == file.size { file.path } else { nil } }

  /// All bytes in memory; those that are in a block of their own already are not copied.
  func whole() throws(NNError) -> Storage {
    if case .memory(let base, let owner) = origin {
      return Storage(
        borrowing: UnsafeMutableRawPointer(mutating: base + start), byteCount: count,
        release: { withExtendedLifetime(owner) {} })
    }
    let storage = try Storage(byteCount: count)
    try read(at: 0, count: count, into: storage.bytes)
    return storage
  }

  /// Copies bytes to `out`.
  func read(at offset: Int, count: Int, into out: UnsafeMutableRawPointer) throws(NNError) {
    try check(offset, count)
    switch origin {
    case .memory(let base, let owner):
      withExtendedLifetime(owner) { out.copyMemory(from: base + start + offset, byteCount: count) }
    case .file(let file): try file.read(at: start + offset, count: count, into: out)
    case .entry(let entry): try entry.read(at: start + offset, count: count, into: out)
    }
  }

  /// Bytes of a structure.
  func bytes(at offset: Int, count wanted: Int) throws(NNError) -> [UInt8] {
    try check(offset, wanted)
    if wanted > ByteSource.windowSize / 2 {
      var result = [UInt8](repeating: 0, count: wanted)
      try result.withUnsafeMutableBufferPointer { (p) throws(NNError) in
        if let base = p.baseAddress { try read(at: offset, count: wanted, into: base) }
      }
      return result
    }
    if offset < windowStart || offset + wanted > windowStart + window.count {
      let size = min(ByteSource.windowSize, count - offset)
      window = [UInt8](repeating: 0, count: size)
      windowStart = offset
      try window.withUnsafeMutableBufferPointer { (p) throws(NNError) in
        if let base = p.baseAddress, size > 0 { try read(at: offset, count: size, into: base) }
      }
    }
    let first = offset - windowStart
    return Array(window[first..<first + wanted])
  }

  /// What no size or place in a file reaches, and still can be added to.
  static let unreachable = 1 << 60

  /// A little-endian number of up to eight bytes; what is too large for any file becomes `unreachable`.
  func integer(at offset: Int, bytes size: Int) throws(NNError) -> Int {
    var result: UInt64 = 0
    for (i, byte) in try bytes(at: offset, count: size).enumerated() { result |= UInt64(byte) << UInt64(8 * i) }
    return Int(min(result, UInt64(ByteSource.unreachable)))
  }

  /// An error in the contents.
  func error(_ what: String) -> NNError { NNError(.format, "\(name) \(what)") }

  private func check(_ offset: Int, _ count: Int) throws(NNError) {
    guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else {
      throw error("is damaged or cut off: it refers to bytes behind its end")
    }
  }

  private final class Nothing: Sendable { static let shared = Nothing() }

  /// A file while somebody reads it.
  private final class OpenFile {
    let path: String
    let size: Int
    private let descriptor: Int32

    init(_ path: String) throws(NNError) {
      guard !path.isEmpty, !path.utf8.contains(0) else {
        throw .invalid("a file's name must not be empty and not contain a zero byte")
      }
      descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        let code = errno
        throw NNError(code == ENOENT ? .notFound : .io, "'\(path)' could not be opened: " + SystemError.text(code))
      }
      var status = stat()
      guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        close(descriptor)
        throw NNError(.io, "'\(path)' is not a file")
      }
      (self.path, size) = (path, Int(status.st_size))
    }

    deinit { close(descriptor) }

    func read(at offset: Int, count: Int, into out: UnsafeMutableRawPointer) throws(NNError) {
      var done = 0
      while done < count {
        let got = pread(descriptor, out + done, count - done, off_t(offset + done))
        if got > 0 {
          done += got
        } else if got == 0 {
          throw NNError(.io, "'\(path)' became shorter while it was read")
        } else if errno != EINTR {
          throw NNError(.io, "'\(path)' could not be read: " + SystemError.text(errno))
        }
      }
    }
  }
}
