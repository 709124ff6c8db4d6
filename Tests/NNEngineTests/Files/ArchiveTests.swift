import Glibc
import Testing

@testable import NNEngine

/// Archives are unpacked while they are read; nothing is believed before the checksum at the end.
@Suite("Archives")
struct ArchiveTests {
  /// A kernel of 300,000 bytes: more than what a reader of structures looks at, and more than a piece.
  private static func model() throws -> Model {
    try Model(name: "m", layers: [Make.dense(250, "linear", "wide", input: 300), Make.dense(2, "linear", "last")])
  }

  private static func archive(_ entries: [(String, [UInt8])]) throws -> [UInt8] {
    var zip = ZipWriter()
    for (name, bytes) in entries { try zip.add(name, bytes) }
    let sink = MemorySink()
    try zip.write(to: sink)
    return sink.bytes
  }

  @Test("pieces, going back, and parts of an entry")
  func pieces() throws {
    let bytes = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
    let archive = try Self.archive([("a", bytes), ("empty", []), ("b", [1, 2, 3])])
    let zip = try ZipReader(ByteSource(archive))
    #expect(zip.names == ["a", "empty", "b"])
    let entry = try zip.entry("a")
    #expect(entry.count == bytes.count && !entry.isInMemory)
    #expect(try entry.bytes(at: 500_000, count: 100_000) == Array(bytes[500_000..<600_000]))
    #expect(try entry.bytes(at: 3, count: 40_000) == Array(bytes[3..<40_003]))
    #expect(try entry.bytes(at: 0, count: bytes.count) == bytes)
    #expect(try entry.bytes(at: 699_999, count: 1) == [bytes[699_999]])
    #expect(try entry.inMemory().bytes(at: 0, count: bytes.count) == bytes)
    #expect(try zip.entry("empty").bytes(at: 0, count: 0).isEmpty)
    #expect(try zip.entry("b").bytes(at: 1, count: 2) == [2, 3])
    #expect(throws: NNError.self) { try entry.bytes(at: 699_999, count: 2) }
  }

  /// The places are those of the model's numbers: what stands around them has errors of its own.
  @Test("a changed byte anywhere in the weights is an error, and no weight has changed", arguments: ["npz", "keras"])
  func damage(_ format: String) throws {
    let model = try Self.model()
    var bytes = try model.serialized(format: format)
    let other = try Self.model()
    let before = try other.getWeights()
    let last = try #require(
      bytes.withUnsafeBytes { bytes in
        let kernel = try model.getWeights()[0]
        return (0..<bytes.count - 300_000).first { memcmp(bytes.baseAddress! + $0, kernel.bytes, 300_000) == 0 }
      })
    for place in [last, last + 150_001, last + 299_999] {
      bytes[place] ^= 0x10
      let box = SavingTests.Bytes(bytes)
      let error = #expect(throws: NNError.self) {
        try other.loadWeights(bytes: UnsafeRawBufferPointer(box.buffer))
      }
      #expect(error?.code == .format && error?.message.contains("cannot be unpacked") == true)
      for (a, b) in zip(before, try other.getWeights()) { #expect(haveSameBits(a.values, b.values)) }
      bytes[place] ^= 0x10
    }
    let box = SavingTests.Bytes(bytes)
    try other.loadWeights(bytes: UnsafeRawBufferPointer(box.buffer))
    for (a, b) in zip(try model.getWeights(), try other.getWeights()) { #expect(haveSameBits(a.values, b.values)) }
  }

  @Test("bytes behind an array, which no checksum would see, are an error")
  func behind() throws {
    let tensor = StoredTensor("a", try Tensor([1, 2, 3] as [Float]))
    let array = try NPY.header(tensor) + tensor.withBytes { Array($0) }
    let exact = try ByteSource(Self.archive([("a.npy", array)]))
    #expect(try NamedTensors.readNPZ(ZipReader(exact), exact).tensors[0].tensor().values == [1, 2, 3])
    let long = try ByteSource(Self.archive([("a.npy", array + [0])]))
    #expect(throws: NNError.self) { try NamedTensors.readNPZ(ZipReader(long), long) }
  }
}
