import Glibc

/// A file that has no place on a disk. What nobody has written takes no memory.
final class MemoryFile {
  private let descriptor: Int32
  private var view: UnsafeRawBufferPointer?
  /// Its name, for libraries that want to open it.
  var path: String { "/proc/self/fd/\(descriptor)" }

  /// nil where the system has no such files, or no names for them, or where the process may not write files of any size: these count, too,
  /// though they take no disk.
  init?(_ name: String) {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0, limit.rlim_cur == rlim_t.max else {
      return nil
    }
    // Swift's Glibc does not have it.
    guard let function = dlsym(nil, "memfd_create") else { return nil }
    let create = unsafeBitCast(function, to: (@convention(c) (UnsafePointer<CChar>, UInt32) -> Int32).self)
    let closeOnExec: UInt32 = 1
    descriptor = create(name, closeOnExec)
    guard descriptor >= 0 else { return nil }
    if access(path, R_OK | W_OK) != 0 { return nil }
  }

  deinit {
    if let view { munmap(UnsafeMutableRawPointer(mutating: view.baseAddress), view.count) }
    if descriptor >= 0 { close(descriptor) }
  }

  /// The first bytes, not copied; valid as long as the file.
  func contents(_ count: Int) throws(NNError) -> UnsafeRawBufferPointer {
    if let view, view.count == count { return view }
    guard view == nil, count > 0, ftruncate(descriptor, off_t(count)) == 0,
      let start = mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0), start != MAP_FAILED
    else { throw NNError(.outOfMemory, "out of memory: a file of \(count) bytes cannot be looked at") }
    let view = UnsafeRawBufferPointer(start: start, count: count)
    self.view = view
    return view
  }

  func read(at offset: Int, count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    return pread(descriptor, &bytes, count, off_t(offset)) == count ? bytes : nil
  }
}
