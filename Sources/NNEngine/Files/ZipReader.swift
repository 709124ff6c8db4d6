internal import CZlib

/// Reads zip archives by libzip. What an archive says of its entries' sizes is compared with its own before anything is allocated.
final class ZipReader {
  fileprivate struct Entry {
    let index: UInt64
    let size: Int
    /// The checksum of an entry that is stored as it is; nil for others.
    let checksum: UInt32?
  }

  fileprivate let library: LibZip
  private let source: ByteSource
  fileprivate let archive: LibZip.Handle
  /// The memory that an archive is in, if it is in memory.
  private let memory: Storage?
  private var entries: [String: Entry] = [:]
  /// In the order of the directory.
  private(set) var names: [String] = []
  /// Deflate's best: 258 bytes in two bits.
  private static let largestRatio = 1032

  /// Whether bytes begin as a zip archive does.
  static func isZip(_ source: ByteSource) throws(NNError) -> Bool {
    guard source.count >= 4 else { return false }
    let start = try source.bytes(at: 0, count: 4)
    return start == [0x50, 0x4B, 3, 4] || start == [0x50, 0x4B, 5, 6]
  }

  init(_ source: ByteSource) throws(NNError) {
    let library = try LibZip.get()
    (self.library, self.source) = (library, source)
    var code: Int32 = 0
    if let path = source.path {
      memory = nil
      archive = library.open(path, 16, &code)
    } else {
      let storage = try source.whole()
      memory = storage
      let buffer = library.bufferSource(storage.bytes, UInt64(source.count), 0, nil)
      archive = buffer.flatMap { library.openSource($0, 16, nil) }
      if archive == nil { library.freeSource(buffer) }
    }
    guard archive != nil else { throw source.error("is damaged or cut off: libzip cannot open it") }
    try readDirectory()
  }

  deinit { if archive != nil { library.discard(archive) } }

  private func readDirectory() throws(NNError) {
    let count = library.count(archive, 0)
    guard count >= 0, count <= source.count / 46 else { throw source.error("is damaged: its directory is too short") }
    // zip_stat_t: which members are valid, name, index, size, packed size, time, checksum and methods.
    var status = [UInt64](repeating: 0, count: 16)
    var total = 0
    for index in 0..<UInt64(count) {
      guard library.status(archive, index, 0, &status) == 0, status[0] & 0xF == 0xF,
        let pointer = UnsafePointer<CChar>(bitPattern: UInt(status[1])), let name = String(validatingCString: pointer),
        !name.isEmpty
      else { throw source.error("is damaged: an entry cannot be read") }
      let (size, packed) = (Int(clamping: status[3]), Int(clamping: status[4]))
      guard packed <= source.count, size / ZipReader.largestRatio <= packed else {
        throw source.error("is damaged: '\(name.prefix(60))' says that it has \(size) bytes, which cannot be")
      }
      // Valid, and neither packed nor encrypted: such bytes are read as they are, in large pieces, and compared here.
      let isPlain = status[0] & 0xE0 == 0xE0 && status[6] >> 32 == 0 && packed == size
      let checksum = isPlain ? UInt32(truncatingIfNeeded: status[6]) : nil
      // Entries that share their bytes multiply what a file can be.
      let (sum, overflow) = total.addingReportingOverflow(packed)
      guard !overflow, sum <= source.count else { throw source.error("is damaged: its entries overlap") }
      total = sum
      guard entries.updateValue(Entry(index: index, size: size, checksum: checksum), forKey: name) == nil else {
        throw source.error("is damaged: it has '\(name.prefix(60))' twice")
      }
      names.append(name)
    }
  }

  func contains(_ name: String) -> Bool { entries[name] != nil }

  /// An entry's bytes. They are unpacked when they are read, and compared with their checksum when the last has been.
  func entry(_ name: String) throws(NNError) -> ByteSource {
    guard let entry = entries[name] else { throw source.error("has no '\(name)' in it") }
    return ByteSource(
      ZipEntry(self, entry, source.error("is damaged: '\(name)' cannot be unpacked")),
      name: "\(source.name): '\(name)'")
  }
}

/// An entry of an archive while somebody reads it, from the front on.
final class ZipEntry {
  let size: Int
  private let archive: ZipReader
  private let entry: ZipReader.Entry
  private let failure: NNError
  private var file: LibZip.Handle = nil
  private var position = 0
  /// Of the bytes in front of `position`.
  private var checksum: UInt = 0
  /// What is still in the cache when its checksum is made.
  private static let pieceSize = 1 << 18

  fileprivate init(_ archive: ZipReader, _ entry: ZipReader.Entry, _ failure: NNError) {
    (self.archive, self.entry, self.failure, size) = (archive, entry, failure, entry.size)
  }

  deinit { close() }

  /// Copies bytes to `out`. Whoever reads the last byte has read them all, and hears then if they are not what was packed.
  func read(at offset: Int, count: Int, into out: UnsafeMutableRawPointer) throws(NNError) {
    guard count > 0 || size == 0 else { return }
    if file == nil || offset < position {
      close()
      file = archive.library.openEntry(archive.archive, entry.index, entry.checksum == nil ? 0 : 4)
      guard file != nil else { throw failure }
    }
    if position < offset {
      let skipped = UnsafeMutableRawPointer.allocate(byteCount: ZipEntry.pieceSize, alignment: 1)
      defer { skipped.deallocate() }
      while position < offset { try take(min(offset - position, ZipEntry.pieceSize), skipped) }
    }
    let first = position
    while position < first + count {
      try take(min(first + count - position, ZipEntry.pieceSize), out + (position - first))
    }
    if position == size { try finish() }
  }

  private func take(_ count: Int, _ out: UnsafeMutableRawPointer) throws(NNError) {
    let got = archive.library.readEntry(file, out, UInt64(count))
    guard got > 0, got <= count else { throw failure }
    if entry.checksum != nil {
      checksum = crc32_z(checksum, out.assumingMemoryBound(to: UInt8.self), Int(got))
    }
    position += Int(got)
  }

  private func finish() throws(NNError) {
    defer { close() }
    // Where the library compares the checksum, it does so at the end, which must be here.
    var more: UInt8 = 0
    guard archive.library.readEntry(file, &more, 1) == 0 else { throw failure }
    if let expected = entry.checksum, UInt32(truncatingIfNeeded: checksum) != expected { throw failure }
  }

  private func close() {
    if let file { _ = archive.library.closeEntry(file) }
    (file, position, checksum) = (nil, 0, 0)
  }
}
