/// Reads HDF5 files of the oldest kind, of which all of Keras's are: superblock 0 or 1, object headers 1, groups as symbol tables,
/// contiguous datasets, attributes that are texts.
///
/// A reader of our own, because a file is not trusted: libhdf5 crashes on damaged files. What is in a file beyond this is an error that names it.
struct HDF5Reader {
  private let source: ByteSource
  /// Structures read so far. A file cannot have more of them than it has room for, so a loop in it comes to an end.
  private var budget: Int
  private static let maximumDepth = 40

  static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  /// The root group with all that is in it; elements of datasets are not read yet.
  static func read(_ source: ByteSource) throws(NNError) -> HDF5Group {
    var reader = HDF5Reader(source: source, budget: source.count / 8 + 64)
    guard source.count >= 96, try source.bytes(at: 0, count: 8) == signature else {
      throw source.error("is not an HDF5 file, or cut off")
    }
    let version = try reader.integer(8, 1)
    guard version <= 1 else { throw reader.unsupported("superblock version \(version)") }
    guard try reader.integer(13, 1) == 8, try reader.integer(14, 1) == 8 else {
      throw reader.unsupported("addresses that are not 8 bytes long")
    }
    // Version 1 has four bytes more; the base address is where the file begins, 0 but for files that stand in others.
    let start = version == 0 ? 24 : 28
    guard try reader.integer(start, 8) == 0 else { throw reader.unsupported("a user block") }
    let end = try reader.integer(start + 16, 8)
    guard end <= source.count else { throw source.error("is cut off: it should have \(end) bytes, not \(source.count)") }
    let root = try reader.object(at: reader.integer(start + 32 + 8, 8), "/", depth: 0)
    guard case .group(let group) = root else { throw source.error("has no root group") }
    return group
  }

  private func integer(_ offset: Int, _ size: Int) throws(NNError) -> Int { try source.integer(at: offset, bytes: size) }

  private func unsupported(_ what: String) -> NNError {
    NNError(.notSupported, "\(source.name) uses an HDF5 feature that is not read here: \(what)")
  }

  private mutating func spend(_ amount: Int = 1) throws(NNError) {
    budget -= amount
    guard budget >= 0 else { throw source.error("is damaged: its structures refer to each other in a circle") }
  }

  // MARK: Object headers

  private struct Message {
    let type: Int
    let flags: Int
    let data: [UInt8]
    let offset: Int
  }

  private mutating func messages(at address: Int) throws(NNError) -> [Message] {
    try spend()
    guard try integer(address, 1) == 1 else {
      if try source.bytes(at: address, count: 4) == Array("OHDR".utf8) { throw unsupported("object headers of version 2") }
      throw source.error("is damaged: an object header has no known version")
    }
    let count = try integer(address + 2, 2)
    var blocks = [(start: address + 16, size: try integer(address + 8, 4))]
    var messages: [Message] = []
    var next = 0
    while next < blocks.count {
      let (start, size) = blocks[next]
      next += 1
      // Reading the last byte shows that the block is there.
      guard size >= 0, size < source.count else { throw source.error("is damaged: an object header is too long") }
      try spend()
      var at = start
      while at + 8 <= start + size, messages.count < count {
        try spend()
        let head = try source.bytes(at: at, count: 8)
        let (type, length) = (Int(head[0]) | Int(head[1]) << 8, Int(head[2]) | Int(head[3]) << 8)
        guard at + 8 + length <= start + size else { throw source.error("is damaged: a message leaves its header") }
        let message = Message(
          type: type, flags: Int(head[4]), data: try source.bytes(at: at + 8, count: length), offset: at + 8)
        if type == 0x10 {
          guard length >= 16 else { throw source.error("is damaged: a continuation is too short") }
          blocks.append((try integer(at + 8, 8), try integer(at + 16, 8)))
        }
        messages.append(message)
        at += 8 + length
      }
    }
    return messages
  }

