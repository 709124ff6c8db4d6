/// Writes HDF5 files of the oldest kind, which every version of every library reads: superblock 0, object headers 1, groups as symbol tables,
/// contiguous datasets. First all structures are laid out in memory (they are small), then the datasets follow, straight from where they are.
struct HDF5Writer {
  private static let undefined = -1
  /// Entries of a symbol table node, and children of a node of a tree: HDF5's defaults.
  private static let (leafSize, fanOut) = (8, 32)

  private var structures: [UInt8] = []
  /// Where in the structures a dataset's address belongs, and the dataset.
  private var datasets: [(patch: Int, tensor: StoredTensor)] = []
  /// Texts of variable length, for the global heap; an index is the position plus 1.
  private var texts: [[UInt8]] = []
  /// Where in the structures the heap's address belongs.
  private var heapPatches: [Int] = []

  /// Writes a file. Datasets begin at multiples of 8 bytes from the file's beginning.
  static func write(_ root: HDF5Group, to sink: any ByteSink) throws(NNError) {
    var writer = HDF5Writer()
    writer.structures = [UInt8](repeating: 0, count: 96)
    let group = try writer.add(root)
    let heap = try writer.addHeap()
    for patch in writer.heapPatches { writer.store(heap, at: patch) }
    var end = writer.structures.count
    for (patch, tensor) in writer.datasets {
      end = (end + 7) & ~7
      writer.store(tensor.byteCount == 0 ? undefined : end, at: patch)
      end += tensor.byteCount
    }
    writer.storeSuperblock(group, end: end)
    try sink.write(writer.structures)
    var position = writer.structures.count
    for (_, tensor) in writer.datasets {
      let padding = (8 - position % 8) % 8
      if padding > 0 { try sink.write([UInt8](repeating: 0, count: padding)) }
      try tensor.write(to: sink)
      position += padding + tensor.byteCount
    }
  }

  // MARK: Space

  private mutating func allocate(_ bytes: [UInt8]) -> Int {
    while structures.count % 8 != 0 { structures.append(0) }
    defer { structures += bytes }
    return structures.count
  }

  private mutating func store(_ value: Int, at offset: Int) {
    structures.replaceSubrange(offset..<offset + 8, with: LittleEndian.of(value, bytes: 8))
  }

  private mutating func storeSuperblock(_ root: (header: Int, tree: Int, heap: Int), end: Int) {
    var block = LittleEndian()
    block.append([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0, 0, 8, 8, 0])
    block.append(HDF5Writer.leafSize / 2, bytes: 2)
    block.append(HDF5Writer.fanOut / 2, bytes: 2)
    block.append(0, bytes: 4)
    block.append(0, bytes: 8)
    block.append(HDF5Writer.undefined, bytes: 8)
    block.append(end, bytes: 8)
    block.append(HDF5Writer.undefined, bytes: 8)
    block.append(entry(nameOffset: 0, root.header, (root.tree, root.heap)))
    structures.replaceSubrange(0..<block.bytes.count, with: block.bytes)
  }

  // MARK: Groups

  private typealias Place = (header: Int, group: (tree: Int, heap: Int)?)

  private mutating func add(_ group: HDF5Group) throws(NNError) -> (header: Int, tree: Int, heap: Int) {
    var places: [(name: [UInt8], place: Place)] = []
    for (name, node) in group.children {
      let bytes = Array(name.utf8)
      guard !bytes.isEmpty, !bytes.contains(0), !bytes.contains(UInt8(ascii: "/")) else {
        throw NNError(.notSupported, "HDF5 files cannot have the name '\(name)'")
      }
      switch node {
      case .group(let inner):
        let made = try add(inner)
        places.append((bytes, (made.header, (made.tree, made.heap))))
      case .dataset(let tensor): places.append((bytes, (try add(tensor), nil)))
      }
    }
    places.sort { $0.name.lexicographicallyPrecedes($1.name) }
    for (a, b) in zip(places, places.dropFirst()) where a.name == b.name {
      throw NNError(.notSupported, "the name '\(String(decoding: a.name, as: UTF8.self))' would be twice in one group")
    }
    var names = LittleEndian()
    names.append(0, bytes: 8)
    var offsets: [Int] = []
    for (name, _) in places {
      offsets.append(names.bytes.count)
      names.append(name + [0])
      names.pad(to: 8)
    }
    let segment = allocate(names.bytes)
    var heap = LittleEndian()
    heap.append("HEAP")
    heap.append(0, bytes: 4)
    heap.append(names.bytes.count, bytes: 8)
    heap.append(1, bytes: 8)  // nothing is free
    heap.append(segment, bytes: 8)
    let heapAddress = allocate(heap.bytes)
    let tree = addTree(zip(offsets, places).map { ($0, $1.place) })
    var message = LittleEndian()
    message.append(tree, bytes: 8)
    message.append(heapAddress, bytes: 8)
    var messages = [(0x11, message.bytes)]
    var references: [(message: Int, offset: Int)] = []
    for (name, value) in group.attributes {
      let (data, reference) = try attribute(name, value)
      if let reference { references.append((messages.count, reference)) }
      messages.append((0x0C, data))
    }
    let header = addHeader(messages)
    for (message, offset) in references { heapPatches.append(header.messages[message] + offset) }
    return (header.address, tree, heapAddress)
  }

