import CZlib
import Glibc

/// Writes zip archives whose entries are stored, not compressed: weights do not shrink, and a stored entry can be read in place. Sizes and
/// checksums are filled in afterwards, so entries go straight from where they are to the file. Sizes have 64 bits where they need them.
final class ZipWriter: ByteSink {
  private struct Entry {
    let name: [UInt8]
    let start: Int
    let dataStart: Int
    var size = 0
    var checksum: UInt32 = 0
  }

  private let sink: any ByteSink
  private var entries: [Entry] = []
  /// Every entry has room for 64-bit sizes: nobody knows beforehand how long it will be.
  private static let extraSize = 20
  // 1 January 1980: files do not depend on when they were written.
  private static let (time, date) = (0, 0x21)

  init(_ sink: any ByteSink) { self.sink = sink }

  /// Begins an entry; what is written from now on belongs to it.
  func begin(_ name: String) throws(NNError) {
    try finishEntry()
    let name = Array(name.utf8)
    guard !name.isEmpty, name.count < 65536, !name.contains(0) else {
      throw NNError(.notSupported, "'\(String(decoding: name.prefix(60), as: UTF8.self))' cannot be a name in a zip file")
    }
    let start = sink.position
    var header = LittleEndian()
    header.append([0x50, 0x4B, 3, 4])
    // Version 4.5 is the one with 64-bit sizes; bit 11 says that names are UTF-8.
    for value in [45, 0x800, 0, ZipWriter.time, ZipWriter.date] { header.append(value, bytes: 2) }
    header.append(0, bytes: 4)
    header.append(0xFFFF_FFFF, bytes: 4)
    header.append(0xFFFF_FFFF, bytes: 4)
    header.append(name.count, bytes: 2)
    header.append(ZipWriter.extraSize, bytes: 2)
    header.append(name)
    header.append(1, bytes: 2)
    header.append(16, bytes: 2)
    header.append(0, bytes: 16)
    try sink.write(header.bytes)
    entries.append(Entry(name: name, start: start, dataStart: sink.position))
  }

  /// How many bytes the present entry has.
  var position: Int { entries.last?.size ?? 0 }

  func write(_ bytes: UnsafeRawBufferPointer) throws(NNError) {
    guard var entry = entries.popLast() else { throw NNError(.internal, "no zip entry was begun") }
    var rest = bytes
    while !rest.isEmpty {
      // zlib counts with 32 bits. A MiB at a time, so that the bytes are still in the cache when they are written.
      let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 20))
      entry.checksum = UInt32(
        truncatingIfNeeded: crc32(
          uLong(entry.checksum), part.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt32(part.count)))
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part.count))
      try sink.write(part)
    }
    entry.size += bytes.count
    entries.append(entry)
  }

  func overwrite(at offset: Int, _ bytes: [UInt8]) throws(NNError) {
    throw NNError(.internal, "a zip entry cannot be changed: its checksum is known")
  }

  private func finishEntry() throws(NNError) {
    guard let entry = entries.last else { return }
    try sink.overwrite(at: entry.start + 14, LittleEndian.of(Int(entry.checksum), bytes: 4))
    try sink.overwrite(
      at: entry.dataStart - 16, LittleEndian.of(entry.size, bytes: 8) + LittleEndian.of(entry.size, bytes: 8))
  }

  /// Writes the directory.
  func finish() throws(NNError) {
    try finishEntry()
    let start = sink.position
    for entry in entries {
      let isLarge = entry.size >= 0xFFFF_FFFF || entry.start >= 0xFFFF_FFFF
      var record = LittleEndian()
      record.append([0x50, 0x4B, 1, 2])
      for value in [45, 45, 0x800, 0, ZipWriter.time, ZipWriter.date] { record.append(value, bytes: 2) }
      record.append(Int(entry.checksum), bytes: 4)
      record.append(isLarge ? 0xFFFF_FFFF : entry.size, bytes: 4)
      record.append(isLarge ? 0xFFFF_FFFF : entry.size, bytes: 4)
      record.append(entry.name.count, bytes: 2)
      record.append(isLarge ? 28 : 0, bytes: 2)
      record.append(0, bytes: 10)
      record.append(isLarge ? 0xFFFF_FFFF : entry.start, bytes: 4)
      record.append(entry.name)
      if isLarge {
        record.append(1, bytes: 2)
        record.append(24, bytes: 2)
        for value in [entry.size, entry.size, entry.start] { record.append(value, bytes: 8) }
      }
      try sink.write(record.bytes)
    }
    let (end, count) = (sink.position, entries.count)
    let isLarge = end >= 0xFFFF_FFFF || count >= 0xFFFF
    var record = LittleEndian()
    if isLarge {
      record.append([0x50, 0x4B, 6, 6])
      record.append(44, bytes: 8)
      record.append(45, bytes: 2)
      record.append(45, bytes: 2)
      record.append(0, bytes: 8)
      for value in [count, count, end - start, start] { record.append(value, bytes: 8) }
      record.append([0x50, 0x4B, 6, 7])
      record.append(0, bytes: 4)
      record.append(end, bytes: 8)
      record.append(1, bytes: 4)
    }
    record.append([0x50, 0x4B, 5, 6])
    record.append(0, bytes: 4)
    record.append(isLarge ? 0xFFFF : count, bytes: 2)
    record.append(isLarge ? 0xFFFF : count, bytes: 2)
    record.append(isLarge ? 0xFFFF_FFFF : end - start, bytes: 4)
    record.append(isLarge ? 0xFFFF_FFFF : start, bytes: 4)
    record.append(0, bytes: 2)
    try sink.write(record.bytes)
  }
}
