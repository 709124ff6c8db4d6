/// Looks through an HDF5 file before libhdf5 sees it: every address and size must be inside the file, every count such as there is room for. Here are
/// the structures of the oldest kind, of which all of Keras's files are (superblock 0 or 1, object headers 1, groups as symbol tables); later ones are in
/// HDF5Headers and HDF5Dense. It is a check of bounds and keeps nothing of what it sees.
struct HDF5Validation {
  let source: ByteSource
  /// Structures looked at so far. A file cannot have more of them than it has room for, so a loop in it comes to an end.
  private var budget: Int
  private var leafSize = 8
  private var fanOut = 32
  private static let maximumDepth = 40

  /// Throws when the file would lead the library astray.
  static func check(_ source: ByteSource) throws(NNError) {
    guard source.count >= 8, try source.bytes(at: 0, count: 8) == HDF5Reader.signature else {
      throw source.error("is not an HDF5 file")
    }
    var validation = HDF5Validation(source: source, budget: source.count / 8 + 64)
    let version = try validation.integer(8, 1)
    if version == 2 || version == 3 { return try validation.checkNewFile() }
    guard version <= 1 else { throw validation.unsupported("superblock \(version)") }
    guard source.count >= 96 else { throw source.error("is cut off") }
    guard try validation.integer(13, 1) == 8, try validation.integer(14, 1) == 8 else {
      throw validation.unsupported("addresses that are not 8 bytes long")
    }
    // Version 1 has four bytes more.
    let start = try validation.integer(8, 1) == 0 ? 24 : 28
    validation.leafSize = 2 * (try validation.integer(16, 2))
    validation.fanOut = 2 * (try validation.integer(18, 2))
    guard try validation.integer(start, 8) == 0 else {
      throw validation.unsupported("a user block")
    }
    guard validation.leafSize > 0, validation.fanOut > 0,
      try validation.place(at: start + 24) == nil
    else { throw validation.damaged("its superblock has wrong numbers") }
    let end = try validation.integer(start + 16, 8)
    guard end <= source.count else {
      throw source.error("is cut off: it should have \(end) bytes, not \(source.count)")
    }
    if try validation.integer(start + 32 + 16, 4) == 1 { try validation.cached(start + 32) }
    try validation.object(at: validation.integer(start + 32 + 8, 8), depth: 0)
  }

  func damaged(_ what: String) -> NNError { source.error("is damaged: \(what)") }
  func unsupported(_ what: String) -> NNError {
    NNError(.notSupported, "\(source.name) uses an HDF5 feature that is not read here: \(what)")
  }
  func integer(_ offset: Int, _ size: Int) throws(NNError) -> Int {
    try source.integer(at: offset, bytes: size)
  }

  mutating func spend() throws(NNError) {
    budget -= 1
    guard budget >= 0 else { throw damaged("its structures refer to each other in a circle") }
  }

  func inside(_ offset: Int, _ size: Int, _ what: String) throws(NNError) {
    guard offset >= 0, size >= 0, offset <= source.count, size <= source.count - offset else {
      throw damaged("\(what) is outside of it")
    }
  }

  func isThere(_ offset: Int, _ word: String) throws(NNError) -> Bool {
    try source.bytes(at: offset, count: 4) == Array(word.utf8)
  }

  /// A place in the file; nil where there is none, which all bits set say, and nothing else: the library follows any other number.
  func place(_ data: [UInt8], _ offset: Int) throws(NNError) -> Int? {
    guard offset + 8 <= data.count else { throw damaged("an address is cut off") }
    if data[offset..<offset + 8].allSatisfy({ $0 == 0xFF }) { return nil }
    let place = number(data, offset)
    guard place <= source.count else { throw damaged("an address is outside of it") }
    return place
  }
  func place(at offset: Int) throws(NNError) -> Int? { try place(source.bytes(at: offset, count: 8), 0) }

  func number(_ data: [UInt8], _ offset: Int, _ size: Int = 8) -> Int {
    guard offset >= 0, offset + size <= data.count else { return ByteSource.unreachable }
    var result: UInt64 = 0
    for i in 0..<size { result |= UInt64(data[offset + i]) << UInt64(8 * i) }
    return Int(min(result, UInt64(ByteSource.unreachable)))
  }

  // MARK: Object headers

  /// What the messages of an object's header say.
  struct Object {
    fileprivate var table: [UInt8]?
    fileprivate var elements: [UInt8]?
    fileprivate var extent: Int?
    fileprivate var width: Int?
    /// Objects that a group's links lead to.
    fileprivate var links: [Int] = []
    /// Where the links of a large group are, and the attributes of an object with many.
    fileprivate var linkInfo: [UInt8]?
    fileprivate var attributeInfo: [UInt8]?
  }

