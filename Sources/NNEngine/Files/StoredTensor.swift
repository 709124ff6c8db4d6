/// How a file stores a tensor's elements.
enum ElementType: Hashable {
  case float16, bfloat16, float32, float64, int8, int16, int32, int64, uint8, bool

  var byteCount: Int {
    switch self {
    case .int8, .uint8, .bool: 1
    case .float16, .bfloat16, .int16: 2
    case .float32, .int32: 4
    case .float64, .int64: 8
    }
  }

  init(_ dtype: DType) {
    self =
      switch dtype {
      case .float32: .float32
      case .int32: .int32
      case .uint8: .uint8
      case .bool: .bool
      }
  }

  /// The type of a tensor in memory.
  var dtype: DType {
    switch self {
    case .float16, .bfloat16, .float32, .float64: .float32
    case .int8, .int16, .int32, .int64: .int32
    case .uint8: .uint8
    case .bool: .bool
    }
  }
}

/// A named tensor in a file, or on its way into one: where its elements are, not a copy of them. They are read when they are wanted, straight to
/// where they are wanted.
struct StoredTensor {
  private enum Content {
    case source(ByteSource, offset: Int, bigEndian: Bool)
    case memory(UnsafeRawPointer, owner: AnyObject?)
    /// Where a model is only asked for its names and shapes, the elements may not be there yet.
    case variable(Variable)
  }

  var name: String
  let shape: Shape
  let type: ElementType
  private let content: Content

  var byteCount: Int { shape.count * type.byteCount }

  /// In a file; that the file has so many bytes is checked here, so that nobody allocates what does not exist.
  init(
    _ name: String, _ shape: Shape, _ type: ElementType, in source: ByteSource, at offset: Int, bigEndian: Bool = false
  ) throws(NNError) {
    (self.name, self.shape, self.type) = (name, shape, type)
    content = .source(source, offset: offset, bigEndian: bigEndian)
    let (size, overflow) = shape.count.multipliedReportingOverflow(by: type.byteCount)
    guard !overflow, offset >= 0, offset <= source.count, size <= source.count - offset else {
      throw source.error("is damaged or cut off: '\(name)' of shape \(shape) does not fit into it")
    }
  }

  /// A variable's present elements, not copied.
  init(_ name: String, _ variable: Variable) {
    (self.name, shape, type) = (name, variable.shape, .float32)
    content = .variable(variable)
  }

  /// A tensor's elements, not copied.
  init(_ name: String, _ tensor: Tensor) {
    (self.name, shape, type) = (name, tensor.shape, ElementType(tensor.dtype))
    content = .memory(tensor.bytes, owner: tensor.storage)
  }

  /// Elements in memory of their own.
  init(_ name: String, _ shape: Shape, _ type: ElementType, _ storage: Storage) {
    (self.name, self.shape, self.type) = (name, shape, type)
    content = .memory(UnsafeRawPointer(storage.bytes), owner: storage)
  }

  /// One whole number.
  init(_ name: String, integer: Int) throws(NNError) {
    let storage = try Storage(byteCount: 8)
    storage.bytes.storeBytes(of: Int64(integer).littleEndian, as: Int64.self)
    (self.name, shape, type) = (name, .scalar, .int64)
    content = .memory(UnsafeRawPointer(storage.bytes), owner: storage)
  }

  /// The elements' bytes, for writers. Only of tensors in memory.
  func write(to sink: any ByteSink) throws(NNError) {
    try withBytes { (bytes) throws(NNError) in try sink.write(bytes) }
  }

