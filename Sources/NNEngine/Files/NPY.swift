/// NumPy's format of one array.
enum NPY {
  private static let signature: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]

  static func isNPY(_ source: ByteSource) throws(NNError) -> Bool {
    guard source.count >= 6 else { return false }
    return try source.bytes(at: 0, count: 6) == signature
  }

  /// What stands before the elements: a Python dictionary, padded so that they begin at a multiple of 64 bytes.
  static func header(_ tensor: StoredTensor) throws(NNError) -> [UInt8] {
    let type =
      switch tensor.type {
      case .float32: "<f4"
      case .int32: "<i4"
      case .int64: "<i8"
      case .uint8: "|u1"
      case .bool: "|b1"
      default:
        throw NNError(.notSupported, "'\(tensor.name)': npy files are not written with elements of type \(tensor.type)")
      }
    let shape = tensor.shape.description
    var text = Array("{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }".utf8)
    while (10 + text.count + 1) % 64 != 0 { text.append(UInt8(ascii: " ")) }
    text.append(UInt8(ascii: "\n"))
    return signature + [1, 0] + LittleEndian.of(text.count, bytes: 2) + text
  }

  static func write(_ tensor: StoredTensor, to sink: any ByteSink) throws(NNError) {
    try sink.write(header(tensor))
    try tensor.write(to: sink)
  }

  static func read(_ source: ByteSource, name: String) throws(NNError) -> StoredTensor {
    guard try isNPY(source) else { throw source.error("is not an npy file") }
    let version = try source.integer(at: 6, bytes: 1)
    guard (1...3).contains(version) else { throw source.error("is an npy file of the unknown version \(version)") }
    let sizeBytes = version == 1 ? 2 : 4
    let size = try source.integer(at: 8, bytes: sizeBytes)
    guard size <= 1 << 16 else { throw source.error("has a header of \(size) bytes, which no array needs") }
    let start = 8 + sizeBytes
    var header = Header(try source.bytes(at: start, count: size))
    guard let fields = header.fields() else { throw source.error("is damaged: its header cannot be read") }
    guard !fields.isFortran || fields.shape.count <= 1 else {
      throw NNError(
        .notSupported, "\(source.name) holds an array in Fortran's order; write it with numpy.ascontiguousarray")
    }
    var descr = fields.descr
    let bigEndian = descr.first == ">"
    if let first = descr.first, "<>|=".contains(first) { descr.removeFirst() }
    let types: [String: ElementType] = [
      "f2": .float16, "f4": .float32, "f8": .float64, "i1": .int8, "i2": .int16, "i4": .int32, "i8": .int64,
      "u1": .uint8, "b1": .bool,
    ]
    guard let type = types[descr] else {
      throw NNError(
        .notSupported, "\(source.name) holds elements of type '\(fields.descr.prefix(20))', which are not read")
    }
    let shape: Shape
    do throws(NNError) { shape = try Shape(fields.shape) } catch {
      throw source.error("has a wrong shape: \(error.message)")
    }
    return try StoredTensor(name, shape, type, in: source, at: start + size, bigEndian: bigEndian)
  }

  /// Reads the dictionary: three names, whose values are a text, a truth value and a tuple of numbers.
  private struct Header {
    private let text: [UInt8]
    private var at = 0

    init(_ text: [UInt8]) { self.text = text }

    private mutating func skip() { while at < text.count, [0x20, 0x0A, 0x2C].contains(text[at]) { at += 1 } }

    private mutating func take(_ word: String) -> Bool {
      let word = Array(word.utf8)
      guard at + word.count <= text.count, Array(text[at..<at + word.count]) == word else { return false }
      at += word.count
      return true
    }

    private mutating func quoted() -> String? {
      guard at < text.count, text[at] == UInt8(ascii: "'") || text[at] == UInt8(ascii: "\"") else { return nil }
      let quote = text[at]
      guard let end = text[(at + 1)...].firstIndex(of: quote) else { return nil }
      defer { at = end + 1 }
      return String(validating: text[(at + 1)..<end], as: UTF8.self)
    }

    mutating func fields() -> (descr: String, isFortran: Bool, shape: [Int])? {
      var (descr, isFortran, shape): (String?, Bool?, [Int]?)
      skip()
      guard take("{") else { return nil }
      while true {
        skip()
        if take("}") { break }
        guard let name = quoted(), take(":") else { return nil }
        skip()
        switch name {
        case "descr" where descr == nil: descr = quoted()
        case "fortran_order" where isFortran == nil: isFortran = take("True") ? true : take("False") ? false : nil
        case "shape" where shape == nil: shape = tuple()
        default: return nil
        }
      }
      guard let descr, let isFortran, let shape else { return nil }
      return (descr, isFortran, shape)
    }

    private mutating func tuple() -> [Int]? {
      guard take("(") else { return nil }
      var result: [Int] = []
      while true {
        skip()
        if take(")") { return result }
        let first = at
        while at < text.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[at]) { at += 1 }
        guard at > first, result.count < 64, let n = Int(String(decoding: text[first..<at], as: UTF8.self)) else {
          return nil
        }
        // Old NumPys write 3L.
        _ = take("L")
        result.append(n)
      }
    }
  }
}
