import KernelTable

/// Numbers in memory: a shape, a storage type, and contiguous row-major elements. A value: nothing changes it after it was
/// made, so slices share its memory.
public struct Tensor {
  /// The extents.
  public let shape: Shape
  /// How elements are stored.
  public let dtype: DType
  let storage: Storage
  let byteOffset: Int

  init(shape: Shape, dtype: DType, storage: Storage, byteOffset: Int = 0) {
    self.shape = shape
    self.dtype = dtype
    self.storage = storage
    self.byteOffset = byteOffset
  }

  /// All zeros (false).
  public init(zeros shape: Shape, dtype: DType = .float32) throws(NNError) {
    try self.init(
      shape: shape, dtype: dtype, storage: Storage(byteCount: shape.count * dtype.byteCount))
  }

  /// float32 elements, computed by `fill` from zeroed memory.
  public init(_ shape: Shape, fill: (UnsafeMutablePointer<Float>) throws(NNError) -> Void) throws(NNError) {
    try self.init(zeros: shape)
    try fill(storage.floats)
  }

  /// float32 elements in row-major order.
  public init(_ values: [Float], shape: Shape? = nil) throws(NNError) {
    let shape = shape ?? Shape(unchecked: [values.count])
    guard values.count == shape.count else {
      throw .shape("\(values.count) values do not fill shape \(shape)")
    }
    try self.init(shape) { (p: UnsafeMutablePointer<Float>) in
      for i in values.indices { p[i] = values[i] }
    }
  }

  /// A scalar.
  public init(scalar value: Float) throws(NNError) {
    try self.init(zeros: .scalar)
    storage.floats[0] = value
  }

  /// A copy of the caller's memory.
  public init(copying bytes: UnsafeRawPointer, shape: Shape, dtype: DType) throws(NNError) {
    try self.init(zeros: shape, dtype: dtype)
    storage.bytes.copyMemory(from: bytes, byteCount: byteCount)
    if dtype == .bool { normaliseBooleans() }
  }

  /// The caller's memory itself, which must stay unchanged until `release` is called.
  public init(
    borrowing bytes: UnsafeMutableRawPointer, shape: Shape, dtype: DType, release: @escaping () -> Void
  ) {
    self.init(
      shape: shape, dtype: dtype,
      storage: Storage(borrowing: bytes, byteCount: shape.count * dtype.byteCount, release: release))
  }

  /// Bytes of the elements.
  public var byteCount: Int { shape.count * dtype.byteCount }
  /// The elements; borrowed, valid as long as the tensor.
  public var bytes: UnsafeRawPointer { UnsafeRawPointer(storage.bytes) + byteOffset }

  /// The elements of a float32 tensor that nobody else has seen yet: tensors never change once they are given away.
  var unsharedFloats: Output { storage.floats + byteOffset / MemoryLayout<Float>.stride }

  /// The elements of a float32 tensor; borrowed, valid as long as the tensor.
  var floats: Input { bytes.assumingMemoryBound(to: Float.self) }

  private func normaliseBooleans() {
    let p = storage.bytes.assumingMemoryBound(to: UInt8.self)
    for i in 0..<shape.count where p[i] > 1 { p[i] = 1 }
  }

  /// One element, by its row-major position.
  public func element(_ index: Int) -> Double {
    switch dtype {
    case .float32: Double(bytes.load(fromByteOffset: index * 4, as: Float.self))
    case .int32: Double(bytes.load(fromByteOffset: index * 4, as: Int32.self))
    case .uint8, .bool: Double(bytes.load(fromByteOffset: index, as: UInt8.self))
    }
  }

  /// All elements as floats, in row-major order.
  public var values: [Float] { (0..<shape.count).map { Float(element($0)) } }

  /// The number in a tensor of one element.
  public func item() throws(NNError) -> Double {
    guard shape.count == 1 else {
      throw .shape("item: the tensor of shape \(shape) has \(shape.count) elements, not 1")
    }
    return element(0)
  }
}
