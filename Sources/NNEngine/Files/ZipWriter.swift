internal import CZlib

/// Writes zip archives. Entries are stored, not compressed: weights do not shrink. Each entry's bytes go out in pieces, whose checksum is made while the disk is
/// at work on those before; so the checksum is written last, into the head in front of them.
struct ZipWriter {
  /// An entry: pieces of memory that are not copied.
  private struct Entry {
    let name: [UInt8]
    var pieces: [UnsafeRawBufferPointer]
    var owners: [Storage]
    var size: Int { pieces.reduce(0) { $0 + $1.count } }
  }

  /// What the directory at the end says of an entry.
  private struct Written {
    let entry: Entry
    let offset: Int
    let checksum: Int
  }

  private var entries: [Entry] = []
  private static let pieceSize = 1 << 23
  /// From here on numbers stand in a field of their own (zip64).
  private static let limit = 0xFFFF_FFFF

  /// Begins an entry with these bytes.
  mutating func add(_ name: String, _ bytes: [UInt8]) throws(NNError) {
    guard !name.isEmpty, !name.utf8.contains(0), name.utf8.count <= 0xFFFF else {
      throw NNError(.notSupported, "'\(name.prefix(60))' cannot be an entry of a zip file")
    }
    let storage = try Storage(byteCount: bytes.count)
    bytes.withUnsafeBytes { if let p = $0.baseAddress { storage.bytes.copyMemory(from: p, byteCount: $0.count) } }
    entries.append(
      Entry(
        name: Array(name.utf8), pieces: [UnsafeRawBufferPointer(start: storage.bytes, count: bytes.count)],
        owners: [storage]))
  }

  /// Appends to the last entry; the memory must stay until `write` has ended.
  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    if !bytes.isEmpty, !entries.isEmpty { entries[entries.count - 1].pieces.append(bytes) }
  }

  /// Writes the archive.
  func write(to sink: any ByteSink) throws(NNError) {
    var written: [Written] = []
    for entry in entries {
      let offset = sink.position
      try sink.write(head(entry))
      var checksum = crc32_z(0, nil, 0)
      for piece in entry.pieces {
        for first in stride(from: 0, to: piece.count, by: ZipWriter.pieceSize) {
          let part = UnsafeRawBufferPointer(rebasing: piece[first..<min(piece.count, first + ZipWriter.pieceSize)])
          checksum = crc32_z(checksum, part.bindMemory(to: UInt8.self).baseAddress, part.count)
          try sink.write(part)
        }
      }
      try sink.overwrite(at: offset + 14, LittleEndian.of(Int(checksum), bytes: 4))
      written.append(Written(entry: entry, offset: offset, checksum: Int(checksum)))
    }
    let directory = sink.position
    for item in written { try sink.write(record(item)) }
    try sink.write(end(written.count, directory, sink.position - directory))
    withExtendedLifetime(entries) {}
  }

  // MARK: What stands around the bytes

  /// Version needed, flags (names are UTF-8), method (stored), time and date: 2 January 1980, so that files of equal models are equal.
  private func common(_ isLarge: Bool) -> LittleEndian {
    var bytes = LittleEndian()
    for field in [isLarge ? 45 : 20, 0x0800, 0, 0, 1 << 5 | 2] { bytes.append(field, bytes: 2) }
    return bytes
  }

  /// In front of an entry's bytes, with the place for its checksum empty.
  private func head(_ entry: Entry) -> [UInt8] {
    let isLarge = entry.size >= ZipWriter.limit
    var bytes = LittleEndian()
    bytes.append(0x0403_4B50, bytes: 4)
    bytes.append(common(isLarge).bytes)
    bytes.append(0, bytes: 4)
    for _ in 0..<2 { bytes.append(isLarge ? ZipWriter.limit : entry.size, bytes: 4) }
    bytes.append(entry.name.count, bytes: 2)
    bytes.append(isLarge ? 20 : 0, bytes: 2)
    bytes.append(entry.name)
    if isLarge { bytes.append(extra([entry.size, entry.size])) }
    return bytes.bytes
  }

  /// An entry in the directory.
  private func record(_ item: Written) -> [UInt8] {
    let (size, limit) = (item.entry.size, ZipWriter.limit)
    let large = (size >= limit ? [size, size] : []) + (item.offset >= limit ? [item.offset] : [])
    var bytes = LittleEndian()
    bytes.append(0x0201_4B50, bytes: 4)
    // Made by a Unix.
    bytes.append(3 << 8 | (large.isEmpty ? 20 : 45), bytes: 2)
    bytes.append(common(!large.isEmpty).bytes)
    bytes.append(item.checksum, bytes: 4)
    for _ in 0..<2 { bytes.append(min(size, limit), bytes: 4) }
    bytes.append(item.entry.name.count, bytes: 2)
    bytes.append(large.isEmpty ? 0 : 4 + 8 * large.count, bytes: 2)
    // No comment, the first disk, no attributes of texts; a file that all may read.
    for field in [0, 0, 0] { bytes.append(field, bytes: 2) }
    bytes.append(0o100644 << 16, bytes: 4)
    bytes.append(min(item.offset, limit), bytes: 4)
    bytes.append(item.entry.name)
    if !large.isEmpty { bytes.append(extra(large)) }
    return bytes.bytes
  }

  private func extra(_ numbers: [Int]) -> [UInt8] {
    var bytes = LittleEndian()
    bytes.append(1, bytes: 2)
    bytes.append(8 * numbers.count, bytes: 2)
    for number in numbers { bytes.append(number, bytes: 8) }
    return bytes.bytes
  }

  /// After the directory: how many entries there are, and where it is.
  private func end(_ count: Int, _ offset: Int, _ size: Int) -> [UInt8] {
    var bytes = LittleEndian()
    if count >= 0xFFFF || offset >= ZipWriter.limit || size >= ZipWriter.limit {
      bytes.append(0x0606_4B50, bytes: 4)
      bytes.append(44, bytes: 8)
      for version in [3 << 8 | 45, 45] { bytes.append(version, bytes: 2) }
      for disk in [0, 0] { bytes.append(disk, bytes: 4) }
      for number in [count, count, size, offset] { bytes.append(number, bytes: 8) }
      bytes.append(0x0706_4B50, bytes: 4)
      bytes.append(0, bytes: 4)
      bytes.append(offset + size, bytes: 8)
      bytes.append(1, bytes: 4)
    }
    bytes.append(0x0605_4B50, bytes: 4)
    for disk in [0, 0] { bytes.append(disk, bytes: 2) }
    for _ in 0..<2 { bytes.append(min(count, 0xFFFF), bytes: 2) }
    bytes.append(min(size, ZipWriter.limit), bytes: 4)
    bytes.append(min(offset, ZipWriter.limit), bytes: 4)
    bytes.append(0, bytes: 2)
    return bytes.bytes
  }
}