  mutating func object(at address: Int, depth: Int) throws(NNError) {
    guard depth < HDF5Validation.maximumDepth else { throw damaged("its groups are too deep") }
    try spend()
    var object = Object()
    if try isThere(address, "OHDR") {
      try messages(ofNew: address, &object)
    } else {
      try messages(of: address, &object)
    }
    if let info = object.attributeInfo { try denseAttributes(info) }
    if let table = object.table { return try group(table, depth) }
    for link in object.links { try self.object(at: link, depth: depth + 1) }
    if let info = object.linkInfo { try denseLinks(info, depth: depth) }
    if let elements = object.elements { try layout(elements, object.extent, object.width) }
  }

  /// Looks at one message of a header.
  mutating func message(
    _ type: Int, isShared: Bool, _ data: [UInt8], _ object: inout Object
  ) throws(NNError) {
    // Types with a name of their own, and what else objects share: Keras has none.
    if isShared { throw unsupported("objects that share what describes them") }
    switch type {
    case 0x01: object.extent = try extent(data)
    case 0x02: object.linkInfo = data
    case 0x03: object.width = try width(data)
    case 0x04, 0x05: try fillValue(type, data)
    case 0x06: object.links.append(try link(data))
    case 0x07: throw unsupported("elements in other files")
    case 0x08: object.elements = data
    case 0x0A:
      guard data.count >= 2, data.count >= 2 + 4 * (Int(data[1] & 1) + Int(data[1] >> 1 & 1)) else {
        throw damaged("a group is of an unknown kind")
      }
    case 0x0C: try attribute(data)
    case 0x11: object.table = data
    case 0x15: object.attributeInfo = data
    default: break
    }
  }

  private mutating func messages(of address: Int, _ object: inout Object) throws(NNError) {
    guard try integer(address, 1) == 1 else { throw damaged("an object header has no known version") }
    let count = try integer(address + 2, 2)
    var blocks = [(start: address + 16, size: try integer(address + 8, 4))]
    var (seen, next) = (0, 0)
    while next < blocks.count {
      let (start, size) = blocks[next]
      next += 1
      try inside(start, size, "an object header")
      var at = start
      while at + 8 <= start + size {
        try spend()
        let head = try source.bytes(at: at, count: 8)
        let (type, length) = (number(head, 0, 2), number(head, 2, 2))
        guard length % 8 == 0, at + 8 + length <= start + size else { throw damaged("a message leaves its header") }
        let data = try source.bytes(at: at + 8, count: length)
        seen += 1
        if type == 0x10 {
          guard length >= 16 else { throw damaged("a continuation is too short") }
          blocks.append((number(data, 0), number(data, 8)))
        } else {
          try message(type, isShared: head[4] & 2 != 0, data, &object)
        }
        at += 8 + length
      }
    }
    guard seen == count else { throw damaged("an object header has \(seen) messages, not \(count)") }
  }

  private func extent(_ data: [UInt8]) throws(NNError) -> Int {
    guard data.count >= 4 else { throw damaged("a shape is too short") }
    let (version, rank) = (number(data, 0, 1), number(data, 1, 1))
    guard version == 1 || version == 2, rank <= 32 else { throw damaged("a shape is of an unknown kind") }
    let start = version == 1 ? 8 : 4
    guard data.count >= start + 8 * rank * (data[2] & 1 == 1 ? 2 : 1) else { throw damaged("a shape is too short") }
    var product = version == 2 && data[3] == 2 ? 0 : 1
    for axis in 0..<rank {
      let (p, overflow) = product.multipliedReportingOverflow(by: number(data, start + 8 * axis))
      guard !overflow else { throw damaged("a shape is too large") }
      product = p
    }
    return product
  }

  /// An element's bytes. Only numbers and texts are looked into; others must be such that nobody asks for them.
  private func width(_ data: [UInt8], depth: Int = 0) throws(NNError) -> Int {
    guard data.count >= 8 else { throw damaged("a type is too short") }
    let (kind, size) = (Int(data[0] & 15), number(data, 4, 4))
    guard (1...4).contains(data[0] >> 4), size > 0 else { throw damaged("a type is of an unknown kind") }
    switch kind {
    case 0:
      guard data.count >= 12, size <= 8, number(data, 8, 2) + number(data, 10, 2) <= 8 * size, number(data, 10, 2) > 0
      else { throw damaged("a type of integers is wrong") }
    case 1:
      guard data.count >= 20, size <= 16, number(data, 8, 2) + number(data, 10, 2) <= 8 * size, number(data, 10, 2) > 0,
        Int(data[12]) + Int(data[13]) <= 8 * size, Int(data[14]) + Int(data[15]) <= 8 * size, data[13] > 0,
        data[15] > 0,
        Int(data[2]) < 8 * size
      else { throw damaged("a type of floats is wrong") }
    case 3:
      guard size <= source.count, data[1] & 15 <= 2, data[1] >> 4 <= 1 else {
        throw damaged("a type of texts is wrong")
      }
    case 9:
      guard depth == 0, size == 16, data[1] & 15 <= 1 else { throw damaged("a type of variable length is wrong") }
      _ = try width(Array(data[8...]), depth: 1)
    default: throw unsupported("elements of kind \(kind)")
    }
    return size
  }

