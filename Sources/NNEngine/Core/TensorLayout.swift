import KernelTable

/// Views and rearrangements of tensors in memory. Those that take neighbouring rows share the memory; the others copy.
extension Tensor {
  /// The number of rows: the extent of the first axis, 1 for a scalar.
  public var rows: Int { shape.rank == 0 ? 1 : shape[0] }
  /// Bytes of one row.
  var rowBytes: Int { rows == 0 ? 0 : byteCount / rows }

  /// Rows `range` of the first axis; shares the memory.
  public func slice(_ range: Range<Int>) throws(NNError) -> Tensor {
    guard shape.rank > 0 else { throw .shape("slice: a scalar has no axes") }
    guard range.lowerBound >= 0, range.upperBound <= rows else {
      throw .shape("slice: rows \(range.lowerBound)..<\(range.upperBound) are outside 0..<\(rows)")
    }
    return Tensor(
      shape: Shape(unchecked: [range.count] + shape.dimensions.dropFirst()), dtype: dtype, storage: storage,
      byteOffset: byteOffset + range.lowerBound * rowBytes)
  }

  /// Row `index` of the first axis, without that axis; shares the memory.
  public func row(_ index: Int) throws(NNError) -> Tensor {
    let one = try slice(index..<(index + 1))
    return Tensor(shape: shape.sample, dtype: dtype, storage: storage, byteOffset: one.byteOffset)
  }

  /// The same elements under another shape; one extent may be −1, which is then computed. Shares the memory.
  public func reshaped(_ dimensions: [Int]) throws(NNError) -> Tensor {
    let target = try shape.reshaped(dimensions)
    return Tensor(shape: target, dtype: dtype, storage: storage, byteOffset: byteOffset)
  }

  /// The rows with these indices (counted from 0, in this order), copied.
  public func take(_ indices: [Int]) throws(NNError) -> Tensor {
    guard shape.rank > 0 else { throw .shape("take: a scalar has no axes") }
    let result = try Tensor(zeros: Shape([indices.count] + shape.dimensions.dropFirst()), dtype: dtype)
    for (i, index) in indices.enumerated() {
      guard index >= 0, index < rows else { throw .shape("take: row \(index) is outside 0..<\(rows)") }
      (result.storage.bytes + i * rowBytes).copyMemory(from: bytes + index * rowBytes, byteCount: rowBytes)
    }
    return result
  }

  /// The elements in another storage type. From float32 to an integer type values are cut towards zero; what does not fit
  /// is an error. Anything to bool is "not zero".
  public func astype(_ target: DType) throws(NNError) -> Tensor {
    if target == dtype { return self }
    if target == .float32, shape.count > 4096 {
      let all = shape
      return try Tensor(all) { (p: UnsafeMutablePointer<Float>) in
        Gather(Tensor(shape: Shape(unchecked: [all.count]), dtype: dtype, storage: storage, byteOffset: byteOffset))
          .gather(0..<all.count, into: p)
      }
    }
    let result = try Tensor(zeros: shape, dtype: target)
    if !convert(into: result) { for i in 0..<shape.count { try result.put(element(i), at: i) } }
    return result
  }

  /// The conversions in which every value fits.
  private func convert(into result: Tensor) -> Bool {
    let out = result.storage.bytes
    let (truths, integers) = (out.assumingMemoryBound(to: UInt8.self), out.assumingMemoryBound(to: Int32.self))
    switch (dtype, result.dtype) {
    case (.float32, .bool):
      let p = floats
      for i in 0..<shape.count { truths[i] = p[i] != 0 ? 1 : 0 }
    case (.int32, .bool):
      let p = bytes.assumingMemoryBound(to: Int32.self)
      for i in 0..<shape.count { truths[i] = p[i] != 0 ? 1 : 0 }
    case (.uint8, .bool):
      let p = bytes.assumingMemoryBound(to: UInt8.self)
      for i in 0..<shape.count { truths[i] = p[i] != 0 ? 1 : 0 }
    case (.bool, .uint8): out.copyMemory(from: bytes, byteCount: shape.count)
    case (.bool, .int32), (.uint8, .int32):
      let p = bytes.assumingMemoryBound(to: UInt8.self)
      for i in 0..<shape.count { integers[i] = Int32(p[i]) }
    case (.bool, .float32), (.uint8, .float32):
      let p = bytes.assumingMemoryBound(to: UInt8.self)
      for i in 0..<shape.count { result.unsharedFloats[i] = Float(p[i]) }
    case (.int32, .float32):
      let p = bytes.assumingMemoryBound(to: Int32.self)
      for i in 0..<shape.count { result.unsharedFloats[i] = Float(p[i]) }
    default: return false
    }
    return true
  }

  /// Writes one element of a tensor that is being made.
  func put(_ value: Double, at i: Int) throws(NNError) {
    let out = storage.bytes
    switch dtype {
    case .float32: out.storeBytes(of: Float(value), toByteOffset: i * 4, as: Float.self)
    case .bool: out.storeBytes(of: value != 0 ? 1 : 0, toByteOffset: i, as: UInt8.self)
    case .int32:
      guard let n = Int32(exactly: value.rounded(.towardZero)) else { throw Tensor.unfit(value, dtype) }
      out.storeBytes(of: n, toByteOffset: i * 4, as: Int32.self)
    case .uint8:
      guard let n = UInt8(exactly: value.rounded(.towardZero)) else { throw Tensor.unfit(value, dtype) }
      out.storeBytes(of: n, toByteOffset: i, as: UInt8.self)
    }
  }

  private static func unfit(_ value: Double, _ target: DType) -> NNError {
    .invalid("astype: \(value) does not fit \(target.name)")
  }

  /// Tensors of one shape and type, as rows of a new one.
  public static func stack(_ tensors: [Tensor]) throws(NNError) -> Tensor {
    guard let first = tensors.first else { throw .invalid("stack: no tensors given") }
    let result = try Tensor(zeros: Shape([tensors.count] + first.shape.dimensions), dtype: first.dtype)
    for (i, t) in tensors.enumerated() {
      guard t.shape == first.shape, t.dtype == first.dtype else {
        throw .shape(
          "stack: tensor \(i) is \(t.dtype.name) \(t.shape), the first is \(first.dtype.name) \(first.shape)")
      }
      (result.storage.bytes + i * t.byteCount).copyMemory(from: t.bytes, byteCount: t.byteCount)
    }
    return result
  }
}

extension Shape {
  /// The shape with the same number of elements that `dimensions` describes; one of them may be −1.
  func reshaped(_ dimensions: [Int]) throws(NNError) -> Shape {
    var known = 1
    var open: Int?
    for (axis, d) in dimensions.enumerated() {
      if d == -1 {
        guard open == nil else { throw .shape("reshape: only one extent may be -1, got \(Shape.text(dimensions))") }
        open = axis
      } else {
        guard d >= 0 else { throw .shape("reshape: negative extent \(d) in \(Shape.text(dimensions))") }
        let (p, overflow) = known.multipliedReportingOverflow(by: d)
        guard !overflow else { throw .shape("reshape: shape \(Shape.text(dimensions)) is too large") }
        known = p
      }
    }
    var result = dimensions
    if let open {
      guard known > 0, count % known == 0 else { throw misfit(dimensions) }
      result[open] = count / known
    }
    let shape = try Shape(result)
    guard shape.count == count else { throw misfit(dimensions) }
    return shape
  }

  private func misfit(_ dimensions: [Int]) -> NNError {
    .shape("reshape: \(count) elements of shape \(self) do not fit \(Shape.text(dimensions))")
  }
}
