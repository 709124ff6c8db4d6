/// Tensors from nothing.
extension Tensor {
  /// One number everywhere, in any storage type that can hold it.
  public init(_ value: Double, shape: Shape, dtype: DType = .float32) throws(NNError) {
    let one = try Tensor(zeros: .scalar, dtype: dtype)
    try one.put(value, at: 0)
    try self.init(zeros: shape, dtype: dtype)
    if value == 0, value.sign == .plus { return }
    for i in 0..<shape.count {
      (storage.bytes + i * dtype.byteCount).copyMemory(from: one.bytes, byteCount: dtype.byteCount)
    }
  }

  /// start, start + step, … up to but not including end.
  public init(from start: Double, to end: Double, by step: Double, dtype: DType = .float32) throws(NNError) {
    guard step != 0, step.isFinite, start.isFinite, end.isFinite else {
      throw .invalid("arange: start, end and step must be finite and step not 0, got \(start), \(end), \(step)")
    }
    let count = max(0, ((end - start) / step).rounded(.up))
    guard count < Double(Int32.max) else {
      throw .invalid("arange: \(count) elements are too many; at most \(Int32.max - 1)")
    }
    try self.init(zeros: Shape([Int(count)]), dtype: dtype)
    for i in 0..<Int(count) { try put(start + Double(i) * step, at: i) }
  }

  /// `count` numbers from start to end, both included, equally far apart.
  public init(from start: Double, through end: Double, count: Int) throws(NNError) {
    guard count >= 0, count < Int(Int32.max) else {
      throw .invalid("linspace: the number of elements must be from 0 to \(Int32.max - 1), got \(count)")
    }
    try self.init(Shape([count])) { (p: UnsafeMutablePointer<Float>) in
      for i in 0..<count {
        p[i] = count == 1 ? Float(start) : Float(start + (end - start) * Double(i) / Double(count - 1))
      }
    }
  }

  /// The identity matrix.
  public init(identity n: Int) throws(NNError) {
    try self.init(Shape([n, n])) { (p: UnsafeMutablePointer<Float>) in for i in 0..<n { p[i * n + i] = 1 } }
  }

  /// Normally distributed numbers.
  public init(normal shape: Shape, mean: Double = 0, deviation: Double = 1, seed: UInt64? = nil) throws(NNError) {
    let stream = RandomState.newStream(seed: seed)
    try self.init(shape) { (p: UnsafeMutablePointer<Float>) in
      for i in 0..<shape.count { p[i] = Float(mean + deviation * stream.normal(i)) }
    }
  }

  /// Uniformly distributed numbers between low and high.
  public init(uniform shape: Shape, low: Double = 0, high: Double = 1, seed: UInt64? = nil) throws(NNError) {
    let stream = RandomState.newStream(seed: seed)
    try self.init(shape) { (p: UnsafeMutablePointer<Float>) in
      for i in 0..<shape.count { p[i] = Float(low + (high - low) * stream.uniform(i)) }
    }
  }

  /// 0 ..< count in random order.
  public init(permutation count: Int, seed: UInt64? = nil) throws(NNError) {
    guard count >= 0, count < Int(Int32.max) else {
      throw .invalid("permutation: the number of elements must be from 0 to \(Int32.max - 1), got \(count)")
    }
    let order = RandomState.newStream(seed: seed).permutation(count)
    try self.init(zeros: Shape([count]), dtype: .int32)
    for i in 0..<count { storage.bytes.storeBytes(of: Int32(order[i]), toByteOffset: i * 4, as: Int32.self) }
  }

  /// The rows at which a boolean vector, as long as the first axis, is true.
  public func masked(by mask: Tensor) throws(NNError) -> Tensor {
    guard mask.dtype == .bool else { throw .invalid("mask: expected a bool tensor, got \(mask.dtype.name)") }
    guard mask.shape.rank == 1, mask.rows == rows else {
      throw .shape("mask: shape \(mask.shape) does not fit the first axis of \(shape)")
    }
    return try take((0..<rows).filter { mask.element($0) != 0 })
  }
}