  private func fillValue(_ type: Int, _ data: [UInt8]) throws(NNError) {
    // Version 3 has its flags in one byte, and a value only where they say so.
    if type == 0x05, data.first == 3 {
      guard data.count >= 2 else { throw damaged("a fill value is too short") }
      guard data[1] & 0x20 != 0 else { return }
      guard data.count >= 6, number(data, 2, 4) <= data.count - 6 else { throw damaged("a fill value is too short") }
      return
    }
    let at = type == 0x04 ? 0 : 4
    guard data.count >= 4 else { throw damaged("a fill value is too short") }
    if type == 0x05 {
      guard (1...2).contains(data[0]) else { throw damaged("a fill value is of an unknown kind") }
      if data[0] == 2, data[3] == 0 { return }
    }
    let size = number(data, at, 4)
    guard size == 0 || size <= data.count - at - 4 || size == 0xFFFF_FFFF else {
      throw damaged("a fill value is too short")
    }
  }

  private func layout(_ data: [UInt8], _ extent: Int?, _ width: Int?) throws(NNError) {
    // In the newest version pieces are stored in another way, and everything else is the same; the two oldest are older than Keras.
    let version = number(data, 0, 1)
    guard version == 3 || version == 4 else { throw unsupported("a layout of version \(version)") }
    func fits(_ size: Int) throws(NNError) {
      guard let extent, let width else { return }
      let (needed, overflow) = extent.multipliedReportingOverflow(by: width)
      guard !overflow, needed == size else {
        throw damaged("a dataset has \(size) bytes, which is not what its shape says")
      }
    }
    switch number(data, 1, 1) {
    case 0:
      guard data.count >= 4, number(data, 2, 2) <= data.count - 4 else { throw damaged("a dataset is cut off") }
      try fits(number(data, 2, 2))
    case 1:
      let size = number(data, 10)
      if let address = try place(data, 2) { try inside(address, size, "a dataset") }
      try fits(size)
    case 2:
      guard number(data, version == 3 ? 2 : 3, 1) <= 33, let extent, extent / 1032 <= source.count else {
        throw damaged("a dataset is larger than the file explains")
      }
    case 3: throw unsupported("elements in other files")
    default: break
    }
  }

  // MARK: Attributes

  mutating func attribute(_ data: [UInt8]) throws(NNError) {
    let version = number(data, 0, 1)
    guard (1...3).contains(version), data.count >= 8 else { throw damaged("an attribute is of an unknown kind") }
    guard version == 1 || data[1] == 0 else { throw unsupported("attributes that share types or shapes") }
    func padded(_ n: Int) -> Int { version == 1 ? (n + 7) & ~7 : n }
    let sizes = [number(data, 2, 2), number(data, 4, 2), number(data, 6, 2)]
    let name = version == 3 ? 9 : 8
    let type = name + padded(sizes[0])
    let space = type + padded(sizes[1])
    let start = space + padded(sizes[2])
    guard start <= data.count, sizes[0] > 1, data[name + sizes[0] - 1] == 0 else {
      throw damaged("an attribute is too short")
    }
    let width = try width(Array(data[type..<type + sizes[1]]))
    let extent = try extent(Array(data[space..<space + sizes[2]]))
    let (needed, overflow) = extent.multipliedReportingOverflow(by: width)
    guard !overflow, needed <= data.count - start else { throw damaged("an attribute is too short") }
    guard data[type] & 15 == 9 else { return }
    for i in 0..<extent {
      let at = start + 16 * i
      try text(number(data, at + 4), number(data, at + 12, 4), length: number(data, at, 4))
    }
  }

