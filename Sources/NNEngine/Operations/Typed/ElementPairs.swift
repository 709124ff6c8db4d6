import KernelTable

/// Two tensors walked together under NumPy's rule of broadcasting, element by element, whatever their types.
///
/// The loops are always inlined: each use becomes machine code for its types and its function.
struct ElementPairs {
  let a: Tensor
  let b: Tensor
  let shape: Shape

  init(_ a: Tensor, _ b: Tensor, for operation: String) throws(NNError) {
    self.a = a
    self.b = b
    shape = b.shape.rank == 0 ? a.shape : try Shape.broadcast(a.shape, b.shape, for: operation)
  }

  /// A tensor of what `f` makes of each pair; `A`, `B` and `R` are the types in memory.
  @inline(__always)
  func map<A, B, R>(_ dtype: DType, _ f: (A, B) -> R) throws(NNError) -> Tensor {
    let result = try Tensor(zeros: shape, dtype: dtype)
    let (p, q) = (a.bytes.assumingMemoryBound(to: A.self), b.bytes.assumingMemoryBound(to: B.self))
    let out = result.storage.bytes.assumingMemoryBound(to: R.self)
    forEachRun { count, steps, at in
      let (p, q, out) = (p + at.0, q + at.1, out + at.out)
      if steps == (1, 1) {
        for i in 0..<count { out[i] = f(p[i], q[i]) }
      } else if steps == (1, 0) {
        let fixed = q[0]
        for i in 0..<count { out[i] = f(p[i], fixed) }
      } else {
        for i in 0..<count { out[i] = f(p[i &* steps.0], q[i &* steps.1]) }
      }
    }
    return result
  }

  /// Runs in which each operand moves on by one element or stays.
  @inline(__always)
  func forEachRun(_ body: (_ count: Int, _ steps: (Int, Int), _ at: BroadcastLoop.Offsets) -> Void) {
    if shape.count == 0 { return }
    // No axes to think about: the usual case, without any allocation.
    let (aStep, bStep) = (a.shape == shape ? 1 : 0, b.shape == shape ? 1 : 0)
    if aStep == 1 || a.shape.count == 1, bStep == 1 || b.shape.count == 1 {
      return body(shape.count, (aStep, bStep), (0, 0, 0, 0))
    }
    BroadcastLoop([a.shape, b.shape], shape).forEachRun { count, steps, at in body(count, (steps.0, steps.1), at) }
  }
}