  private mutating func object(at address: Int, _ name: String, depth: Int) throws(NNError) -> HDF5Node {
    guard depth < HDF5Reader.maximumDepth else { throw source.error("is damaged: its groups are too deep") }
    let messages = try messages(at: address)
    if let table = messages.first(where: { $0.type == 0x11 }) {
      guard table.data.count >= 16 else { throw source.error("is damaged: a symbol table message is too short") }
      var group = HDF5Group()
      for message in messages where message.type == 0x0C {
        if let attribute = try attribute(message) { group.attributes.append(attribute) }
      }
      let heap = try integer(integerIn(table.data, 8), 4)
      guard heap == 0x5041_4548 else { throw source.error("is damaged: a group has no heap of names") }
      let heapAddress = integerIn(table.data, 8)
      let names = try source.part(
        at: integer(heapAddress + 24, 8), count: integer(heapAddress + 8, 8), name: source.name)
      try readTree(integerIn(table.data, 0), names, &group, depth: depth, level: nil)
      return .group(group)
    }
    if messages.contains(where: { $0.type == 0x02 || $0.type == 0x06 }) { throw unsupported("groups of version 2") }
    return .dataset(try dataset(messages, name))
  }

  private func integerIn(_ data: [UInt8], _ offset: Int, _ size: Int = 8) -> Int {
    guard offset >= 0, offset + size <= data.count else { return ByteSource.unreachable }
    var result: UInt64 = 0
    for i in 0..<size { result |= UInt64(data[offset + i]) << UInt64(8 * i) }
    return Int(min(result, UInt64(ByteSource.unreachable)))
  }

  // MARK: Groups

  private mutating func readTree(
    _ address: Int, _ names: ByteSource, _ group: inout HDF5Group, depth: Int, level: Int?
  ) throws(NNError) {
    try spend()
    let head = try source.bytes(at: address, count: 24)
    guard Array(head[0..<4]) == Array("TREE".utf8), head[4] == 0 else {
      throw source.error("is damaged: a group has no tree")
    }
    // Levels fall from node to node, so a tree cannot be its own branch.
    guard level.map({ Int(head[5]) == $0 }) ?? true else { throw source.error("is damaged: a tree has a wrong level") }
    let count = Int(head[6]) | Int(head[7]) << 8
    for i in 0..<count {
      let child = try integer(address + 32 + 16 * i, 8)
      if head[5] > 0 {
        try readTree(child, names, &group, depth: depth, level: Int(head[5]) - 1)
      } else {
        try readNode(child, names, &group, depth: depth)
      }
    }
  }

  private mutating func readNode(
    _ address: Int, _ names: ByteSource, _ group: inout HDF5Group, depth: Int
  ) throws(NNError) {
    try spend()
    let head = try source.bytes(at: address, count: 8)
    guard Array(head[0..<4]) == Array("SNOD".utf8) else { throw source.error("is damaged: a group has no symbols") }
    let count = Int(head[6]) | Int(head[7]) << 8
    for i in 0..<count {
      try spend()
      let entry = address + 8 + 40 * i
      let name = try text(names, at: integer(entry, 8))
      guard try integer(entry + 16, 4) != 2 else { throw unsupported("symbolic links") }
      let node = try object(at: integer(entry + 8, 8), name, depth: depth + 1)
      guard group.add(name, node) else { throw source.error("is damaged: a group has '\(name)' twice") }
    }
  }

  /// A name of a heap, up to its zero byte.
  private func text(_ names: ByteSource, at offset: Int) throws(NNError) -> String {
    guard offset < names.count else { throw source.error("is damaged: a name is outside its heap") }
    var bytes = try names.bytes(at: offset, count: min(1024, names.count - offset))
    guard let end = bytes.firstIndex(of: 0), end > 0 else {
      throw source.error("is damaged: a name is empty or has no end")
    }
    bytes = Array(bytes[..<end])
    guard !bytes.contains(UInt8(ascii: "/")), let name = String(validating: bytes, as: UTF8.self) else {
      throw source.error("is damaged: a name has characters that names cannot have")
    }
    return name
  }

