import Glibc

/// A system library that is opened when it is first needed, so that programs that never meet its formats do without it.
struct SharedLibrary: @unchecked Sendable {
  private let handle: UnsafeMutableRawPointer
  private let name: String
  private let package: String

  /// Opens the first of these that there is; the error names the Debian package.
  init(_ names: [String], package: String, for what: String) throws(NNError) {
    // Its functions are bound when they are first called: most of what libhdf5 brings along never is.
    for name in names {
      if let handle = dlopen(name, RTLD_LAZY | RTLD_LOCAL) {
        (self.handle, self.name, self.package) = (handle, name, package)
        return
      }
    }
    throw NNError(
      .notSupported, "\(what) need the library \(names[0]), which is not installed; it is in the package \(package)")
  }

  /// A function or variable of the library.
  func symbol(_ names: String...) throws(NNError) -> UnsafeMutableRawPointer {
    for name in names { if let found = dlsym(handle, name) { return found } }
    throw lacks(names[0])
  }

  func function<F>(_ names: String...) throws(NNError) -> F {
    for name in names { if let found = dlsym(handle, name) { return unsafeBitCast(found, to: F.self) } }
    throw lacks(names[0])
  }

  private func lacks(_ symbol: String) -> NNError {
    NNError(
      .notSupported,
      "the library \(name) has no \(symbol); it is too old or too new: that of the package \(package) would do")
  }
}
