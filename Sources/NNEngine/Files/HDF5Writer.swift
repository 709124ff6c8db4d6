import Glibc

/// Writes HDF5 files in memory, by libhdf5; then they go where files go, whole or not at all. The library is told of large tensors, but not given their
/// elements: it leaves a place for them, and they go from their own memory into the file.
final class HDF5Writer {
  private let library: LibHDF5
  /// Large tensors, and where in the file they belong.
  private var large: [(offset: Int, tensor: StoredTensor)] = []
  private static let largeSize = 1 << 16

  private init(_ library: LibHDF5) { self.library = library }

  static func write(_ root: HDF5Group, to sink: any ByteSink) throws(NNError) {
    try image(root) { (pieces) throws(NNError) in for piece in pieces { try sink.write(piece) } }
  }

  /// The bytes of a file, in pieces, as long as `body` runs.
  static func image(
    _ root: HDF5Group, _ body: (_ pieces: [UnsafeRawBufferPointer]) throws(NNError) -> Void
  ) throws(NNError) {
    try LibHDF5.use { (library) throws(NNError) in
      let access = library.createProperties(library.fileAccess)
      defer { _ = library.closeProperties(access) }
      let failed = failure("an HDF5 file in memory")
      guard library.setCloseDegree(access, 3) >= 0 else { throw failed }
      // The library's own files in memory have zeros in all their bytes: there, a large tensor's place would be as large as the tensor. It opens
      // such files as ours by streams only.
      var memory = MemoryFile("nn.h5")
      var file: LibHDF5.ID = -1
      if let memory, library.useStreams(access) >= 0 { file = library.createFile(memory.path, 2, 0, access) }
      if file < 0 {
        memory = nil
        // Room for all at once: growing would copy.
        let room = (root.byteCount + 1 << 20) & ~0xFFFF
        guard library.useMemory(access, room, false) >= 0 else { throw failed }
        file = library.createFile("nn.h5", 2, 0, access)
      }
      guard file >= 0 else { throw failed }
      defer { _ = library.closeFile(file) }
      let writer = HDF5Writer(library)
      try writer.fill(file, root)
      guard library.flushFile(file, 1) >= 0 else { throw failed }
      let image: UnsafeRawBufferPointer
      if let memory { image = try written(memory) } else { image = try writer.written(file) }
      try writer.pieces(image, body)
      withExtendedLifetime(memory) {}
    }
  }

  /// Where the superblock, of version 0, says how long the file is.
  private static let lengthOffset = 40

  private static func written(_ memory: MemoryFile) throws(NNError) -> UnsafeRawBufferPointer {
    guard let head = memory.read(at: lengthOffset, count: 8) else { throw failure("an HDF5 file in memory") }
    let length = head.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return try memory.contents(Int(clamping: length))
  }

  /// The memory driver's handle is where its buffer is: no copy. The buffer is longer than the file.
  private func written(_ file: LibHDF5.ID) throws(NNError) -> UnsafeRawBufferPointer {
    var handle: UnsafeMutableRawPointer?
    var size: UInt64 = 0
    guard library.fileHandle(file, 0, &handle) >= 0, library.fileSize(file, &size) >= 0, size >= 96,
      let buffer = handle?.load(as: UnsafeRawPointer?.self)
    else { throw HDF5Writer.failure("an HDF5 file in memory") }
    let end = buffer.loadUnaligned(fromByteOffset: HDF5Writer.lengthOffset, as: UInt64.self).littleEndian
    return UnsafeRawBufferPointer(start: buffer, count: Int(min(size, end)))
  }

  /// The library's bytes, with the large tensors' in their places.
  private func pieces(
    _ image: UnsafeRawBufferPointer, _ body: (_ pieces: [UnsafeRawBufferPointer]) throws(NNError) -> Void
  ) throws(NNError) {
    var pieces: [UnsafeRawBufferPointer] = []
    var at = 0
    for (offset, tensor) in large.sorted(by: { $0.offset < $1.offset }) {
      guard at <= offset, offset + tensor.byteCount <= image.count else {
        throw HDF5Writer.failure("'\(tensor.name)' where it should be")
      }
      pieces.append(UnsafeRawBufferPointer(rebasing: image[at..<offset]))
      // `large` keeps the memory as long as `body` runs.
      pieces.append(try tensor.withBytes { $0 })
      at = offset + tensor.byteCount
    }
    pieces.append(UnsafeRawBufferPointer(rebasing: image[at...]))
    try body(pieces)
    withExtendedLifetime(large) {}
  }

  private static func failure(_ what: String) -> NNError { NNError(.io, "libhdf5 could not write \(what)") }

