import Glibc

/// Reads HDF5 files by libhdf5: groups and attributes at once; datasets that lie in one piece stay where they are until they are wanted.
struct HDF5Reader {
  private let library: LibHDF5
  private let source: ByteSource
  /// Objects that may still be opened: hard links can go in circles.
  private var budget: Int
  private static let maximumDepth = 40
  static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
  /// The attributes that are read; Keras splits long lists into name0, name1 …
  private static let texts = ["keras_version", "backend", "model_config", "training_config", "name", OwnState.key]
  private static let lists = ["layer_names", "weight_names"]

  static func read(_ source: ByteSource) throws(NNError) -> HDF5Group {
    try HDF5Validation.check(source)
    return try LibHDF5.use { (library) throws(NNError) in
      let access = library.createProperties(library.fileAccess)
      defer { _ = library.closeProperties(access) }
      _ = library.setCloseDegree(access, 3)
      let image = try source.path == nil ? source.whole() : nil
      defer { withExtendedLifetime(image) {} }
      if let image {
        guard library.useMemory(access, 1 << 16, false) >= 0, share(image, access, library) else {
          throw source.error("could not be read by libhdf5")
        }
      }
      let file = library.openFile(source.path ?? "nn.h5", 0, access)
      guard file >= 0 else { throw source.error("is damaged: libhdf5 cannot open it") }
      defer { _ = library.closeFile(file) }
      var reader = HDF5Reader(library: library, source: source, budget: source.count / 32 + 64)
      guard case .group(let group)? = try reader.object(file, "/", depth: 0) else {
        throw source.error("has no root group")
      }
      return group
    }
  }

  /// Lets the library read our memory in place: it would copy it twice.
  private static func share(_ image: Storage, _ access: LibHDF5.ID, _ library: LibHDF5) -> Bool {
    typealias Raw = UnsafeMutableRawPointer?
    let allocate: @convention(c) (Int, Int32, Raw) -> Raw = { _, _, image in image }
    let copy: @convention(c) (Raw, UnsafeRawPointer?, Int, Int32, Raw) -> Raw = { target, _, _, _, _ in target }
    let resize: @convention(c) (Raw, Int, Int32, Raw) -> Raw = { _, _, _, _ in nil }
    let release: @convention(c) (Raw, Int32, Raw) -> Int32 = { _, _, _ in 0 }
    let copyUser: @convention(c) (Raw) -> Raw = { $0 }
    let freeUser: @convention(c) (Raw) -> Int32 = { _ in 0 }
    var callbacks: [UnsafeMutableRawPointer?] = [
      unsafeBitCast(allocate, to: UnsafeMutableRawPointer.self), unsafeBitCast(copy, to: UnsafeMutableRawPointer.self),
      unsafeBitCast(resize, to: UnsafeMutableRawPointer.self), unsafeBitCast(release, to: UnsafeMutableRawPointer.self),
      unsafeBitCast(copyUser, to: UnsafeMutableRawPointer.self),
      unsafeBitCast(freeUser, to: UnsafeMutableRawPointer.self),
      image.bytes,
    ]
    return callbacks.withUnsafeMutableBytes { library.setImageCallbacks(access, $0.baseAddress) } >= 0
      && library.setImage(access, image.bytes, image.byteCount) >= 0
  }

  private func damaged(_ what: String) -> NNError { source.error("is damaged: \(what)") }
  private func unsupported(_ what: String) -> NNError {
    NNError(.notSupported, "\(source.name) uses an HDF5 feature that is not read here: \(what)")
  }

  private mutating func object(_ place: LibHDF5.ID, _ name: String, depth: Int) throws(NNError) -> HDF5Node? {
    budget -= 1
    guard budget >= 0, depth < HDF5Reader.maximumDepth else { throw damaged("its groups go in circles or too deep") }
    let object = library.openObject(place, name, 0)
    guard object >= 0 else { throw damaged("'\(name)' cannot be opened") }
    defer { _ = library.closeObject(object) }
    switch library.kind(object) {
    case 2: return .group(try group(object, depth))
    case 5: return .dataset(try dataset(object, name))
    default: return nil
    }
  }

