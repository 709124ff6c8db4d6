internal import CZlib

/// Zip's checksum.
enum Checksum {
  private static let pieceSize = 1 << 22

  /// Of bytes in memory, by several threads.
  static func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    let count = (bytes.count + pieceSize - 1) / pieceSize
    guard count > 0, let base = bytes.bindMemory(to: UInt8.self).baseAddress else { return 0 }
    func size(_ piece: Int) -> Int { min(pieceSize, bytes.count - piece * pieceSize) }
    let sums = UnsafeMutablePointer<UInt>.allocate(capacity: count)
    defer { sums.deallocate() }
    ThreadPool.shared.run(count) { piece in
      sums[piece] = crc32_z(0, base + piece * pieceSize, size(piece))
    }
    var sum = sums[0]
    for piece in stride(from: 1, to: count, by: 1) { sum = crc32_combine(sum, sums[piece], size(piece)) }
    return UInt32(truncatingIfNeeded: sum)
  }
}