  // MARK: Datasets

  private mutating func dataset(_ messages: [Message], _ name: String) throws(NNError) -> StoredTensor {
    guard let space = messages.first(where: { $0.type == 0x01 }), let type = messages.first(where: { $0.type == 0x03 }),
      let layout = messages.first(where: { $0.type == 0x08 })
    else { throw source.error("is damaged: '\(name)' is neither a group nor a dataset") }
    if messages.contains(where: { $0.type == 0x0B }) { throw unsupported("compression ('\(name)')") }
    guard type.flags & 2 == 0 else { throw unsupported("named types ('\(name)')") }
    let shape = try Shape(dimensions(space.data))
    let (element, bigEndian) = try elementType(type.data, name)
    let version = integerIn(layout.data, 0, 1)
    guard version == 3 else { throw unsupported("data layout version \(version) ('\(name)')") }
    switch integerIn(layout.data, 1, 1) {
    case 0:
      return try StoredTensor(name, shape, element, in: source, at: layout.offset + 4, bigEndian: bigEndian)
    case 1:
      let address = integerIn(layout.data, 2)
      // Nothing was ever written: an empty dataset, or zeros that would be made of nothing.
      if address == ByteSource.unreachable {
        guard shape.count == 0 else { throw source.error("has no data for '\(name)'") }
        return try StoredTensor(name, shape, element, in: source, at: 0)
      }
      return try StoredTensor(name, shape, element, in: source, at: address, bigEndian: bigEndian)
    default: throw unsupported("data in pieces ('\(name)')")
    }
  }

  private func dimensions(_ data: [UInt8]) throws(NNError) -> [Int] {
    let (version, rank) = (integerIn(data, 0, 1), integerIn(data, 1, 1))
    guard version == 1 || version == 2, rank <= Shape.maximumRank else {
      throw source.error("has a dataset of \(rank) axes, or of an unknown kind")
    }
    if version == 2, integerIn(data, 3, 1) == 2 { return [0] }
    let start = version == 1 ? 8 : 4
    guard data.count >= start + 8 * rank else { throw source.error("is damaged: a shape is too short") }
    return (0..<rank).map { integerIn(data, start + 8 * $0) }
  }

  private func elementType(_ data: [UInt8], _ name: String) throws(NNError) -> (ElementType, bigEndian: Bool) {
    guard data.count >= 12 else { throw source.error("is damaged: '\(name)' has no whole type") }
    let (kind, size) = (Int(data[0] & 15), integerIn(data, 4, 4))
    let precision = integerIn(data, 10, 2)
    guard integerIn(data, 8, 2) == 0, precision == 8 * size else { throw unsupported("the type of '\(name)'") }
    let isBigEndian = data[1] & 1 == 1
    switch (kind, size) {
    case (0, 1): return (data[1] & 8 == 0 ? .uint8 : .int8, isBigEndian)
    case (0, 2) where data[1] & 8 != 0: return (.int16, isBigEndian)
    case (0, 4) where data[1] & 8 != 0: return (.int32, isBigEndian)
    case (0, 8): return (.int64, isBigEndian)
    case (1, 2), (1, 4), (1, 8):
      guard data.count >= 20, data[1] & 0x40 == 0 else { throw unsupported("the type of '\(name)'") }
      let layout = [Int(data[12]), Int(data[13]), Int(data[15])]
      switch layout {
      case [10, 5, 10]: return (.float16, isBigEndian)
      case [7, 8, 7]: return (.bfloat16, isBigEndian)
      case [23, 8, 23]: return (.float32, isBigEndian)
      case [52, 11, 52]: return (.float64, isBigEndian)
      default: throw unsupported("the type of '\(name)'")
      }
    default: throw unsupported("the type of '\(name)'")
    }
  }

