/// Sorting and what follows from it. NaN comes last, as in NumPy.
extension Tensor {
  /// The elements along an axis in ascending order.
  func sorted(axis: Int) throws(NNError) -> Tensor {
    guard shape.rank > 0 else { return self }
    let axis = try shape.axis(axis, for: "sort")
    if axis != shape.rank - 1 {
      var order = Array(0..<shape.rank)
      order.swapAt(axis, order.count - 1)
      return try rearranged(order).sorted(axis: -1).rearranged(order)
    }
    let result = try Tensor(copying: bytes, shape: shape, dtype: dtype)
    switch dtype {
    case .float32: result.sortRows(Float.self) { a, b in a < b || b.isNaN && !a.isNaN }
    case .int32: result.sortRows(Int32.self) { a, b in a < b }
    case .uint8, .bool: result.sortRows(UInt8.self) { a, b in a < b }
    }
    return result
  }

  @inline(__always)
  private func sortRows<T>(_: T.Type, _ isBefore: (T, T) -> Bool) {
    let width = shape[shape.rank - 1]
    if width < 2 { return }
    let p = storage.bytes.assumingMemoryBound(to: T.self)
    for start in stride(from: 0, to: shape.count, by: width) {
      var row = UnsafeMutableBufferPointer(start: p + start, count: width)
      row.sort(by: isBefore)
    }
  }

  /// The distinct elements in ascending order (all NaNs are one), and how often each occurs.
  func distinct() throws(NNError) -> (values: Tensor, counts: Tensor) {
    let all = try reshaped([shape.count]).sorted(axis: 0)
    var (places, counts): ([Int], [Int]) = ([], [])
    for i in 0..<all.shape.count {
      if let last = places.last {
        let (a, b) = (all.element(last), all.element(i))
        if a == b || a.isNaN && b.isNaN {
          counts[counts.count - 1] += 1
          continue
        }
      }
      places.append(i)
      counts.append(1)
    }
    return (try all.take(places), try Tensor(integers: counts))
  }

  /// How many elements fall into each of `bins` equal parts of a range (the last part includes its end), and the parts' limits. By
  /// default the range of the elements.
  func histogram(bins: Int, range: [Double]?) throws(NNError) -> (counts: Tensor, edges: Tensor) {
    var (low, high) = (0.0, 1.0)
    if let range {
      guard range.count == 2, range[0].isFinite, range[1].isFinite, range[0] <= range[1] else {
        throw .invalid("histogram: 'range' must be two finite numbers, the lower one first")
      }
      (low, high) = (range[0], range[1])
    } else if shape.count > 0 {
      (low, high) = (element(0), element(0))
      for i in 0..<shape.count {
        let v = element(i)
        guard v.isFinite else { throw .invalid("histogram: an element is not finite; say 'range' to leave such out") }
        (low, high) = (min(low, v), max(high, v))
      }
    }
    if low == high { (low, high) = (low - 0.5, high + 0.5) }  // as NumPy
    var counts = [Int](repeating: 0, count: bins)
    let width = (high - low) / Double(bins)
    guard width.isFinite else { throw .invalid("histogram: the range is too wide") }
    for i in 0..<shape.count {
      let v = element(i)
      guard v >= low, v <= high else { continue }
      let quotient = (v - low) / width  // not a number where the width is too small for one
      var bin = quotient >= 0 ? Int(min(quotient, Double(bins - 1))) : 0
      // The quotient is rounded: the limits themselves decide.
      if v < low + Double(bin) * width {
        bin -= 1
      } else if bin < bins - 1, v >= low + Double(bin + 1) * width {
        bin += 1
      }
      counts[max(bin, 0)] += 1
    }
    return (try Tensor(integers: counts), try Tensor(from: low, through: high, count: bins + 1))
  }

  private init(integers: [Int]) throws(NNError) {
    try self.init(zeros: Shape([integers.count]), dtype: .int32)
    for (i, value) in integers.enumerated() {
      storage.bytes.storeBytes(of: Int32(clamping: value), toByteOffset: i * 4, as: Int32.self)
    }
  }
}
