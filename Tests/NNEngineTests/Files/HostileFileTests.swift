import Testing

@testable import NNEngine

/// Files that are cut off, mutated or random end in an error or in a valid model: no crash, no hang, no memory beyond what their size explains.
@Suite("Hostile files", .serialized)
struct HostileFileTests {
  static let formats = ["h5", "keras", "safetensors", "npz", "weights.h5"]

  /// A small trained model's bytes.
  static func bytes(_ format: String) throws -> [UInt8] {
    let model = try SavingTests.model(Optimizer.make("Adam"))
    let (x, y) = try Make.samples(16)
    try model.fit(x: x, y: y, Make.options(#"{"verbose": 0}"#))
    return format == "weights.h5" ? try model.serializedWeights(format: format) : try model.serialized(format: format)
  }

  /// Loads, as a whole model and as weights; what comes out must be usable.
  static func open(_ bytes: [UInt8], _ target: Model) -> Bool {
    let box = SavingTests.Bytes(bytes)
    let buffer = UnsafeRawBufferPointer(box.buffer)
    var loaded = false
    do {
      let model = try Model.load(bytes: buffer)
      #expect(model.parameterCount < 1_000_000)
      if let shape = model.inputShape, shape.count < 10000 { _ = try model.predict(x: Tensor(zeros: shape.batch(2))) }
      loaded = true
    } catch {}
    do { try target.loadWeights(bytes: buffer) } catch {}
    do { try target.loadWeights(bytes: buffer, byName: true, skipMismatch: true) } catch {}
    return loaded
  }

  @Test("cut off at each place", arguments: formats)
  func truncated(_ format: String) throws {
    let bytes = try Self.bytes(format)
    let target = try SavingTests.model(Optimizer.make("Adam"))
    for count in stride(from: 0, to: bytes.count, by: max(64, bytes.count / 200)) {
      #expect(!Self.open(Array(bytes[..<count]), target), "\(count) of \(bytes.count) bytes")
    }
  }

  @Test("bits flipped, bytes replaced, pieces moved", arguments: formats)
  func mutated(_ format: String) throws {
    let bytes = try Self.bytes(format)
    let target = try SavingTests.model(Optimizer.make("Adam"))
    var random = RandomStream(seed: 11, stream: 0)
    for round in 0..<500 {
      random.step = UInt32(round)
      var mutant = bytes
      let changes = 1 + random.integer(0, below: 4)
      for change in 0..<changes {
        // Half of them in the first four kilobytes, where structures are dense.
        let range = change % 2 == 0 ? min(4096, mutant.count) : mutant.count
        let at = random.integer(10 * change + 1, below: range)
        switch random.integer(10 * change + 2, below: 4) {
        case 0: mutant[at] ^= 1 << UInt8(random.integer(10 * change + 3, below: 8))
        case 1: mutant[at] = [0, 1, 0x7F, 0x80, 0xFF][random.integer(10 * change + 3, below: 5)]
        case 2:
          let from = random.integer(10 * change + 3, below: mutant.count)
          for i in 0..<min(8, mutant.count - max(at, from)) { mutant[at + i] = mutant[from + i] }
        default: for i in 0..<min(8, mutant.count - at) { mutant[at + i] = 0xFF }
        }
      }
      _ = Self.open(mutant, target)
    }
  }

  @Test("random bytes behind each format's beginning", arguments: formats)
  func random(_ format: String) throws {
    let bytes = try Self.bytes(format)
    let target = try SavingTests.model(Optimizer.make("Adam"))
    var random = RandomStream(seed: 12, stream: 0)
    for round in 0..<100 {
      random.step = UInt32(round)
      let start = [0, 4, 8, 24, 96, 200][round % 6]
      let noise = (0..<(200 + random.integer(0, below: 3000))).map { UInt8(truncatingIfNeeded: random.bits($0 + 1)) }
      #expect(!Self.open(Array(bytes[..<start]) + noise, target))
    }
  }

  /// Found by libFuzzer: libhdf5 steps through a heap of texts by its entries' sizes, and for ever over one of size 0.
  @Test("a heap of texts whose free space has no size", arguments: [0, 8, 17])
  func heap(_ size: Int) throws {
    var bytes = try Self.bytes("h5")
    let start = try #require(bytes.indices.dropLast(4).first { Array(bytes[$0..<$0 + 4]) == Array("GCOL".utf8) })
    func number(_ at: Int, _ count: Int) -> Int { (0..<count).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) } }
    var at = start + 16
    while number(at, 2) != 0 { at += 16 + (number(at + 8, 8) + 7) & ~7 }
    bytes.replaceSubrange(at + 8..<at + 16, with: LittleEndian.of(size, bytes: 8))
    #expect(Evaluate.message { _ = try SavingTests.load(bytes) }.contains("a heap's free space is wrong"))
  }

  static func safetensors(_ header: String, _ data: Int = 0) -> [UInt8] {
    LittleEndian.of(header.utf8.count, bytes: 8) + Array(header.utf8) + [UInt8](repeating: 0, count: data)
  }

  @Test(
    "safetensors: what its specification forbids",
    arguments: [
      (
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
        8, "twice"
      ),
      (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, "does not fit"),
      (
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}"#,
        6, "overlap"
      ),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "hole"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 8, "belong to no tensor"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 8, "wrong entry"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#, 8, "wrong entry"),
      (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}"#, 4, "too large"),
      (#"{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}"#, 4, "wrong entry"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#, 4, "not a JSON text"), ("[]", 0, "not a safetensors"),
    ])
  func safetensors(_ header: String, _ data: Int, _ expected: String) throws {
    let message = Evaluate.message { _ = try Safetensors.read(ByteSource(Self.safetensors(header, data))) }
    #expect(message.contains(expected), "\(message)")
  }