  /// Works on the bytes in memory.
  func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws(NNError) -> R) throws(NNError) -> R {
    let (pointer, owner): (UnsafeRawPointer, AnyObject?)
    switch content {
    case .memory(let memory, let keeper): (pointer, owner) = (memory, keeper)
    case .variable(let variable): (pointer, owner) = (UnsafeRawPointer(variable.pointer), variable)
    case .source: throw NNError(.internal, "'\(name)' is in a file already")
    }
    defer { withExtendedLifetime(owner) {} }
    return try body(UnsafeRawBufferPointer(start: pointer, count: byteCount))
  }

  /// Reads the elements as floats.
  func read(into out: UnsafeMutablePointer<Float>) throws(NNError) {
    if type == .float32, !isBigEndian { return try copy(0..<byteCount, to: out) }
    try inPieces { (first, bytes, count) in
      for i in 0..<count { out[first + i] = Float(number(bytes, i)) }
    }
  }

  /// The elements as a tensor: floats of any width as float32, signed integers as int32.
  func tensor() throws(NNError) -> Tensor {
    let storage = try Storage(byteCount: shape.count * type.dtype.byteCount)
    switch type {
    case .float16, .bfloat16, .float32, .float64: try read(into: storage.floats)
    case .uint8, .bool:
      try copy(0..<byteCount, to: storage.bytes)
      let p = storage.bytes.assumingMemoryBound(to: UInt8.self)
      if type == .bool { for i in 0..<shape.count where p[i] > 1 { p[i] = 1 } }
    case .int8, .int16, .int32, .int64:
      let p = storage.bytes.assumingMemoryBound(to: Int32.self)
      var tooLarge: Int?
      try inPieces { (first, bytes, count) in
        for i in 0..<count {
          let value = Int(integer(bytes, i))
          if value != Int(Int32(truncatingIfNeeded: value)) { tooLarge = tooLarge ?? value }
          p[first + i] = Int32(truncatingIfNeeded: value)
        }
      }
      if let tooLarge { throw NNError(.notSupported, "'\(name)' holds \(tooLarge), which is too large for int32") }
    }
    return Tensor(shape: shape, dtype: type.dtype, storage: storage)
  }

  /// The number in a tensor of one integer.
  func integer() throws(NNError) -> Int {
    guard shape.count == 1, type.dtype == .int32 || type == .uint8 else {
      throw NNError(.format, "'\(name)' must be one whole number, its shape is \(shape)")
    }
    var result = 0
    try inPieces { (_, bytes, _) in result = Int(integer(bytes, 0)) }
    return result
  }

  /// Whether it is the end of what it is in: whoever has read it has come to the end.
  var endsItsSource: Bool {
    if case .source(let source, let offset, _) = content { offset + byteCount == source.count } else { false }
  }

  /// Whether reading it cannot fail.
  var isInMemory: Bool {
    switch content {
    case .memory, .variable: true
    case .source(let source, _, _): source.isInMemory
    }
  }

  private var isBigEndian: Bool { if case .source(_, _, true) = content { true } else { false } }

  private func copy(_ range: Range<Int>, to out: UnsafeMutableRawPointer) throws(NNError) {
    switch content {
    case .memory, .variable:
      try withBytes { (bytes) throws(NNError) in
        UnsafeMutableRawBufferPointer(start: out, count: range.count).copyMemory(from: .init(rebasing: bytes[range]))
      }
    case .source(let source, let offset, _):
      try source.read(at: offset + range.lowerBound, count: range.count, into: out)
    }
  }

  /// Some thousand elements at a time, so that a conversion needs no second copy.
  private func inPieces(_ body: (_ first: Int, UnsafePointer<UInt8>, _ count: Int) -> Void) throws(NNError) {
    let size = 1 << 14
    var buffer = [UInt8](repeating: 0, count: min(shape.count, size) * type.byteCount)
    var first = 0
    while first < shape.count {
      let count = min(size, shape.count - first)
      try buffer.withUnsafeMutableBufferPointer { (p) throws(NNError) in
        guard let base = p.baseAddress else { return }
        try copy(first * type.byteCount..<(first + count) * type.byteCount, to: base)
        body(first, UnsafePointer(base), count)
      }
      first += count
    }
  }

  private func bits(_ bytes: UnsafePointer<UInt8>, _ i: Int) -> UInt64 {
    let size = type.byteCount
    var bits: UInt64 = 0
    for k in 0..<size {
      bits |= UInt64(bytes[i * size + (isBigEndian ? size - 1 - k : k)]) << UInt64(8 * k)
    }
    return bits
  }

  private func integer(_ bytes: UnsafePointer<UInt8>, _ i: Int) -> Int64 {
    let bits = bits(bytes, i)
    switch type {
    case .int8: return Int64(Int8(truncatingIfNeeded: bits))
    case .int16: return Int64(Int16(truncatingIfNeeded: bits))
    case .int32: return Int64(Int32(truncatingIfNeeded: bits))
    default: return Int64(bitPattern: bits)
    }
  }

  private func number(_ bytes: UnsafePointer<UInt8>, _ i: Int) -> Double {
    switch type {
    case .float32: return Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits(bytes, i))))
    case .float64: return Double(bitPattern: bits(bytes, i))
    case .bfloat16: return Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits(bytes, i)) << 16))
    case .float16:
      let b = bits(bytes, i)
      let (exponent, fraction) = (Int(b >> 10 & 31), Double(b & 1023) / 1024)
      let magnitude =
        switch exponent {
        case 0: fraction * 0x1p-14
        case 31: fraction == 0 ? Double.infinity : Double.nan
        default: Double(sign: .plus, exponent: exponent - 15, significand: 1 + fraction)
        }
      return b >> 15 == 1 ? -magnitude : magnitude
    default: return Double(integer(bytes, i))
    }
  }
}
