/// HDF5's files since 1.8 (superblock 2 and 3, object headers 2), which h5py writes when it is asked to: libver="v108", "v110". They have checksums,
/// which the library compares; a file that somebody has made has the right ones, and is looked through here like the older ones.
extension HDF5Validation {
  /// A file with superblock 2 or 3.
  mutating func checkNewFile() throws(NNError) {
    guard source.count >= 48 else { throw source.error("is cut off") }
    guard try integer(9, 1) == 8, try integer(10, 1) == 8 else {
      throw unsupported("addresses that are not 8 bytes long")
    }
    guard try integer(12, 8) == 0 else { throw unsupported("a user block") }
    guard try place(at: 20) == nil else { throw unsupported("an extension of the superblock") }
    let end = try integer(28, 8)
    guard end <= source.count else {
      throw source.error("is cut off: it should have \(end) bytes, not \(source.count)")
    }
    try object(at: integer(36, 8), depth: 0)
  }

  /// The messages of an object header of version 2.
  mutating func messages(ofNew address: Int, _ object: inout Object) throws(NNError) {
    try inside(address, 12, "an object header")
    guard try integer(address + 4, 1) == 2 else { throw damaged("an object header has no known version") }
    let flags = try integer(address + 5, 1)
    var at = address + 6 + (flags & 0x20 != 0 ? 16 : 0) + (flags & 0x10 != 0 ? 4 : 0)
    let sizeBytes = 1 << (flags & 3)
    let size = try integer(at, sizeBytes)
    at += sizeBytes
    let head = 4 + (flags & 4 != 0 ? 2 : 0)
    // A checksum follows.
    try inside(at, size, "an object header")
    try inside(at, size + 4, "an object header")
    var blocks = [(start: at, size: size)]
    var next = 0
    while next < blocks.count {
      let (start, size) = blocks[next]
      next += 1
      var at = start
      // What is too short for a message is a gap.
      while at + head <= start + size {
        try spend()
        let first = try source.bytes(at: at, count: 4)
        let (type, length) = (Int(first[0]), number(first, 1, 2))
        guard at + head + length <= start + size else { throw damaged("a message leaves its header") }
        let data = try source.bytes(at: at + head, count: length)
        if type == 0x10 {
          guard length >= 16 else { throw damaged("a continuation is too short") }
          let (more, count) = (number(data, 0), number(data, 8))
          try inside(more, count, "an object header")
          guard count >= 8, try isThere(more, "OCHK") else {
            throw damaged("an object header's continuation is missing")
          }
          blocks.append((more + 4, count - 8))
        } else {
          try message(type, isShared: first[3] & 2 != 0, data, &object)
        }
        at += head + length
      }
    }
  }

  /// Where a link leads: an object's header. Links by name are refused.
  func link(_ data: [UInt8]) throws(NNError) -> Int {
    guard data.count >= 4, data[0] == 1 else { throw damaged("a link is of an unknown kind") }
    let flags = Int(data[1])
    // The library frees what it has not made when it meets an unknown flag.
    guard flags & ~0x1F == 0 else { throw damaged("a link is of an unknown kind") }
    if flags & 8 != 0, data[2] != 0 { throw unsupported("links by name") }
    let at = 2 + (flags & 8 != 0 ? 1 : 0) + (flags & 4 != 0 ? 8 : 0) + (flags & 16 != 0 ? 1 : 0)
    let lengthBytes = 1 << (flags & 3)
    let length = number(data, at, lengthBytes)
    let name = at + lengthBytes
    guard length > 0, length <= 4096, name + length + 8 <= data.count else { throw damaged("a link is too short") }
    guard !data[name..<name + length].contains(where: { $0 == 0 || $0 == UInt8(ascii: "/") }) else {
      throw damaged("a name has a zero byte or a slash in it")
    }
    return number(data, name + length)
  }

  /// Follows the links of a large group.
  mutating func denseLinks(_ info: [UInt8], depth: Int) throws(NNError) {
    guard info.count >= 18, info[0] == 0 else { throw damaged("a group is of an unknown kind") }
    let at = info[1] & 1 != 0 ? 10 : 2
    guard let (heap, tree) = try pair(info, at) else { return }
    try dense(heap: heap, tree: tree, .links) { (validation, object) throws(NNError) in
      try validation.object(at: validation.link(object), depth: depth + 1)
    }
  }

  /// A heap and its tree: both, or none.
  private func pair(_ info: [UInt8], _ at: Int) throws(NNError) -> (heap: Int, tree: Int)? {
    guard let heap = try place(info, at) else {
      guard try place(info, at + 8) == nil else { throw damaged("a tree is without its heap") }
      return nil
    }
    guard let tree = try place(info, at + 8) else { throw damaged("a heap is without its tree") }
    return (heap, tree)
  }

  /// Looks at the attributes of an object with many.
  mutating func denseAttributes(_ info: [UInt8]) throws(NNError) {
    guard info.count >= 18, info[0] == 0 else { throw damaged("attributes are of an unknown kind") }
    let at = info[1] & 1 != 0 ? 4 : 2
    guard let (heap, tree) = try pair(info, at) else { return }
    try dense(heap: heap, tree: tree, .attributes) { (validation, object) throws(NNError) in
      try validation.attribute(object)
    }
  }
}