  /// The names in a group, in order of their bytes. libhdf5 gives them as they are stored: for any other order it makes a table of a large
  /// group, and frees what it has not filled when it comes upon damage.
  private func names(_ object: LibHDF5.ID, _ count: UInt64) throws(NNError) -> [String] {
    let (byName, asStored): (Int32, Int32) = (0, 2)
    var names: [String] = []
    for i in 0..<count {
      let length = library.linkName(object, ".", byName, asStored, i, nil, 0, 0)
      guard length > 0, length < 4096 else { throw damaged("a name cannot be read") }
      var bytes = [CChar](repeating: 0, count: length + 1)
      guard library.linkName(object, ".", byName, asStored, i, &bytes, length + 1, 0) == length,
        let name = String(validating: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
      else { throw damaged("a name cannot be read") }
      names.append(name)
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private mutating func group(_ object: LibHDF5.ID, _ depth: Int) throws(NNError) -> HDF5Group {
    var group = HDF5Group()
    for name in HDF5Reader.texts {
      if let value = try attribute(object, name) { group.attributes.append((name, value)) }
    }
    for name in HDF5Reader.lists {
      if let value = try attribute(object, name) { group.attributes.append((name, value)) }
      var part = 0
      while let value = try attribute(object, "\(name)\(part)") {
        group.attributes.append(("\(name)\(part)", value))
        part += 1
      }
    }
    // {kind of storage, number of links, …}
    var info = [UInt64](repeating: 0, count: 8)
    guard library.groupInfo(object, &info) >= 0, info[1] <= UInt64(source.count) else {
      throw damaged("a group cannot be read")
    }
    for name in try names(object, info[1]) {
      var link = [UInt64](repeating: 0, count: 16)
      guard library.linkInfo(object, name, &link, 0) >= 0 else { throw damaged("'\(name)' cannot be read") }
      // Links by name, perhaps into other files: a model is in one.
      guard UInt32(truncatingIfNeeded: link[0]) == 0 else { throw unsupported("links by name ('\(name)')") }
      guard let node = try self.object(object, name, depth: depth + 1) else { continue }
      guard group.add(name, node) else { throw damaged("a group has '\(name)' twice") }
    }
    return group
  }

  private func shape(_ space: LibHDF5.ID, _ name: String) throws(NNError) -> Shape {
    let rank = library.rank(space)
    guard rank >= 0, rank <= Int32(Shape.maximumRank) else { throw unsupported("\(rank) axes ('\(name)')") }
    var extents = [UInt64](repeating: 0, count: Shape.maximumRank)
    guard library.extents(space, &extents, nil) == rank else { throw damaged("'\(name)' has no shape") }
    do throws(NNError) { return try Shape(extents.prefix(Int(rank)).map { Int(clamping: $0) }) } catch {
      throw damaged("'\(name)': \(error.message)")
    }
  }

  private func dataset(_ set: LibHDF5.ID, _ name: String) throws(NNError) -> StoredTensor {
    let (space, type) = (library.datasetSpace(set), library.datasetType(set))
    let properties = library.datasetProperties(set)
    defer {
      _ = library.closeSpace(space)
      _ = library.closeType(type)
      _ = library.closeProperties(properties)
    }
    guard space >= 0, type >= 0, properties >= 0 else { throw damaged("'\(name)' cannot be read") }
    let shape = try shape(space, name)
    let layout = library.layout(properties)
    // Elements in other files: a file cannot make us read them.
    guard library.externalCount(properties) == 0, layout != 3 else {
      throw unsupported("elements in other files ('\(name)')")
    }
    let size = library.typeSize(type)
    let element: ElementType
    let memory: LibHDF5.ID
    switch library.typeClass(type) {
    case 0 where size <= 8: (element, memory) = (.int64, library.int64)
    case 1 where size <= 8: (element, memory) = (.float32, library.float)
    default: throw unsupported("the type of '\(name)'")
    }
    let offset = library.datasetOffset(set)
    if layout == 1, offset <= UInt64(source.count), library.typesAreEqual(type, memory) > 0 {
      return try StoredTensor(name, shape, element, in: source, at: Int(offset))
    }
    // In pieces, packed, or of another type: the library puts it together. Deflate makes 1032 bytes of one at best.
    guard shape.count / 1032 <= source.count else { throw damaged("'\(name)' of shape \(shape) does not fit into it") }
    let storage = try Storage(byteCount: shape.count * element.byteCount)
    guard shape.count == 0 || library.read(set, memory, 0, 0, 0, storage.bytes) >= 0 else {
      throw damaged("the elements of '\(name)' cannot be read")
    }
    return StoredTensor(name, shape, element, storage)
  }

  /// An attribute that is a text or a list of texts.
  private func attribute(_ object: LibHDF5.ID, _ name: String) throws(NNError) -> HDF5Attribute? {
    guard library.hasAttribute(object, name) > 0 else { return nil }
    let attribute = library.openAttribute(object, name, 0)
    guard attribute >= 0 else { throw damaged("the attribute '\(name)' cannot be read") }
    defer { _ = library.closeAttribute(attribute) }
    let (space, type) = (library.attributeSpace(attribute), library.attributeType(attribute))
    defer {
      _ = library.closeSpace(space)
      _ = library.closeType(type)
    }
    guard space >= 0, type >= 0 else { throw damaged("the attribute '\(name)' cannot be read") }
    let shape = try shape(space, name)
    if shape.count == 0 { return .noTexts }
    guard library.typeClass(type) == 3 else { return nil }
    let isVariable = library.isVariable(type) > 0
    let width = isVariable ? 8 : library.typeSize(type)
    guard width > 0, width <= source.count, shape.count <= source.count / width else {
      throw damaged("the attribute '\(name)' does not fit into it")
    }
    let storage = try Storage(byteCount: shape.count * width)
    guard library.readAttribute(attribute, type, storage.bytes) >= 0 else {
      throw damaged("the attribute '\(name)' cannot be read")
    }
    defer { if isVariable { _ = library.reclaim(type, space, 0, storage.bytes) } }
    var texts: [String] = []
    for i in 0..<shape.count {
      let text: String?
      if isVariable {
        let pointer = storage.bytes.load(fromByteOffset: 8 * i, as: UnsafePointer<CChar>?.self)
        text = pointer.map { String(validatingCString: $0) } ?? ""
      } else {
        let bytes = UnsafeRawBufferPointer(start: storage.bytes + i * width, count: width)
        text = String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard let text else { throw damaged("the attribute '\(name)' is no UTF-8 text") }
      texts.append(text)
    }
    return shape.rank == 0 ? .text(texts[0]) : .texts(texts)
  }
}
