import Glibc

/// Writes zip archives by libzip. Entries are stored, not compressed: weights do not shrink.
struct ZipWriter {
  /// An entry: pieces of memory that are not copied.
  private struct Entry {
    let name: String
    var pieces: [UnsafeRawBufferPointer]
    var owners: [Storage]
  }

  private var entries: [Entry] = []

  /// Begins an entry with these bytes.
  mutating func add(_ name: String, _ bytes: [UInt8]) throws(NNError) {
    let storage = try Storage(byteCount: bytes.count)
    bytes.withUnsafeBytes { if let p = $0.baseAddress { storage.bytes.copyMemory(from: p, byteCount: $0.count) } }
    entries.append(
      Entry(name: name, pieces: [UnsafeRawBufferPointer(start: storage.bytes, count: bytes.count)], owners: [storage]))
  }

  /// Appends to the last entry; the memory must stay until `write` has ended.
  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    if !bytes.isEmpty, !entries.isEmpty { entries[entries.count - 1].pieces.append(bytes) }
  }

  /// Writes the archive.
  func write(to sink: any ByteSink) throws(NNError) {
    let library = try LibZip.get()
    if let file = sink as? AtomicFile {
      try file.replace { (path) throws(NNError) in
        var code: Int32 = 0
        guard let archive = library.open(path, 1 | 8, &code) else {
          throw NNError(.io, "'\(path)' could not be written by libzip (error \(code))")
        }
        try fill(archive, library)
      }
      return
    }
    let buffer = library.bufferSource(nil, 0, 0, nil)
    guard let archive = library.openSource(buffer, 1 | 8, nil) else {
      library.freeSource(buffer)
      throw NNError(.outOfMemory, "out of memory")
    }
    library.keepSource(buffer)
    defer { library.freeSource(buffer) }
    try fill(archive, library)
    guard library.beginReading(buffer) == 0 else { throw NNError(.internal, "libzip lost what it wrote") }
    defer { _ = library.endReading(buffer) }
    var piece = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let got = library.readSource(buffer, &piece, UInt64(piece.count))
      guard got >= 0 else { throw NNError(.internal, "libzip lost what it wrote") }
      if got == 0 { break }
      try sink.write(Array(piece[..<Int(got)]))
    }
  }

  private func fill(_ archive: OpaquePointer, _ library: LibZip) throws(NNError) {
    func failed() -> NNError {
      let reason = library.message(archive).map { String(cString: $0) } ?? "unknown"
      return NNError(.io, "the archive could not be written: \(reason)")
    }
    for entry in entries {
      // zip_buffer_fragment_t: a pointer and a length. Empty ones libzip 1.7.3 counts wrongly.
      let pieces = entry.pieces.filter { !$0.isEmpty }
      let fragments = pieces.flatMap { [UInt64(UInt(bitPattern: $0.baseAddress)), UInt64($0.count)] }
      guard !entry.name.utf8.contains(0),
        let source = library.fragmentSource(fragments, UInt64(pieces.count), 0, nil)
      else {
        library.discard(archive)
        throw NNError(.notSupported, "'\(entry.name)' cannot be an entry of a zip file")
      }
      // Names are UTF-8 (2048).
      let index = library.add(archive, entry.name, source, 2048)
      guard index >= 0 else {
        let error = failed()
        library.freeSource(source)
        library.discard(archive)
        throw error
      }
      _ = library.setCompression(archive, UInt64(index), 0, 0)
      // 2 January 1980 in any time zone: files of equal models are equal.
      _ = library.setTime(archive, UInt64(index), 315_619_200, 0)
    }
    guard library.close(archive) == 0 else {
      let error = failed()
      library.discard(archive)
      throw error
    }
    withExtendedLifetime(entries) {}
  }
}