  @Test("a header that is longer than the file, or than any header")
  func lengths() throws {
    for size in [100, 200_000_000, Int.max] {
      let bytes = LittleEndian.of(size, bytes: 8) + Array("{}".utf8)
      #expect(throws: NNError.self) { try Safetensors.read(ByteSource(bytes)) }
    }
  }

  @Test("JSON: depth, duplicate names, nonsense")
  func json() {
    func message(_ text: String) -> String {
      Evaluate.message { _ = try JSONReader.parse(Array(text.utf8), "x") }
    }
    #expect(message(String(repeating: "[", count: 100_000)).contains("too deep"))
    #expect(message(#"{"a": 1, "a": 2}"#).contains("twice"))
    for text in ["", "{", "[1,", #"{"a"}"#, #""\ud800""#, "01x", "nul", "[1 2]", "\"\u{1}\"", "1 1", "--"] {
      #expect(message(text).contains("not a JSON text"), "\(text)")
    }
    #expect(message(#"[1, -2.5e3, NaN, -Infinity, "\u00e4\ud83d\ude00\n", {"a": null}, true]"#) == "no error")
  }

  @Test(
    "npy: headers that lie",
    arguments: [
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }", 4, "does not fit"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }", 4, "shape"),
      ("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 8, "not read"),
      ("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1), }", 4, "Fortran"),
      ("{'descr': '<f4', 'shape': (1,), }", 4, "cannot be read"), ("", 0, "cannot be read"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", 4, "cannot be read"),
    ])
  func npy(_ header: String, _ data: Int, _ expected: String) throws {
    let bytes =
      [0x93] + Array("NUMPY".utf8) + [1, 0] + LittleEndian.of(header.utf8.count, bytes: 2) + Array(header.utf8)
    let message = Evaluate.message {
      _ = try NPY.read(ByteSource(bytes + [UInt8](repeating: 0, count: data)), name: "a")
    }
    #expect(message.contains(expected), "\(message)")
  }

  @Test("numbers of every type are read as NumPy writes them")
  func types() throws {
    func read(_ descr: String, _ data: [UInt8], _ count: Int) throws -> [Float] {
      let header = "{'descr': '\(descr)', 'fortran_order': False, 'shape': (\(count),), }\n"
      let bytes =
        [0x93] + Array("NUMPY".utf8) + [1, 0] + LittleEndian.of(header.utf8.count, bytes: 2) + Array(header.utf8) + data
      return try NPY.read(ByteSource(bytes), name: "a").tensor().values
    }
    #expect(try read("<f4", [0, 0, 0xC0, 0x3F], 1) == [1.5])
    #expect(try read(">f4", [0x3F, 0xC0, 0, 0], 1) == [1.5])
    #expect(try read("<f8", [0, 0, 0, 0, 0, 0, 0xF8, 0x3F], 1) == [1.5])
    #expect(try read("<f2", [0, 0x3E, 1, 0, 0, 0xFC], 3) == [1.5, 0x1p-24, -.infinity])
    #expect(try read("<i8", [0xFE, 255, 255, 255, 255, 255, 255, 255], 1) == [-2])
    #expect(try read("|i1", [0xFF], 1) == [-1])
    #expect(try read("|u1", [0xFF], 1) == [255])
    #expect(try read("|b1", [1, 0], 2) == [1, 0])
  }
}

@Suite("Atomic files")
struct AtomicFileTests {
  @Test("a file is there whole or not at all, and nothing else is left")
  func replaces() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.bin"
    let first = try AtomicFile(path)
    try first.write("one")
    #expect(try folder.names().count == 1)
    #expect(throws: (any Error).self) { try folder.read(path) }
    try first.commit()
    #expect(try folder.read(path) == Array("one".utf8))
    do {
      let second = try AtomicFile(path)
      try second.write([UInt8](repeating: 7, count: 1 << 20))
      try second.overwrite(at: 2, [1, 2])
    }
    // Given up: the old file stays.
    #expect(try folder.read(path) == Array("one".utf8))
    #expect(try folder.names() == ["a.bin"])
    let third = try AtomicFile(path)
    try third.write("three")
    try third.overwrite(at: 0, Array("T".utf8))
    try third.commit()
    #expect(try folder.read(path) == Array("Three".utf8))
  }

  @Test("what cannot be written says why, and leaves nothing")
  func failures() throws {
    let folder = try TemporaryFolder()
    let model = try Make.classifier()
    #expect(Evaluate.message { try model.save(folder.path + "/none/m.h5") }.contains("folder does not exist"))
    #expect(Evaluate.message { try model.save("/proc/m.h5") }.contains("could not be written"))
    #expect(Evaluate.message { try model.save("") }.contains("does not say which format"))
    #expect(Evaluate.message { try model.save("a\0b.h5") }.contains("zero byte"))
    // No room: /dev/full is no file, so a limit on files' sizes stands for a full disk in Tests/checks/files.sh.
    #expect(Evaluate.message { try model.save("/dev/full.h5/m.h5") }.contains("could not be written"))
    #expect(try folder.names().isEmpty)
  }
}
