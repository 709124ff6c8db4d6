import CZlib
import Glibc

/// Reads zip archives: stored entries are read in place, deflated ones are unpacked by zlib. Nothing in an archive is trusted: every place and
/// size is compared with the file, and unpacking ends where the entry says, or where deflate can no longer be true.
struct ZipReader {
  private struct Entry {
    let name: String
    let method: Int
    let isEncrypted: Bool
    let checksum: UInt32
    let packed: Int
    let size: Int
    let start: Int
  }

  private let source: ByteSource
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
    self.source = source
    let (count, size, start) = try ZipReader.directory(source)
    guard count <= size / 46 else { throw source.error("is damaged: its directory is too short") }
    let directory = try source.bytes(at: start, count: size)
    func number(_ at: Int, _ bytes: Int) -> Int { ZipReader.number(directory, at, bytes) }
    var at = 0
    for _ in 0..<count {
      guard at + 46 <= size, Array(directory[at..<at + 4]) == [0x50, 0x4B, 1, 2] else {
        throw source.error("is damaged: its directory has a wrong entry")
      }
      let lengths = [number(at + 28, 2), number(at + 30, 2), number(at + 32, 2)]
      let end = at + 46 + lengths.reduce(0, +)
      guard end <= size else { throw source.error("is damaged: its directory is cut off") }
      let nameBytes = directory[at + 46..<at + 46 + lengths[0]]
      guard !nameBytes.isEmpty, !nameBytes.contains(0), let name = String(validating: nameBytes, as: UTF8.self) else {
        throw source.error("is damaged: an entry's name is no text")
      }
      var (packed, unpacked, offset) = (number(at + 20, 4), number(at + 24, 4), number(at + 42, 4))
      var extra = at + 46 + lengths[0]
      let extraEnd = extra + lengths[1]
      while extra + 4 <= extraEnd {
        let (id, length) = (number(extra, 2), number(extra + 2, 2))
        guard extra + 4 + length <= extraEnd else { break }
        if id == 1 {
          var field = extra + 4
          func wide(_ value: inout Int) {
            guard value == 0xFFFF_FFFF, field + 8 <= extra + 4 + length else { return }
            value = number(field, 8)
            field += 8
          }
          wide(&unpacked)
          wide(&packed)
          wide(&offset)
        }
        extra += 4 + length
      }
      let entry = Entry(
        name: name, method: number(at + 10, 2), isEncrypted: number(at + 8, 2) & 1 == 1,
        checksum: UInt32(number(at + 16, 4)), packed: packed, size: unpacked, start: offset)
      guard entries.updateValue(entry, forKey: name) == nil else {
        throw source.error("is damaged: it has '\(name)' twice")
      }
      names.append(name)
      at = end
    }
  }

  private static func number(_ bytes: [UInt8], _ at: Int, _ size: Int) -> Int {
    var result: UInt64 = 0
    for i in 0..<size { result |= UInt64(bytes[at + i]) << UInt64(8 * i) }
    return Int(min(result, UInt64(ByteSource.unreachable)))
  }

  /// Where the directory is: told by a record near the end, behind which there may be a comment.
  private static func directory(_ source: ByteSource) throws(NNError) -> (count: Int, size: Int, start: Int) {
    let tailSize = min(source.count, 22 + 65535)
    let tail = try source.bytes(at: source.count - tailSize, count: tailSize)
    var at = tailSize - 22
    while at >= 0 {
      if tail[at] == 0x50, tail[at + 1] == 0x4B, tail[at + 2] == 5, tail[at + 3] == 6 { break }
      at -= 1
    }
    guard at >= 0 else { throw source.error("is not a zip file, or cut off") }
    var (count, size, start) = (number(tail, at + 10, 2), number(tail, at + 12, 4), number(tail, at + 16, 4))
    let position = source.count - tailSize + at
    if count == 0xFFFF || size == 0xFFFF_FFFF || start == 0xFFFF_FFFF, position >= 20,
      try source.bytes(at: position - 20, count: 4) == [0x50, 0x4B, 6, 7]
    {
      let record = try source.integer(at: position - 12, bytes: 8)
      guard try source.bytes(at: record, count: 4) == [0x50, 0x4B, 6, 6] else {
        throw source.error("is damaged: its directory is not where it should be")
      }
      count = try source.integer(at: record + 32, bytes: 8)
      size = try source.integer(at: record + 40, bytes: 8)
      start = try source.integer(at: record + 48, bytes: 8)
    }
    guard start <= source.count, size <= source.count - start else {
      throw source.error("is damaged or cut off: its directory is not inside it")
    }
    return (count, size, start)
  }

  func contains(_ name: String) -> Bool { entries[name] != nil }

  /// An entry's bytes. Of a stored entry they are compared with the checksum only where `verifies`: weights are too many to read twice.
  func entry(_ name: String, verifies: Bool = true) throws(NNError) -> ByteSource {
    guard let entry = entries[name] else { throw source.error("has no '\(name)' in it") }
    guard !entry.isEncrypted else { throw NNError(.notSupported, "\(source.name): '\(name)' is encrypted") }
    guard entry.start <= source.count - 30, try source.bytes(at: entry.start, count: 4) == [0x50, 0x4B, 3, 4] else {
      throw source.error("is damaged: '\(name)' is not where it should be")
    }
    let data =
      entry.start + 30
      + (try source.integer(at: entry.start + 26, bytes: 2)) + (try source.integer(at: entry.start + 28, bytes: 2))
    let label = "\(source.name): '\(name)'"
    let packed = try source.part(at: data, count: entry.packed, name: label)
    switch entry.method {
    case 0:
      guard entry.packed == entry.size else { throw source.error("is damaged: '\(name)' has two sizes") }
      if verifies { try check(packed, entry) }
      return packed
    case 8:
      let storage = try inflate(packed, entry)
      let result = ByteSource(
        UnsafeRawBufferPointer(start: storage.bytes, count: entry.size), owner: storage, name: label)
      try check(result, entry)
      return result
    default: throw NNError(.notSupported, "\(label) is compressed by method \(entry.method); only deflate is read")
    }
  }

  private func check(_ bytes: ByteSource, _ entry: Entry) throws(NNError) {
    var checksum: uLong = 0
    var at = 0
    while at < bytes.count {
      let part = try bytes.bytes(at: at, count: min(1 << 16, bytes.count - at))
      checksum = crc32(checksum, part, UInt32(part.count))
      at += part.count
    }
    guard checksum == uLong(entry.checksum) else { throw source.error("is damaged: '\(entry.name)' has a wrong checksum") }
  }

  private func inflate(_ packed: ByteSource, _ entry: Entry) throws(NNError) -> Storage {
    let damaged = source.error("is damaged: '\(entry.name)' cannot be unpacked")
    guard entry.size / ZipReader.largestRatio <= packed.count else { throw damaged }
    let storage = try Storage(byteCount: entry.size)
    var stream = z_stream()
    // Negative: deflate alone, without zlib's header.
    guard inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw NNError(.outOfMemory, "out of memory")
    }
    defer { inflateEnd(&stream) }
    var (input, output, code) = (0, 0, Z_OK)
    while code == Z_OK {
      var part = try packed.bytes(at: input, count: min(1 << 16, packed.count - input))
      let room = min(1 << 30, entry.size - output)
      let given = part.count
      part.withUnsafeMutableBufferPointer { p in
        stream.next_in = p.baseAddress
        stream.avail_in = UInt32(given)
        stream.next_out = storage.bytes.assumingMemoryBound(to: UInt8.self) + output
        stream.avail_out = UInt32(room)
        code = CZlib.inflate(&stream, Z_NO_FLUSH)
      }
      let (read, made) = (given - Int(stream.avail_in), room - Int(stream.avail_out))
      input += read
      output += made
      if code == Z_OK, read == 0, made == 0 { throw damaged }
    }
    guard code == Z_STREAM_END, output == entry.size else { throw damaged }
    return storage
  }
}