  /// A text in the global heap.
  private mutating func text(_ address: Int, _ index: Int, length: Int) throws(NNError) {
    if length == 0 { return }
    guard address < source.count, try isThere(address, "GCOL") else {
      throw damaged("a text is not where it should be")
    }
    let size = try integer(address + 8, 8)
    guard size >= 4096, size <= source.count - address else { throw damaged("a heap is cut off") }
    var at = address + 16
    var known: Set<Int> = []
    var found = false
    while at + 16 <= address + size {
      try spend()
      let (number, bytes) = (try integer(at, 2), try integer(at + 8, 8))
      guard bytes <= address + size - at, known.insert(number).inserted else {
        throw damaged("a heap has a wrong entry")
      }
      // The last entry is the free space, whose size counts its head. The library goes from entry to entry by their sizes, for ever if one is 0.
      if number == 0 {
        guard bytes >= 16, bytes == address + size - at else { throw damaged("a heap's free space is wrong") }
        break
      }
      if number == index {
        guard length <= bytes else { throw damaged("a text is too short") }
        found = true
      }
      at += 16 + (bytes + 7) & ~7
    }
    guard found else { throw damaged("a text is missing") }
  }

  // MARK: Groups

  private mutating func group(_ table: [UInt8], _ depth: Int) throws(NNError) {
    guard table.count >= 16 else { throw damaged("a symbol table is too short") }
    let heap = number(table, 8)
    try inside(heap, 32, "a heap of names")
    guard try isThere(heap, "HEAP") else { throw damaged("a group has no heap of names") }
    let (size, free, segment) = (try integer(heap + 8, 8), try integer(heap + 16, 8), try integer(heap + 24, 8))
    try inside(segment, size, "a heap of names")
    var next = free
    // 1 is the end of the list of free blocks.
    while next != 1 {
      try spend()
      guard next % 8 == 0, next <= size - 16 else { throw damaged("a heap's free space is wrong") }
      let length = try integer(segment + next + 8, 8)
      guard length >= 16, length <= size - next else { throw damaged("a heap's free space is wrong") }
      next = try integer(segment + next, 8)
    }
    try tree(number(table, 0), segment, size, depth, level: nil)
  }

  private mutating func tree(
    _ address: Int, _ names: Int, _ size: Int, _ depth: Int, level: Int?
  ) throws(NNError) {
    try spend()
    try inside(address, 24 + 16 * fanOut + 8, "a group's tree")
    let head = try source.bytes(at: address, count: 24)
    guard try isThere(address, "TREE"), head[4] == 0 else { throw damaged("a group has no tree") }
    // Levels fall from node to node, so a tree cannot be its own branch.
    guard level.map({ Int(head[5]) == $0 }) ?? true else { throw damaged("a tree has a wrong level") }
    let count = number(head, 6, 2)
    guard count <= fanOut else { throw damaged("a tree has too many branches") }
    for i in 0...count {
      guard try integer(address + 24 + 16 * i, 8) < max(1, size) else { throw damaged("a tree has a wrong key") }
    }
    for i in 0..<count {
      let child = try integer(address + 32 + 16 * i, 8)
      if head[5] > 0 {
        try tree(child, names, size, depth, level: Int(head[5]) - 1)
      } else {
        try symbols(child, names, size, depth)
      }
    }
  }

  private mutating func symbols(_ address: Int, _ names: Int, _ size: Int, _ depth: Int) throws(NNError) {
    try spend()
    try inside(address, 8 + 40 * leafSize, "a group's symbols")
    guard try isThere(address, "SNOD") else { throw damaged("a group has no symbols") }
    let count = try integer(address + 6, 2)
    guard count <= leafSize else { throw damaged("a group has too many symbols in one place") }
    for i in 0..<count {
      try spend()
      let entry = address + 8 + 40 * i
      let name = try integer(entry, 8)
      guard name < size else { throw damaged("a name is outside its heap") }
      let bytes = try source.bytes(at: names + name, count: min(4096, size - name))
      guard let end = bytes.firstIndex(of: 0), end > 0, !bytes[..<end].contains(UInt8(ascii: "/")) else {
        throw damaged("a name is empty, has no end or a slash in it")
      }
      switch try integer(entry + 16, 4) {
      case 0: break
      case 1:
        // What the entry says of the group must be what its header says.
        try cached(entry)
      case 2: throw unsupported("symbolic links")
      default: throw damaged("a symbol is of an unknown kind")
      }
      try object(at: integer(entry + 8, 8), depth: depth + 1)
    }
  }

  private func cached(_ entry: Int) throws(NNError) {
    let (tree, heap) = (try integer(entry + 24, 8), try integer(entry + 32, 8))
    try inside(tree, 24, "a group's tree")
    try inside(heap, 32, "a heap of names")
    guard try isThere(tree, "TREE"), try isThere(heap, "HEAP") else { throw damaged("a symbol refers to no group") }
  }
}
