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
  private let block: UnsafeMutableRawPointer?
  /// How much of it is mapped; 0 for what malloc gave.
  private let mapped: Int

  /// Fresh memory, all zero unless the caller says that it writes all of it: then it may hold anything.
  ///
  /// From 4 MiB on it is asked for in pages of 2 MiB: products and updates walk through large matrices in strides, and would else wait
  /// for address translation.
  init(byteCount: Int, zeroed: Bool = true) throws(NNError) {
    let isLarge = byteCount >= 4 << 20
    let offset = isLarge ? Storage.stagger() : 0
    // Whole cache lines, and one more, so that a kernel may load a full lane at the end.
    let (padded, overflow) = byteCount.addingReportingOverflow(127 + offset)
    if byteCount >= AvailableMemory.worthAsking, let available = AvailableMemory.now, byteCount > available {
      throw NNError(.outOfMemory, "out of memory: \(byteCount) bytes are wanted, \(available) are available")
    }
    func refused() -> NNError { NNError(.outOfMemory, "out of memory: \(byteCount) bytes could not be allocated") }
    guard !overflow else { throw refused() }
    (self.byteCount, release) = (byteCount, nil)
    if byteCount >= Storage.worthMapping {
      let (size, overflow) = padded.addingReportingOverflow(2 * Storage.hugePage)
      guard !overflow, let start = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
        start != MAP_FAILED
      else { throw refused() }
      (block, mapped) = (start, size)
      let aligned = (UInt(bitPattern: start) + UInt(Storage.hugePage - 1)) & ~UInt(Storage.hugePage - 1)
      let first = start + Int(aligned - UInt(bitPattern: start))
      madvise(first, padded, MADV_HUGEPAGE)
      bytes = first + offset
      return
    }
    let lines = padded & ~63 | 64
    if byteCount <= Storage.small {
      guard let start = malloc(lines + 63) else { throw refused() }
      (block, mapped) = (start, 0)
      bytes = start + Int((0 &- UInt(bitPattern: start)) & 63)
    } else {
      var pointer: UnsafeMutableRawPointer?
      guard posix_memalign(&pointer, isLarge ? Storage.hugePage : 64, lines) == 0, let pointer else { throw refused() }
      // Only a wish: without it everything works the same, in small pages.
      if isLarge { madvise(pointer, padded, MADV_HUGEPAGE) }
      (block, mapped) = (pointer, 0)
      bytes = pointer + offset
    }
    if zeroed {
      memset(bytes, 0, byteCount)
    } else {
      #if DEBUG
        memset(bytes, 0xff, byteCount)  // NaNs, so that tests notice who reads what was never written
      #endif
    }
  }

  /// So little malloc has at hand, while a place that is aligned costs it ten times as long.
  private static let small = 640
  /// From here on malloc would ask the kernel each time, too; pages that come from there are zero, and need not be written twice.
  private static let worthMapping = 32 << 20
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
    (block, mapped) = (nil, 0)
  }

  deinit {
    if let release { release() } else if mapped > 0 { munmap(block, mapped) } else { free(block) }
  }

  var floats: UnsafeMutablePointer<Float> { bytes.assumingMemoryBound(to: Float.self) }
}
