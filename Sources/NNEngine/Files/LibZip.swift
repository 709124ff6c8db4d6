import Glibc
import Synchronization

/// libzip's functions, as version 1.4 and later have them. The library is opened at the first zip file.
struct LibZip: Sendable {
  typealias Handle = OpaquePointer?
  typealias Raw = UnsafeMutableRawPointer?

  let open: @convention(c) (UnsafePointer<CChar>?, Int32, UnsafeMutablePointer<Int32>?) -> Handle
  let openSource: @convention(c) (Handle, Int32, Raw) -> Handle
  let discard: @convention(c) (Handle) -> Void
  let count: @convention(c) (Handle, UInt32) -> Int64
  let status: @convention(c) (Handle, UInt64, UInt32, Raw) -> Int32
  let openEntry: @convention(c) (Handle, UInt64, UInt32) -> Handle
  let readEntry: @convention(c) (Handle, Raw, UInt64) -> Int64
  let closeEntry: @convention(c) (Handle) -> Int32
  let bufferSource: @convention(c) (UnsafeRawPointer?, UInt64, Int32, Raw) -> Handle
  let freeSource: @convention(c) (Handle) -> Void

  private init() throws(NNError) {
    let library = try SharedLibrary(
      ["libzip.so.4", "libzip.so.5", "libzip.so"], package: "libzip4", for: "zip archives (.keras, .npz)")
    open = try library.function("zip_open")
    openSource = try library.function("zip_open_from_source")
    discard = try library.function("zip_discard")
    count = try library.function("zip_get_num_entries")
    status = try library.function("zip_stat_index")
    openEntry = try library.function("zip_fopen_index")
    readEntry = try library.function("zip_fread")
    closeEntry = try library.function("zip_fclose")
    bufferSource = try library.function("zip_source_buffer_create")
    freeSource = try library.function("zip_source_free")
  }

  private static let loaded = Mutex<LibZip?>(nil)

  /// The library; it keeps nothing between calls, so threads need not wait for each other.
  static func get() throws(NNError) -> LibZip {
    var result: Result<LibZip, NNError> = .failure(NNError(.internal, "libzip"))
    loaded.withLock { loaded in
      do throws(NNError) {
        if let loaded {
          result = .success(loaded)
        } else {
          let library = try LibZip()
          loaded = library
          result = .success(library)
        }
      } catch { result = .failure(error) }
    }
    return try result.get()
  }
}
