import Glibc
import Testing

@testable import NNEngine

@Suite("IDX files")
struct IDXTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  static func header(_ type: UInt8, _ extents: [UInt32]) -> [UInt8] {
    [0, 0, type, UInt8(extents.count)]
      + extents.flatMap { e in (0..<4).map { UInt8(truncatingIfNeeded: e >> (24 - 8 * $0)) } }
  }

  /// 2 × 3 pictures of one byte each.
  static let small = header(8, [2, 3]) + [1, 2, 3, 4, 5, 255]

  func message(_ bytes: [UInt8]) throws -> String {
    let path = try folder.write("x.idx", bytes)
    let text = Evaluate.message { _ = try IDX.read(path) }
    #expect(text.contains("x.idx"), "the file is not named: \(text)")
    return text
  }

  @Test("plain and compressed")
  func small() throws {
    for path in [try folder.write("a", Self.small), try folder.writeGzip("b", Self.small)] {
      let tensor = try IDX.read(path)
      #expect(tensor.dtype == .uint8)
      #expect(tensor.shape.dimensions == [2, 3])
      #expect(tensor.values == [1, 2, 3, 4, 5, 255])
    }
  }

  @Test("int32 and float32 are big-endian")
  func words() throws {
    let integers = Self.header(12, [2]) + [0xff, 0xff, 0xff, 0xfe, 0, 0, 1, 2]
    #expect(try IDX.read(folder.write("i", integers)).values == [-2, 258])
    #expect(try IDX.read(folder.write("i", integers)).dtype == .int32)
    let floats = Self.header(13, [1, 1]) + [0x3f, 0xc0, 0, 0]
    #expect(try IDX.read(folder.write("f", floats)).values == [1.5])
  }

  @Test("no elements")
  func empty() throws {
    #expect(try IDX.read(folder.write("e", Self.header(8, [0, 28]))).shape.dimensions == [0, 28])
  }

  @Test("more than the first buffer holds")
  func large() throws {
    let pattern = RandomStream(seed: 1, stream: 1).permutation(211).map { UInt8($0) }
    let bytes = [UInt8](repeatElement(pattern, count: 10_000).joined())
    let tensor = try IDX.read(folder.writeGzip("l", Self.header(8, [UInt32(bytes.count)]) + bytes))
    #expect(tensor.shape.dimensions == [2_110_000])
    #expect(memcmp(tensor.bytes, bytes, bytes.count) == 0)
  }

  @Test("cut anywhere: an error that names the file", arguments: 0..<18)
  func truncated(_ count: Int) throws {
    #expect(Self.small.count == 18)
    let text = try message(Array(Self.small.prefix(count)))
    #expect(text.contains("ends within the header") || text.contains("ends after \(count - 12) of 6 bytes of elements"))
  }

  @Test("a compressed file cut anywhere, or with a flipped bit anywhere")
  func damaged() throws {
    let whole = try folder.read(
      folder.writeGzip("whole.gz", Self.header(8, [4000]) + (0..<4000).map { UInt8($0 % 251) }))
    for count in stride(from: 0, to: whole.count, by: 3) {
      let path = try folder.write("cut.gz", Array(whole.prefix(count)))
      #expect(throws: NNError.self, "\(count) of \(whole.count) bytes") { try IDX.read(path) }
    }
    // Bytes 4 to 9 are a time, flags and the system, which mean nothing; 3 says which optional fields follow.
    for position in stride(from: 10, to: whole.count, by: 5) {
      var bytes = whole
      bytes[position] ^= 0x10
      let path = try folder.write("flipped.gz", bytes)
      #expect(throws: NNError.self, "byte \(position) of \(whole.count)") { try IDX.read(path) }
    }
  }

  @Test("too long")
  func long() throws { #expect(try message(Self.small + [0]).contains("is longer than its header says")) }

  @Test("headers that cannot be right")
  func headers() throws {
    #expect(try message(Array("hello, world".utf8)).contains("is not an IDX file"))
    #expect(try message([0, 0, 7, 1, 0, 0, 0, 0]).contains("unknown element type 7"))
    #expect(try message(Self.header(14, [1]) + [UInt8](repeating: 0, count: 8)).contains("elements of type 14"))
    #expect(try message([0, 0, 8, 0]).contains("has 0 axes"))
    #expect(try message(Self.header(8, [UInt32](repeating: 1, count: 9)) + [0]).contains("has 9 axes"))
    #expect(try message([0x1f, 0x8b, 0, 0]).contains("x.idx"))
  }

  /// Nothing may be allocated for what a header only claims: 2⁶⁴ bytes, 16 EB, and 4 GB, of files of a few bytes.
  @Test("huge claims")
  func huge() throws {
    #expect(try message(Self.header(8, [.max, .max, .max, .max]) + [1]).contains("is too large"))
    #expect(try message(Self.header(13, [.max, .max]) + [1]).contains("x.idx"))
    #expect(try message(Self.header(8, [.max]) + [1]).contains("ends after 1 of 4294967295 bytes"))
  }

  @Test("no file, a folder, a path with a zero byte")
  func paths() {
    let missing = folder.path + "/missing.gz"
    #expect { _ = try IDX.read(missing) } throws: { error in
      (error as? NNError)?.code == .notFound && "\(error)".contains("missing.gz' could not be opened: No such file")
    }
    #expect { _ = try IDX.read(folder.path) } throws: { ($0 as? NNError)?.code == .io }
    #expect(throws: NNError.self) { try IDX.read("a\0b") }
  }
}
