import KernelTable

/// The public vocabulary that changes shapes: reductions, products, layout.
extension Symbol {
  // MARK: Reductions

  /// A reduction over `axes` (nil: all), which vanish or, with `keepDims`, stay with extent 1.
  func reduce(_ reduction: Reduction, _ axes: [Int]?, keepDims: Bool) throws(NNError) -> Symbol {
    let axes = try shape.axes(axes, for: "\(reduction)")
    guard let first = axes.first, let last = axes.last else { return self }
    var result: Symbol
    if last - first + 1 == axes.count {
      result = try .make(Reduce(reduction: reduction, first: first, end: last + 1), self)
    } else {
      // Bring the axes together at the end.
      let kept = (0..<shape.rank).filter { !axes.contains($0) }
      let moved = try transposed(kept + axes)
      result = try .make(Reduce(reduction: reduction, first: kept.count, end: shape.rank), moved)
    }
    if keepDims {
      result = try result.reshaped(shape.dimensions.enumerated().map { axes.contains($0) ? 1 : $1 })
    }
    return result
  }

  /// Σ
  public func sum(axes: [Int]? = nil, keepDims: Bool = false) throws(NNError) -> Symbol {
    try reduce(.sum, axes, keepDims: keepDims)
  }
  /// Σ / n; NaN of no elements.
  public func mean(axes: [Int]? = nil, keepDims: Bool = false) throws(NNError) -> Symbol {
    let count = try shape.axes(axes, for: "mean").reduce(1) { $0 * shape[$1] }
    return try sum(axes: axes, keepDims: keepDims) * (1 / Float(count))
  }
  /// The largest.
  public func max(axes: [Int]? = nil, keepDims: Bool = false) throws(NNError) -> Symbol {
    try reduce(.max, axes, keepDims: keepDims)
  }
  /// The smallest.
  public func min(axes: [Int]? = nil, keepDims: Bool = false) throws(NNError) -> Symbol {
    try reduce(.min, axes, keepDims: keepDims)
  }
  /// Π
  public func product(axes: [Int]? = nil, keepDims: Bool = false) throws(NNError) -> Symbol {
    try reduce(.product, axes, keepDims: keepDims)
  }
  /// The index of the first largest, counted from 0, along one axis.
  public func argMax(axis: Int) throws(NNError) -> Symbol { try reduce(.argMax, [axis], keepDims: false) }
  /// The index of the first smallest, counted from 0, along one axis.
  public func argMin(axis: Int) throws(NNError) -> Symbol { try reduce(.argMin, [axis], keepDims: false) }

  /// The gradient of a broadcast: sums over what was repeated, so that the result has `target`'s shape.
  func reduced(to target: Shape) throws(NNError) -> Symbol {
    if shape == target { return self }
    let extra = shape.rank - target.rank
    let repeated = (0..<shape.rank).filter { $0 < extra || (target[$0 - extra] == 1 && shape[$0] != 1) }
    return try sum(axes: repeated).reshaped(target.dimensions)
  }

  // MARK: Products

  /// Matrix product. A first operand with more than two axes is a stack of rows: its last axis is multiplied. A vector on the left
  /// is a row, on the right a column, and its axis vanishes from the result. A second operand with more than two axes is a stack of
  /// matrices, and so is the first; NumPy's rule.
  public func matmul(_ b: Symbol) throws(NNError) -> Symbol {
    guard shape.rank > 0, b.shape.rank > 0 else {
      throw .shape("matmul: a scalar cannot be multiplied; shapes \(shape) and \(b.shape)")
    }
    let inner = shape[shape.rank - 1]
    let rowsOfB = b.shape[b.shape.rank > 1 ? b.shape.rank - 2 : 0]
    guard inner == rowsOfB else {
      throw .shape(
        "matmul: shapes \(shape) and \(b.shape) do not fit: the inner extents are \(inner) and \(rowsOfB)")
    }
    if b.shape.rank > 2 {
      if shape.rank > 1 { return try .stackedProduct(self, b) }
      let product = try Symbol.stackedProduct(reshaped([1, inner]), b)
      return try product.reshaped(b.shape.dimensions.dropLast(2) + b.shape.dimensions.suffix(1))
    }
    let rows = Array(shape.dimensions.dropLast())
    let count = rows.reduce(1, *)
    let left = try reshaped([count, inner])
    let right = b.shape.rank == 2 ? b : try b.reshaped([inner, 1])
    return try Symbol.make(MatMul(), left, right).reshaped(rows + b.shape.dimensions.dropFirst())
  }

  // MARK: Layout

  /// The same elements under another shape; one extent may be −1.
  public func reshaped(_ dimensions: [Int]) throws(NNError) -> Symbol {
    let target = try shape.reshaped(dimensions)
    return target == shape ? self : try .make(Reshape(shape: target), self)
  }
  /// All axes but the first as one.
  public func flattenedSamples() throws(NNError) -> Symbol {
    guard shape.rank > 0 else { throw .shape("flatten: a scalar has no samples") }
    return try reshaped([shape[0], shape.sample.count])
  }
  /// Axes in another order; none given: reversed.
  public func transposed(_ axes: [Int]? = nil) throws(NNError) -> Symbol {
    var order: [Int] = []
    for a in axes ?? Array((0..<shape.rank).reversed()) { order.append(try shape.axis(a, for: "transpose")) }
    return order == Array(0..<shape.rank) ? self : try .make(Transpose(axes: order), self)
  }
  /// Repeated to a larger shape.
  public func broadcast(to target: Shape) throws(NNError) -> Symbol {
    target == shape ? self : try .make(BroadcastTo(shape: target), self)
  }
  /// The same value, through which no gradient flows.
  public func gradientStopped() throws(NNError) -> Symbol { try .make(StopGradient(), self) }
}