  private func fill(_ place: LibHDF5.ID, _ group: HDF5Group) throws(NNError) {
    for (name, value) in group.attributes { try attribute(place, name, value) }
    // Sorted by name, as Keras makes them.
    for (name, node) in group.children.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
      guard !name.isEmpty, !name.utf8.contains(0), !name.utf8.contains(UInt8(ascii: "/")), name != "." else {
        throw NNError(.notSupported, "HDF5 files cannot have the name '\(name)'")
      }
      switch node {
      case .group(let inner):
        let made = library.createGroup(place, name, 0, 0, 0)
        guard made >= 0 else { throw HDF5Writer.failure("the group '\(name)'") }
        defer { _ = library.closeObject(made) }
        try fill(made, inner)
      case .dataset(let tensor): try dataset(place, name, tensor)
      }
    }
  }

  private func dataset(_ place: LibHDF5.ID, _ name: String, _ tensor: StoredTensor) throws(NNError) {
    let type: LibHDF5.ID
    switch tensor.type {
    case .float32: type = library.float
    case .float64: type = library.double
    case .int64: type = library.int64
    case .int32: type = library.int32
    case .uint8: type = library.uint8
    default: throw NNError(.notSupported, "HDF5 files are not written with elements of type \(tensor.type)")
    }
    let space = space(tensor.shape.dimensions)
    defer { _ = library.closeSpace(space) }
    let creation = library.createProperties(library.datasetCreation)
    defer { _ = library.closeProperties(creation) }
    // Equal models make equal files.
    _ = library.trackTimes(creation, false)
    let isLarge = tensor.byteCount >= HDF5Writer.largeSize
    if isLarge {
      // Its place is known at once (early), and stays as it is (never filled).
      guard library.setAllocation(creation, 1) >= 0, library.setFilling(creation, 1) >= 0 else {
        throw HDF5Writer.failure("'\(name)'")
      }
    }
    let set = library.createDataset(place, name, type, space, 0, creation, 0)
    guard set >= 0 else { throw HDF5Writer.failure("'\(name)'") }
    defer { _ = library.closeObject(set) }
    guard tensor.byteCount > 0 else { return }
    if isLarge {
      let offset = library.datasetOffset(set)
      guard offset < 1 << 60 else { throw HDF5Writer.failure("'\(name)'") }
      large.append((Int(offset), tensor))
      return
    }
    let status = try tensor.withBytes { (bytes) throws(NNError) in library.write(set, type, 0, 0, 0, bytes.baseAddress)
    }
    guard status >= 0 else { throw HDF5Writer.failure("'\(name)'") }
  }

  private func space(_ dimensions: [Int]) -> LibHDF5.ID {
    dimensions.isEmpty
      ? library.scalarSpace(0) : library.simpleSpace(Int32(dimensions.count), dimensions.map { UInt64($0) }, nil)
  }

  /// The kinds that TensorFlow 2.1's reader takes: scalars of variable length in ASCII, lists of fixed length.
  private func attribute(_ place: LibHDF5.ID, _ name: String, _ value: HDF5Attribute) throws(NNError) {
    var type = library.double
    var dimensions: [Int] = []
    switch value {
    case .text:
      type = library.copyType(library.text)
      _ = library.setTypeSize(type, -1)
    case .texts(let texts):
      type = library.copyType(library.text)
      _ = library.setTypeSize(type, max(1, texts.map(\.utf8.count).max() ?? 1))
      _ = library.setPadding(type, 1)
      dimensions = [texts.count]
    case .noTexts: dimensions = [0]
    }
    defer { if type != library.double { _ = library.closeType(type) } }
    let space = space(dimensions)
    defer { _ = library.closeSpace(space) }
    let attribute = library.createAttribute(place, name, type, space, 0, 0)
    guard attribute >= 0 else { throw HDF5Writer.failure("the attribute '\(name)'") }
    defer { _ = library.closeAttribute(attribute) }
    var status: Int32 = 0
    switch value {
    case .text(let text):
      guard !text.utf8.contains(0) else { throw NNError(.notSupported, "'\(name)' contains a zero byte") }
      status = text.withCString { text in
        var pointer: UnsafePointer<CChar>? = text
        return library.writeAttribute(attribute, type, &pointer)
      }
    case .texts(let texts):
      let width = max(1, texts.map(\.utf8.count).max() ?? 1)
      var bytes: [UInt8] = []
      for text in texts { bytes += Array(text.utf8) + [UInt8](repeating: 0, count: width - text.utf8.count) }
      status = library.writeAttribute(attribute, type, bytes)
    case .noTexts: break
    }
    guard status >= 0 else { throw HDF5Writer.failure("the attribute '\(name)'") }
  }
}

extension HDF5Group {
  /// About how long a file with this in it is.
  fileprivate var byteCount: Int {
    children.reduce(4096) { sum, child in
      switch child.node {
      case .group(let group): sum + group.byteCount
      case .dataset(let tensor): sum + tensor.byteCount + 1024
      }
    }
      + attributes.reduce(0) { sum, attribute in
        switch attribute.value {
        case .text(let text): sum + text.utf8.count + 4096
        case .texts(let texts): sum + texts.reduce(0) { $0 + $1.utf8.count } * 2
        case .noTexts: sum + 64
        }
      }
  }
}
