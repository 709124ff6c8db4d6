/// Reads zip archives by libzip. What an archive says of its entries' sizes is compared with its own before anything is allocated.
final class ZipReader {
  private struct Entry {
    let index: UInt64
    let size: Int
    /// The checksum of an entry that is stored as it is; nil for others.
    let checksum: UInt32?
  }

  private let library: LibZip
  private let source: ByteSource
  private let archive: LibZip.Handle
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
      // Valid, and neither packed nor encrypted: such bytes are read as they are, and compared here, by several threads.
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

  /// An entry's bytes, unpacked and compared with their checksum.
  func entry(_ name: String) throws(NNError) -> ByteSource {
    guard let entry = entries[name] else { throw source.error("has no '\(name)' in it") }
    let failure = source.error("is damaged: '\(name)' cannot be unpacked")
    guard let file = library.openEntry(archive, entry.index, entry.checksum == nil ? 0 : 4) else { throw failure }
    defer { _ = library.closeEntry(file) }
    let storage = try Storage(byteCount: entry.size)
    var done = 0
    while done < entry.size {
      let got = library.readEntry(file, storage.bytes + done, UInt64(min(entry.size - done, 1 << 28)))
      guard got > 0 else { throw failure }
      done += Int(got)
    }
    // The library compares its checksum at the end, which must be here.
    var more: UInt8 = 0
    guard library.readEntry(file, &more, 1) == 0 else { throw failure }
    if let checksum = entry.checksum {
      guard Checksum.crc32(UnsafeRawBufferPointer(start: storage.bytes, count: entry.size)) == checksum else {
        throw failure
      }
    }
    return ByteSource(
      UnsafeRawBufferPointer(start: storage.bytes, count: entry.size), owner: storage, name: "\(source.name): '\(name)'"
    )
  }
}