  private func entry(nameOffset: Int, _ header: Int, _ group: (tree: Int, heap: Int)?) -> [UInt8] {
    var entry = LittleEndian()
    entry.append(nameOffset, bytes: 8)
    entry.append(header, bytes: 8)
    entry.append(group == nil ? 0 : 1, bytes: 4)
    entry.append(0, bytes: 4)
    entry.append(group?.tree ?? 0, bytes: 8)
    entry.append(group?.heap ?? 0, bytes: 8)
    return entry.bytes
  }

  /// Symbol table nodes and the tree above them. A key between two children is the last name of the left one.
  private mutating func addTree(_ entries: [(name: Int, place: Place)]) -> Int {
    var level: [(address: Int, last: Int)] = []
    for first in stride(from: 0, to: entries.count, by: HDF5Writer.leafSize) {
      let part = entries[first..<min(entries.count, first + HDF5Writer.leafSize)]
      var node = LittleEndian()
      node.append("SNOD")
      node.append(1, bytes: 2)
      node.append(part.count, bytes: 2)
      for (name, place) in part { node.append(entry(nameOffset: name, place.header, place.group)) }
      node.append([UInt8](repeating: 0, count: 8 + HDF5Writer.leafSize * 40 - node.bytes.count))
      level.append((allocate(node.bytes), part.last?.name ?? 0))
    }
    var depth = 0
    repeat {
      var above: [(address: Int, last: Int)] = []
      var left = HDF5Writer.undefined
      for first in stride(from: 0, to: max(1, level.count), by: HDF5Writer.fanOut) {
        let part = level[first..<min(level.count, first + HDF5Writer.fanOut)]
        var node = LittleEndian()
        node.append("TREE")
        node.append(0, bytes: 1)
        node.append(depth, bytes: 1)
        node.append(part.count, bytes: 2)
        node.append(left, bytes: 8)
        node.append(HDF5Writer.undefined, bytes: 8)
        node.append(first == 0 ? 0 : level[first - 1].last, bytes: 8)
        for (address, last) in part {
          node.append(address, bytes: 8)
          node.append(last, bytes: 8)
        }
        let size = 24 + HDF5Writer.fanOut * 16 + 8
        node.append([UInt8](repeating: 0, count: size - node.bytes.count))
        let address = allocate(node.bytes)
        if left >= 0 { store(address, at: left + 16) }
        left = address
        above.append((address, part.last?.last ?? 0))
      }
      level = above
      depth += 1
    } while level.count > 1
    return level[0].address
  }

  // MARK: Object headers

  private mutating func addHeader(_ messages: [(type: Int, data: [UInt8])]) -> (address: Int, messages: [Int]) {
    var body = LittleEndian()
    var starts: [Int] = []
    for (type, data) in messages {
      body.append(type, bytes: 2)
      body.append((data.count + 7) & ~7, bytes: 2)
      body.append(0, bytes: 4)
      starts.append(body.bytes.count)
      body.append(data)
      body.pad(to: 8)
    }
    var header = LittleEndian()
    header.append(1, bytes: 2)
    header.append(messages.count, bytes: 2)
    header.append(1, bytes: 4)
    header.append(body.bytes.count, bytes: 4)
    header.append(0, bytes: 4)
    header.append(body.bytes)
    let address = allocate(header.bytes)
    return (address, starts.map { address + 16 + $0 })
  }

