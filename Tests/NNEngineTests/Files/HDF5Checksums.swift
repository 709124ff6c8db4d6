@testable import NNEngine

/// The checksums of HDF5's later structures: what is mutated gets the right ones, so that it comes past the library's comparison.
struct HDF5Checksums {
  /// What each checksum is of; it stands behind it.
  let places: [Range<Int>]

  /// Finds the structures of a good file.
  init(_ bytes: [UInt8]) {
    func number(_ at: Int, _ count: Int) -> Int {
      (0..<count).reduce(0) { at + $1 < bytes.count ? $0 | Int(bytes[at + $1]) << (8 * $1) : $0 }
    }
    func isPlace(_ place: Range<Int>) -> Bool {
      place.upperBound + 4 <= bytes.count
        && number(place.upperBound, 4) == Int(HDF5Checksums.sum(bytes[place]))
    }
    var found = [0..<44]
    for at in 48..<bytes.count - 8 {
      let lengths: [Int]
      switch bytes[at..<at + 4] {
      case ArraySlice("OHDR".utf8):
        let flags = Int(bytes[at + 5])
        let head = 6 + (flags & 0x20 != 0 ? 16 : 0) + (flags & 0x10 != 0 ? 4 : 0)
        let size = 1 << (flags & 3)
        lengths = [head + size + number(at + head, size)]
      case ArraySlice("FRHP".utf8): lengths = [142]
      case ArraySlice("BTHD".utf8): lengths = [34]
      // As many records as there are: of links 11 bytes each, of attributes 17.
      case ArraySlice("BTLF".utf8): lengths = (1...45).flatMap { [6 + 11 * $0, 6 + 17 * $0] }
      case ArraySlice("OCHK".utf8): lengths = Array(4..<1024)
      default: continue
      }
      if let length = lengths.first(where: { isPlace(at..<at + $0) }) { found.append(at..<at + length) }
    }
    places = found.filter(isPlace)
  }

  /// Writes the right checksums.
  func repair(_ bytes: inout [UInt8]) {
    for place in places {
      let sum = HDF5Checksums.sum(bytes[place])
      for i in 0..<4 { bytes[place.upperBound + i] = UInt8(truncatingIfNeeded: sum >> UInt32(8 * i)) }
    }
  }

  /// Bob Jenkins's lookup3 of 2006, of bytes, beginning with 0: the checksum that HDF5's specification names.
  static func sum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    func rotate(_ x: UInt32, _ n: UInt32) -> UInt32 { x << n | x >> (32 - n) }
    let start = 0xDEAD_BEEF &+ UInt32(truncatingIfNeeded: bytes.count)
    var (a, b, c) = (start, start, start)
    var rest = bytes
    /// Twelve bytes, zeros behind the last.
    func add() {
      for (i, byte) in rest.prefix(12).enumerated() {
        let part = UInt32(byte) << UInt32(8 * (i % 4))
        switch i / 4 {
        case 0: a &+= part
        case 1: b &+= part
        default: c &+= part
        }
      }
    }
    while rest.count > 12 {
      add()
      a = (a &- c) ^ rotate(c, 4)
      c &+= b
      b = (b &- a) ^ rotate(a, 6)
      a &+= c
      c = (c &- b) ^ rotate(b, 8)
      b &+= a
      a = (a &- c) ^ rotate(c, 16)
      c &+= b
      b = (b &- a) ^ rotate(a, 19)
      a &+= c
      c = (c &- b) ^ rotate(b, 4)
      b &+= a
      rest = rest.dropFirst(12)
    }
    guard !rest.isEmpty else { return c }
    add()
    c = (c ^ b) &- rotate(b, 14)
    a = (a ^ c) &- rotate(c, 11)
    b = (b ^ a) &- rotate(a, 25)
    c = (c ^ b) &- rotate(b, 16)
    a = (a ^ c) &- rotate(c, 4)
    b = (b ^ a) &- rotate(a, 14)
    c = (c ^ b) &- rotate(b, 24)
    return c
  }
}
