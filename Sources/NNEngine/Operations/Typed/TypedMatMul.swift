/// Matrix products of integers, which stay integers (and wrap around), as in NumPy.
enum TypedMatMul {
  /// nil: to be computed in float32.
  static func apply(_ a: Tensor, _ b: Tensor) throws(NNError) -> Tensor? {
    let common = DType.promoted(a.dtype, b.dtype)
    guard common == .int32 || common == .uint8, (1...2).contains(b.shape.rank), a.shape.rank > 0 else { return nil }
    let inner = a.shape[a.shape.rank - 1]
    guard inner == b.shape[0] else { return nil }  // the other way says what is wrong
    let rows = Array(a.shape.dimensions.dropLast())
    let (count, columns) = (rows.reduce(1, *), b.shape.rank == 2 ? b.shape[1] : 1)
    let (x, y) = (try a.astype(.int32), try b.astype(.int32))
    let result = try Tensor(zeros: Shape(rows + b.shape.dimensions.dropFirst()), dtype: .int32)
    let (p, q) = (x.bytes.assumingMemoryBound(to: Int32.self), y.bytes.assumingMemoryBound(to: Int32.self))
    let out = result.storage.bytes.assumingMemoryBound(to: Int32.self)
    for r in 0..<count {
      let row = out + r &* columns
      for k in 0..<inner {
        let factor = p[r &* inner &+ k]
        let values = q + k &* columns
        for c in 0..<columns { row[c] = row[c] &+ factor &* values[c] }
      }
    }
    return common == .int32 ? result : try TypedMatMul.wrapped(result)
  }

  private static func wrapped(_ x: Tensor) throws(NNError) -> Tensor {
    let result = try Tensor(zeros: x.shape, dtype: .uint8)
    let p = x.bytes.assumingMemoryBound(to: Int32.self)
    for i in 0..<x.shape.count {
      result.storage.bytes.storeBytes(of: UInt8(truncatingIfNeeded: p[i]), toByteOffset: i, as: UInt8.self)
    }
    return result
  }
}