  // MARK: Attributes

  /// An attribute that is a text or a list of texts; nil for others, which nobody asks for.
  private mutating func attribute(_ message: Message) throws(NNError) -> (name: String, value: HDF5Attribute)? {
    let data = message.data
    let version = integerIn(data, 0, 1)
    guard (1...3).contains(version), data.count >= 8 else { return nil }
    // Versions 2 and 3 do not pad; what they share with other objects is not for us.
    guard version == 1 || data[1] == 0 else { return nil }
    func padded(_ n: Int) -> Int { version == 1 ? (n + 7) & ~7 : n }
    let sizes = [integerIn(data, 2, 2), integerIn(data, 4, 2), integerIn(data, 6, 2)]
    let nameStart = version == 3 ? 9 : 8
    let typeStart = nameStart + padded(sizes[0])
    let spaceStart = typeStart + padded(sizes[1])
    let start = spaceStart + padded(sizes[2])
    guard start <= data.count, sizes[0] > 1, sizes[1] >= 8 else {
      throw source.error("is damaged: an attribute is too short")
    }
    let nameBytes = data[nameStart..<nameStart + sizes[0] - 1]
    guard !nameBytes.contains(0), let name = String(validating: nameBytes, as: UTF8.self) else {
      throw source.error("is damaged: an attribute's name is no text")
    }
    let type = Array(data[typeStart..<typeStart + sizes[1]])
    let extents = try dimensions(Array(data[spaceStart..<spaceStart + sizes[2]]))
    let (count, width) = (try Shape(extents).count, integerIn(type, 4, 4))
    if count == 0 { return (name, .noTexts) }
    var texts: [String] = []
    switch type[0] & 15 {
    case 3:
      guard width > 0, width <= data.count, count <= (data.count - start) / width else {
        throw source.error("is damaged: the attribute '\(name)' is too short")
      }
      for i in 0..<count {
        let bytes = data[start + i * width..<start + (i + 1) * width]
        texts.append(try decoded(bytes.prefix { $0 != 0 }, name))
      }
    case 9 where type[1] & 15 == 1:
      guard count <= (data.count - start) / 16 else {
        throw source.error("is damaged: the attribute '\(name)' is too short")
      }
      for i in 0..<count {
        let at = start + 16 * i
        let bytes = try heapObject(
          integerIn(data, at + 4), integerIn(data, at + 12, 4), length: integerIn(data, at, 4))
        texts.append(try decoded(bytes.prefix { $0 != 0 }, name))
      }
    default: return nil
    }
    return (name, extents.isEmpty && texts.count == 1 ? .text(texts[0]) : .texts(texts))
  }

  private func decoded(_ bytes: ArraySlice<UInt8>, _ name: String) throws(NNError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw source.error("is damaged: the attribute '\(name)' is no UTF-8 text")
    }
    return text
  }

  /// Part of the global heap.
  private mutating func heapObject(_ address: Int, _ index: Int, length: Int) throws(NNError) -> ArraySlice<UInt8> {
    if length == 0 { return [] }
    guard address < source.count, try source.bytes(at: address, count: 4) == Array("GCOL".utf8) else {
      throw source.error("is damaged: a text is not where it should be")
    }
    let size = try integer(address + 8, 8)
    guard size >= 16, size <= source.count - address else { throw source.error("is damaged: a heap is cut off") }
    var at = address + 16
    while at + 16 <= address + size {
      try spend()
      let found = try integer(at, 2)
      let bytes = try integer(at + 8, 8)
      guard bytes <= address + size - at, found != 0 else { break }
      if found == index {
        guard length <= bytes else { break }
        return try source.bytes(at: at + 16, count: length)[...]
      }
      at += 16 + (bytes + 7) & ~7
    }
    throw source.error("is damaged: a text is missing")
  }
}
