/// Where a writer's bytes go: a file, or memory.
protocol ByteSink: AnyObject {
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

/// Memory that grows.
final class MemorySink: ByteSink {
  private(set) var bytes: [UInt8] = []
  var position: Int { bytes.count }

  func write(_ new: UnsafeRawBufferPointer) { bytes.append(contentsOf: new) }

  func overwrite(at offset: Int, _ new: [UInt8]) {
    bytes.replaceSubrange(offset..<offset + new.count, with: new)
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
