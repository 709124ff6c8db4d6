/// Where HDF5 since 1.8 keeps the links of large groups and the attributes of objects with many: a heap whose blocks double in size, and a tree that
/// says where in it each is. The same kind of check as that of the oldest files: bounds and counts.
extension HDF5Validation {
  /// A heap's blocks, by the place that they have in it.
  struct Heap {
    fileprivate(set) var blocks: [(first: Int, size: Int, address: Int)] = []
    /// Bytes of a place, and of a length, in an object's number.
    fileprivate let placeBytes: Int
    fileprivate let lengthBytes: Int
    fileprivate let header: Int
    fileprivate let hasBlockChecksums: Bool
  }

  /// What a tree's records are of.
  enum TreeKind: Int {
    /// Hash, place in the heap.
    case links = 5
    /// Place in the heap, flags, number, hash.
    case attributes = 8
  }

  /// Passes every object of a heap that the tree knows to `body`.
  mutating func dense(
    heap: Int, tree: Int, _ kind: TreeKind,
    _ body: (inout HDF5Validation, _ object: [UInt8]) throws(NNError) -> Void
  ) throws(NNError) {
    let heap = try self.heap(at: heap)
    for number in try records(of: tree, kind) { try body(&self, object(number, in: heap)) }
  }

  // MARK: The heap

  private mutating func heap(at address: Int) throws(NNError) -> Heap {
    try spend()
    try inside(address, 146, "a heap")
    guard try isThere(address, "FRHP"), try integer(address + 4, 1) == 0 else { throw damaged("a heap is missing") }
    guard try integer(address + 7, 2) == 0 else { throw unsupported("packed links") }
    // Objects too large for a block have a tree of their own.
    guard try integer(address + 86, 8) == 0 else { throw unsupported("links or attributes of unusual size") }
    let (width, start) = (try integer(address + 110, 2), try integer(address + 112, 8))
    let (largest, bits) = (try integer(address + 120, 8), try integer(address + 128, 2))
    let rows = try integer(address + 140, 2)
    func isPowerOf2(_ n: Int) -> Bool { n > 0 && n & (n - 1) == 0 }
    guard isPowerOf2(width), isPowerOf2(start), isPowerOf2(largest), width <= 1024, start >= 64, start <= largest,
      largest <= 1 << 30, (8...48).contains(bits), 1 << bits >= largest, rows <= bits,
      start.trailingZeroBitCount + rows <= bits + 1
    else { throw damaged("a heap has wrong numbers") }
    let object = try integer(address + 10, 4)
    guard object > 0, object <= largest else { throw damaged("a heap has wrong numbers") }
    let log = largest.trailingZeroBitCount
    var heap = Heap(
      placeBytes: (bits + 7) / 8,
      lengthBytes: min((log + 7) / 8, (Int.bitWidth - 1 - object.leadingZeroBitCount) / 8 + 1),
      header: address, hasBlockChecksums: try integer(address + 9, 1) & 2 != 0)
    guard try integer(address + 5, 2) >= 1 + heap.placeBytes + heap.lengthBytes else {
      throw damaged("a heap has wrong numbers")
    }
    guard let root = try place(at: address + 132) else { return heap }
    let table = DoublingTable(width: width, start: start, largest: largest)
    if rows == 0 {
      try block(root, start, at: 0, &heap)
    } else {
      try blocks(root, rows, at: 0, table, &heap, depth: 0)
    }
    return heap
  }

  private struct DoublingTable {
    let width: Int
    let start: Int
    let largest: Int
    func size(_ row: Int) -> Int { row <= 1 ? start : start << (row - 1) }
    /// Rows of blocks that hold objects; those after them hold blocks.
    var directRows: Int { largest.trailingZeroBitCount - start.trailingZeroBitCount + 2 }
    func rowsInside(_ size: Int) -> Int { size.trailingZeroBitCount - (start * width).trailingZeroBitCount + 1 }
  }

  private mutating func block(_ address: Int, _ size: Int, at place: Int, _ heap: inout Heap) throws(NNError) {
    try spend()
    try inside(address, size, "a heap's block")
    guard try isThere(address, "FHDB"), try integer(address + 4, 1) == 0, try integer(address + 5, 8) == heap.header,
      try integer(address + 13, heap.placeBytes) == place
    else { throw damaged("a heap has a wrong block") }
    heap.blocks.append((place, size, address))
  }

