import Glibc

/// Where a writer's bytes go: a file, or memory.
package protocol ByteSink: AnyObject {
  /// How many bytes have been written.
  var position: Int { get }
  /// Appends.
  func write(_ bytes: UnsafeRawBufferPointer) throws(NNError)
  /// Replaces bytes that were written before: sizes and checksums that are known only afterwards.
  func overwrite(at offset: Int, _ bytes: [UInt8]) throws(NNError)
}

extension ByteSink {
  func write(_ bytes: [UInt8]) throws(NNError) {
    try bytes.withUnsafeBufferPointer { (p) throws(NNError) in try write(UnsafeRawBufferPointer(p)) }
  }

  func write(_ text: String) throws(NNError) { try write(Array(text.utf8)) }
}

/// Memory that grows: a block of malloc's. Large ones move page by page when they must, so that nothing is there twice.
package final class MemorySink: ByteSink {
  private var block: UnsafeMutableRawPointer?
  private var capacity = 0
  package private(set) var position = 0

  package init() {}

  deinit { free(block) }

  /// What was written; valid until more is.
  package var contents: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: block, count: position) }

  /// A copy of it.
  var bytes: [UInt8] { Array(contents) }

  /// Gives the block away: the caller frees it.
  package func take() -> UnsafeMutableRawPointer? {
    defer { (block, capacity, position) = (nil, 0, 0) }
    return realloc(block, max(1, position)) ?? block
  }

  package func write(_ new: UnsafeRawBufferPointer) throws(NNError) {
    let needed = position + new.count
    if needed > capacity {
      // Pages that nobody touches cost nothing.
      let larger = max(4096, needed + needed / 2)
      guard let moved = realloc(block, larger) else {
        throw NNError(.outOfMemory, "out of memory: \(larger) bytes could not be allocated")
      }
      (block, capacity) = (moved, larger)
    }
    if let base = new.baseAddress, let block { (block + position).copyMemory(from: base, byteCount: new.count) }
    position = needed
  }

  package func overwrite(at offset: Int, _ new: [UInt8]) throws(NNError) {
    guard offset >= 0, offset + new.count <= position else {
      throw NNError(.internal, "bytes that were not written cannot be replaced")
    }
    new.withUnsafeBytes { p in
      if let base = p.baseAddress, let block { (block + offset).copyMemory(from: base, byteCount: p.count) }
    }
  }
}

/// Little-endian numbers, as all formats here have them.
struct LittleEndian {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ value: Int, bytes size: Int) {
    for i in 0..<size { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * min(i, 7)))) }
  }
  mutating func append(_ more: [UInt8]) { bytes += more }
  mutating func append(_ text: String) { bytes += Array(text.utf8) }

  /// Zeros up to a multiple of `alignment`.
  mutating func pad(to alignment: Int) { while bytes.count % alignment != 0 { bytes.append(0) } }

  static func of(_ value: Int, bytes size: Int) -> [UInt8] {
    var result = LittleEndian()
    result.append(value, bytes: size)
    return result.bytes
  }
}
