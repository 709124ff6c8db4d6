import Glibc

/// Memory for tensors, variables and programs: aligned to a cache line, zeroed, freed with its last user.
///
/// The only place where the engine asks for large memory, so the only one where asking can fail.
final class Storage {
  let bytes: UnsafeMutableRawPointer
  let byteCount: Int
  private let release: (() -> Void)?

  /// Fresh memory, all zero.
  init(byteCount: Int) throws(NNError) {
    var pointer: UnsafeMutableRawPointer?
    // Whole cache lines, and one more, so that a kernel may load a full lane at the end.
    let (padded, overflow) = byteCount.addingReportingOverflow(127)
    if byteCount >= AvailableMemory.worthAsking, let available = AvailableMemory.now, byteCount > available {
      throw NNError(.outOfMemory, "out of memory: \(byteCount) bytes are wanted, \(available) are available")
    }
    guard !overflow, posix_memalign(&pointer, 64, padded & ~63 | 64) == 0, let pointer else {
      throw NNError(.outOfMemory, "out of memory: \(byteCount) bytes could not be allocated")
    }
    memset(pointer, 0, byteCount)
    self.bytes = pointer
    self.byteCount = byteCount
    self.release = nil
  }

  /// Somebody else's memory; `release` is called when the engine no longer needs it.
  init(borrowing bytes: UnsafeMutableRawPointer, byteCount: Int, release: @escaping () -> Void) {
    self.bytes = bytes
    self.byteCount = byteCount
    self.release = release
  }

  deinit {
    if let release { release() } else { free(bytes) }
  }

  var floats: UnsafeMutablePointer<Float> { bytes.assumingMemoryBound(to: Float.self) }
}