  private mutating func add(_ tensor: StoredTensor) throws(NNError) -> Int {
    var layout = LittleEndian()
    layout.append([3, 1])
    let patch = layout.bytes.count
    layout.append(0, bytes: 8)
    layout.append(tensor.byteCount, bytes: 8)
    let header = addHeader([
      (0x01, HDF5Writer.dataspace(tensor.shape.dimensions)), (0x03, try HDF5Writer.datatype(tensor.type)),
      (0x05, [2, 2, 2, 1, 0, 0, 0, 0]), (0x08, layout.bytes),
    ])
    datasets.append((header.messages[3] + patch, tensor))
    return header.address
  }

  private static func dataspace(_ dimensions: [Int]) -> [UInt8] {
    var space = LittleEndian()
    space.append([1, UInt8(dimensions.count), dimensions.isEmpty ? 0 : 1, 0, 0, 0, 0, 0])
    for _ in dimensions.isEmpty ? 0..<0 : 0..<2 { for d in dimensions { space.append(d, bytes: 8) } }
    return space.bytes
  }

  private static func datatype(_ type: ElementType) throws(NNError) -> [UInt8] {
    switch type {
    case .float32: [0x11, 0x20, 0x1F, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0]
    case .float64: [0x11, 0x20, 0x3F, 0, 8, 0, 0, 0, 0, 0, 64, 0, 52, 11, 0, 52, 0xFF, 3, 0, 0]
    case .int64: [0x10, 8, 0, 0, 8, 0, 0, 0, 0, 0, 64, 0]
    case .int32: [0x10, 8, 0, 0, 4, 0, 0, 0, 0, 0, 32, 0]
    case .uint8: [0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0]
    default: throw NNError(.notSupported, "HDF5 files are not written with elements of type \(type)")
    }
  }

  // MARK: Attributes

  /// A message, and where in it the heap's address belongs, if the text is there.
  private mutating func attribute(
    _ name: String, _ value: HDF5Attribute
  ) throws(NNError) -> (message: [UInt8], reference: Int?) {
    var (type, space): ([UInt8], [UInt8])
    var data = LittleEndian()
    var heapOffset: Int?
    switch value {
    case .text(let text):
      type = [0x19, 1, 0, 0, 16, 0, 0, 0, 0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0]
      space = HDF5Writer.dataspace([])
      let bytes = Array(text.utf8)
      texts.append(bytes)
      data.append(bytes.count, bytes: 4)
      heapOffset = data.bytes.count
      data.append(0, bytes: 8)
      data.append(texts.count, bytes: 4)
    case .texts(let list):
      let width = max(1, list.map(\.utf8.count).max() ?? 1)
      type = [0x13, 1, 0, 0] + LittleEndian.of(width, bytes: 4)
      space = HDF5Writer.dataspace([list.count])
      for text in list {
        let bytes = Array(text.utf8)
        data.append(bytes + [UInt8](repeating: 0, count: width - bytes.count))
      }
    case .noTexts:
      type = try HDF5Writer.datatype(.float64)
      space = HDF5Writer.dataspace([0])
    }
    var message = LittleEndian()
    message.append(1, bytes: 2)
    message.append(name.utf8.count + 1, bytes: 2)
    message.append(type.count, bytes: 2)
    message.append(space.count, bytes: 2)
    for part in [Array(name.utf8) + [0], type, space] {
      message.append(part)
      message.pad(to: 8)
    }
    let reference = heapOffset.map { message.bytes.count + $0 }
    message.append(data.bytes)
    guard message.bytes.count < 65000 else {
      throw NNError(.notSupported, "the attribute '\(name)' is too long for an HDF5 file")
    }
    return (message.bytes, reference)
  }

  /// One collection with all texts. An index has two bytes.
  private mutating func addHeap() throws(NNError) -> Int {
    guard texts.count < 65000 else { throw NNError(.notSupported, "too many texts for an HDF5 file") }
    var heap = LittleEndian()
    heap.append("GCOL")
    heap.append(1, bytes: 4)
    heap.append(0, bytes: 8)
    for (i, text) in texts.enumerated() {
      heap.append(i + 1, bytes: 2)
      heap.append(0, bytes: 6)
      heap.append(text.count, bytes: 8)
      heap.append(text)
      heap.pad(to: 8)
    }
    let size = max(4096, (heap.bytes.count + 16 + 7) & ~7)
    let free = size - heap.bytes.count
    heap.append(0, bytes: 8)
    heap.append(free, bytes: 8)
    heap.append([UInt8](repeating: 0, count: size - heap.bytes.count))
    let address = allocate(heap.bytes)
    structures.replaceSubrange(address + 8..<address + 16, with: LittleEndian.of(size, bytes: 8))
    return address
  }
}
