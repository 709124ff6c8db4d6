import Testing

@testable import NNEngine

@Suite("Zip's checksum")
struct ChecksumTests {
  private static func sum(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { Checksum.crc32($0) } }

  /// The check value of every list of CRCs.
  @Test("of 123456789")
  func known() {
    #expect(Self.sum(Array("123456789".utf8)) == 0xCBF4_3926)
    #expect(Self.sum([]) == 0)
  }

  /// The definition, bit by bit: what several threads add up is what one would get.
  @Test("of more than one piece")
  func pieces() {
    let table: [UInt32] = (0..<256).map { n in
      (0..<8).reduce(UInt32(n)) { sum, _ in sum & 1 == 1 ? 0xEDB8_8320 ^ sum >> 1 : sum >> 1 }
    }
    let bytes = (0..<(9 << 20) + 5).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
    let expected = ~bytes.reduce(UInt32.max) { sum, byte in table[Int((sum ^ UInt32(byte)) & 0xFF)] ^ sum >> 8 }
    #expect(Self.sum(bytes) == expected)
  }
}