  private mutating func blocks(
    _ address: Int, _ rows: Int, at place: Int, _ table: DoublingTable, _ heap: inout Heap, depth: Int
  ) throws(NNError) {
    try spend()
    let head = 13 + heap.placeBytes
    guard depth < 8, rows > 0, rows <= 64 else { throw damaged("a heap has wrong numbers") }
    try inside(address, head + 8 * rows * table.width + 4, "a heap's list of blocks")
    guard try isThere(address, "FHIB"), try integer(address + 4, 1) == 0, try integer(address + 5, 8) == heap.header,
      try integer(address + 13, heap.placeBytes) == place
    else { throw damaged("a heap has a wrong list of blocks") }
    var next = place
    for row in 0..<rows {
      let size = table.size(row)
      for column in 0..<table.width {
        if let child = try self.place(at: address + head + 8 * (row * table.width + column)) {
          if row < table.directRows {
            try block(child, size, at: next, &heap)
          } else {
            try blocks(child, table.rowsInside(size), at: next, table, &heap, depth: depth + 1)
          }
        }
        next += size
      }
    }
  }

  /// The bytes of an object, from its number: flags, place, length.
  private func object(_ number: [UInt8], in heap: Heap) throws(NNError) -> [UInt8] {
    // Small ones could be inside the number; links and attributes never are.
    guard number[0] == 0, number.count >= 1 + heap.placeBytes + heap.lengthBytes else {
      throw unsupported("links or attributes of unusual size")
    }
    let place = self.number(number, 1, heap.placeBytes)
    let length = self.number(number, 1 + heap.placeBytes, heap.lengthBytes)
    let head = 13 + heap.placeBytes + (heap.hasBlockChecksums ? 4 : 0)
    guard length > 0,
      let block = heap.blocks.first(where: { $0.first <= place && place - $0.first < $0.size }),
      place - block.first >= head, length <= block.size - (place - block.first)
    else { throw damaged("a heap has no such object") }
    return try source.bytes(at: block.address + place - block.first, count: length)
  }

  // MARK: The tree

  private mutating func records(of address: Int, _ kind: TreeKind) throws(NNError) -> [[UInt8]] {
    try spend()
    try inside(address, 38, "a tree")
    guard try isThere(address, "BTHD"), try integer(address + 4, 1) == 0, try integer(address + 5, 1) == kind.rawValue
    else { throw damaged("a tree is missing") }
    let (size, record) = (try integer(address + 6, 4), try integer(address + 10, 2))
    let depth = try integer(address + 12, 2)
    guard (64...1 << 20).contains(size), record >= (kind == .links ? 11 : 17), record < size / 2, depth <= 4 else {
      throw damaged("a tree has wrong numbers")
    }
    guard let root = try place(at: address + 16) else { return [] }
    let tree = Tree(kind: kind, node: size, record: record, depth: depth)
    var result: [[UInt8]] = []
    try node(root, try integer(address + 24, 2), level: depth, tree, &result)
    guard result.count == (try integer(address + 26, 8)) else { throw damaged("a tree has a wrong count") }
    return result
  }

  private struct Tree {
    let kind: TreeKind
    let node: Int
    let record: Int
    /// Bytes of a count of records in a node, and of a count of all records below a node of each level.
    let countBytes: Int
    private(set) var totalBytes: [Int] = [0]
    private(set) var most: [Int]

    init(kind: TreeKind, node: Int, record: Int, depth: Int) {
      (self.kind, self.node, self.record) = (kind, node, record)
      let leaf = (node - 10) / record
      func bytes(_ n: Int) -> Int { (Int.bitWidth - 1 - max(n, 1).leadingZeroBitCount) / 8 + 1 }
      countBytes = bytes(leaf)
      most = [leaf]
      var all = leaf
      for level in stride(from: 1, through: depth, by: 1) {
        let pointer = 8 + countBytes + totalBytes[level - 1]
        let count = max(0, (node - 10 - pointer) / (record + pointer))
        most.append(count)
        all = (count + 1) &* all &+ count
        totalBytes.append(bytes(all))
      }
    }

    func pointerBytes(_ level: Int) -> Int { 8 + countBytes + totalBytes[level - 1] }
  }

  private mutating func node(
    _ address: Int, _ count: Int, level: Int, _ tree: Tree, _ result: inout [[UInt8]]
  ) throws(NNError) {
    try spend()
    try inside(address, tree.node, "a tree's node")
    guard try isThere(address, level == 0 ? "BTLF" : "BTIN"), try integer(address + 4, 1) == 0,
      try integer(address + 5, 1) == tree.kind.rawValue, count <= tree.most[level]
    else { throw damaged("a tree has a wrong node") }
    for i in 0..<count {
      try spend()
      let record = try source.bytes(at: address + 6 + i * tree.record, count: tree.record)
      // Without the hash, and what else is beside the number.
      result.append(tree.kind == .links ? Array(record[4...]) : Array(record[..<8]))
    }
    guard level > 0 else { return }
    let (first, size) = (address + 6 + count * tree.record, tree.pointerBytes(level))
    for i in 0...count {
      let at = first + i * size
      try node(integer(at, 8), integer(at + 8, tree.countBytes), level: level - 1, tree, &result)
    }
  }
}
