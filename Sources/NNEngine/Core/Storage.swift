import Glibc
import Synchronization

/// Memory for tensors, variables and programs: aligned to a cache line, freed with its last user.
///
/// The only place where the engine asks for large memory, so the only one where asking can fail.
final class Storage {
  let bytes: UnsafeMutableRawPointer
  let byteCount: Int
  private let release: (() -> Void)?
  /// What was allocated; `bytes` may lie behind its beginning.
  private var block: UnsafeMutableRawPointer?

  /// Fresh memory, all zero unless the caller says that it writes all of it: then it may hold anything.
  ///
  /// From 4 MiB on it is asked for in pages of 2 MiB: products and updates walk through large matrices in strides, and would else wait
  /// for address translation.
  init(byteCount: Int, zeroed: Bool = true) throws(NNError) {
    let isLarge = byteCount >= 4 << 20
    let offset = isLarge ? Storage.stagger() : 0
    var pointer: UnsafeMutableRawPointer?
    // Whole cache lines, and one more, so that a kernel may load a full lane at the end.
    let (padded, overflow) = byteCount.addingReportingOverflow(127 + offset)
    if byteCount >= AvailableMemory.worthAsking, let available = AvailableMemory.now, byteCount > available {
      throw NNError(.outOfMemory, "out of memory: \(byteCount) bytes are wanted, \(available) are available")
    }
    guard !overflow, posix_memalign(&pointer, isLarge ? Storage.hugePage : 64, padded & ~63 | 64) == 0, let pointer
    else {
      throw NNError(.outOfMemory, "out of memory: \(byteCount) bytes could not be allocated")
    }
    // Only a wish: without it everything works the same, in small pages.
    if isLarge { madvise(pointer, padded, MADV_HUGEPAGE) }
    self.bytes = pointer + offset
    if zeroed {
      memset(bytes, 0, byteCount)
    } else {
      #if DEBUG
        memset(bytes, 0xff, byteCount)  // NaNs, so that tests notice who reads what was never written
      #endif
    }
    self.byteCount = byteCount
    self.release = nil
    block = pointer
  }

  private static let hugePage = 2 << 20
  private static let largeCount = Atomic<Int>(0)

  /// Blocks that begin at the same place of a page would meet in the same sets of the caches (a weight, its gradient and its slots are
  /// walked through side by side): each begins some lines later than the last.
  private static func stagger() -> Int {
    largeCount.wrappingAdd(1, ordering: .relaxed).oldValue % 12 * 320
  }

  /// Somebody else's memory; `release` is called when the engine no longer needs it.
  init(borrowing bytes: UnsafeMutableRawPointer, byteCount: Int, release: @escaping () -> Void) {
    self.bytes = bytes
    self.byteCount = byteCount
    self.release = release
  }

  deinit {
    if let release { release() } else { free(block) }
  }

  var floats: UnsafeMutablePointer<Float> { bytes.assumingMemoryBound(to: Float.self) }
}
