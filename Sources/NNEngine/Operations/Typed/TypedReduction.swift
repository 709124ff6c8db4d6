import KernelTable

/// Reductions of integers and truths, at once and exactly; and positions in any type, beyond what float32 can count.
enum TypedReduction: String {
  case sum, prod, max, min, mean
  case variance = "var"
  case deviation = "std"
  case any, all, argmax, argmin

  /// Elements up to which float32 is computed here and now; beyond, a program with threads is worth making.
  private static let smallCount = 1 << 14

  /// nil: to be computed in float32.
  func apply(_ x: Tensor, _ axes: [Int]?, _ keepDims: Bool) throws(NNError) -> Tensor? {
    let isPosition = self == .argmax || self == .argmin
    if isPosition {
      if let axes, axes.count != 1 { throw .invalid("\(rawValue): one axis at a time, got \(axes.count)") }
      if axes == nil, keepDims { throw .invalid("\(rawValue): 'keepdims' has no effect without 'axis'") }
    }
    let block = try ReducedBlock(x, axes, keepDims, for: rawValue)
    // Beyond 2²⁴ float32 cannot count positions.
    let isInFloats = !(self == .any || self == .all || isPosition && block.count > 1 << 24)
    if x.dtype == .float32, isInFloats {
      guard let kernel = Reduction(self), block.count > 0, x.shape.count <= TypedReduction.smallCount else {
        return nil
      }
      return try block.reduced(by: kernel, self)
    }
    if block.count == 0, isPosition || self == .max || self == .min {
      throw .shape("\(rawValue) of no elements (shape \(x.shape))")
    }
    switch x.dtype {
    case .float32: return try apply(block, Float.self) { $0.isNaN }
    case .int32: return try applyExactly(block, Int32.self)
    case .uint8, .bool: return try applyExactly(block, UInt8.self)
    }
  }

  @inline(__always)
  private func apply<T: Comparable & Numeric>(
    _ block: ReducedBlock, _: T.Type, _ isNaN: (T) -> Bool
  ) throws(NNError) -> Tensor {
    switch self {
    case .any:
      return try block.fold(.bool, from: 0 as UInt8) { (a, v: T) in
        v != 0 ? 1 : a
      } finish: {
        $0
      }
    case .all:
      return try block.fold(.bool, from: 1 as UInt8) { (a, v: T) in
        v == 0 ? 0 : a
      } finish: {
        $0
      }
    case .argmin: return try block.position { (v: T, best: T) in v < best || isNaN(v) && !isNaN(best) }
    default: return try block.position { (v: T, best: T) in v > best || isNaN(v) && !isNaN(best) }
    }
  }

  @inline(__always)
  private func applyExactly<T: FixedWidthInteger>(_ block: ReducedBlock, _: T.Type) throws(NNError) -> Tensor {
    let dtype = block.x.dtype
    switch self {
    case .max:
      return try block.fold(dtype, from: T.min) { (a, v: T) in
        v > a ? v : a
      } finish: {
        $0
      }
    case .min:
      return try block.fold(dtype, from: T.max) { (a, v: T) in
        v < a ? v : a
      } finish: {
        $0
      }
    case .sum:
      return try block.exact("sum") { (out) throws(NNError) in
        block.accumulate(out, from: 0 as Int64) { (a, v: T) in a &+ Int64(v) }
      }
    case .prod:
      var isTooLarge = false
      return try block.exact("prod") { (out) throws(NNError) in
        block.accumulate(out, from: 1 as Int64) { (a, v: T) in
          let (product, overflow) = a.multipliedReportingOverflow(by: Int64(v))
          if overflow { isTooLarge = true }
          return product
        }
        if isTooLarge { throw ReducedBlock.tooLarge("prod") }
      }
    case .mean:
      let n = Double(block.count)
      return try block.fold(.float32, from: 0 as Int64) { (a, v: T) in
        a &+ Int64(v)
      } finish: {
        Float(Double($0) / n)
      }
    case .variance, .deviation:
      let isDeviation = self == .deviation
      return try block.variance(T.self) { isDeviation ? Float($0.squareRoot()) : Float($0) }
    default: return try apply(block, T.self) { _ in false }
    }
  }
}

extension Reduction {
  /// The kernel for float32; the mean begins as a sum.
  fileprivate init?(_ reduction: TypedReduction) {
    switch reduction {
    case .sum, .mean: self = .sum
    case .prod: self = .product
    case .max: self = .max
    case .min: self = .min
    case .argmax: self = .argMax
    case .argmin: self = .argMin
    default: return nil
    }
  }
}

/// A tensor as [outer, count, inner], of which the middle vanishes.
struct ReducedBlock {
  let x: Tensor
  let count: Int
  private let outer: Int
  private let inner: Int
  private let shape: Shape

  init(_ tensor: Tensor, _ axes: [Int]?, _ keepDims: Bool, for operation: String) throws(NNError) {
    let axes = try tensor.shape.axes(axes, for: operation)
    let d = tensor.shape.dimensions
    let kept = d.indices.filter { !axes.contains($0) }
    shape = Shape(unchecked: keepDims ? d.indices.map { axes.contains($0) ? 1 : d[$0] } : kept.map { d[$0] })
    count = axes.reduce(1) { $0 * d[$1] }
    if let first = axes.first, let last = axes.last, last - first + 1 > axes.count {
      x = try tensor.rearranged(kept + axes)
      (outer, inner) = (shape.count, 1)
    } else {
      x = tensor
      let first = axes.first ?? d.count
      outer = d[..<first].reduce(1, *)
      inner = d[(axes.last.map { $0 + 1 } ?? d.count)...].reduce(1, *)
    }
  }

  /// out[o, i] = the accumulation of `f` over x[o, :, i].
  @inline(__always)
  func accumulate<T, S>(_ out: UnsafeMutablePointer<S>, from start: S, _ f: (S, T) -> S) {
    let p = x.bytes.assumingMemoryBound(to: T.self)
    for o in 0..<outer {
      let row = p + o &* count &* inner
      if inner == 1 {
        var a = start
        for c in 0..<count { a = f(a, row[c]) }
        out[o] = a
        continue
      }
      let sums = out + o &* inner
      for i in 0..<inner { sums[i] = start }
      for c in 0..<count {
        let values = row + c &* inner
        for i in 0..<inner { sums[i] = f(sums[i], values[i]) }
      }
    }
  }

  /// By the kernel that programs use.
  func reduced(by kernel: Reduction, _ reduction: TypedReduction) throws(NNError) -> Tensor {
    let result = try Tensor(zeros: shape)
    let out = result.unsharedFloats
    CPU.shared.table.reduce(kernel, 0..<outer, count, 0..<inner, inner, x.floats, out)
    if reduction == .mean { for i in 0..<shape.count { out[i] /= Float(count) } }
    return kernel == .argMax || kernel == .argMin ? try result.astype(.int32) : result
  }

  @inline(__always)
  func fold<T, S, R>(
    _ dtype: DType, from start: S, _ f: (S, T) -> S, finish: (S) -> R
  ) throws(NNError) -> Tensor {
    let (result, work) = (try Tensor(zeros: shape, dtype: dtype), try workspace(S.self))
    let sums = work.bytes.assumingMemoryBound(to: S.self)
    accumulate(sums, from: start, f)
    let out = result.storage.bytes.assumingMemoryBound(to: R.self)
    for i in 0..<shape.count { out[i] = finish(sums[i]) }
    return result
  }

  /// int32 of what was computed with 64 bits; what does not fit is an error.
  func exact(
    _ operation: String, _ compute: (UnsafeMutablePointer<Int64>) throws(NNError) -> Void
  ) throws(NNError) -> Tensor {
    let (result, work) = (try Tensor(zeros: shape, dtype: .int32), try workspace(Int64.self))
    let sums = work.bytes.assumingMemoryBound(to: Int64.self)
    try compute(sums)
    let out = result.storage.bytes.assumingMemoryBound(to: Int32.self)
    for i in 0..<shape.count {
      guard let fitting = Int32(exactly: sums[i]) else { throw ReducedBlock.tooLarge(operation, sums[i]) }
      out[i] = fitting
    }
    return result
  }

  static func tooLarge(_ operation: String, _ value: Int64? = nil) -> NNError {
    .invalid(
      "\(operation): \(value.map { "\($0)" } ?? "the result") does not fit int32; convert with astype 'float32'")
  }

  /// The mean square distance from the mean, in double precision.
  @inline(__always)
  func variance<T: FixedWidthInteger>(_: T.Type, _ finish: (Double) -> Float) throws(NNError) -> Tensor {
    let result = try Tensor(zeros: shape)
    let out = result.unsharedFloats
    let p = x.bytes.assumingMemoryBound(to: T.self)
    for o in 0..<outer {
      for i in 0..<inner {
        let first = p + (o &* count &* inner &+ i)
        var sum: Int64 = 0
        for c in 0..<count { sum &+= Int64(first[c &* inner]) }
        let mean = Double(sum) / Double(count)
        var squares = 0.0
        for c in 0..<count {
          let d = Double(first[c &* inner]) - mean
          squares += d * d
        }
        out[o &* inner &+ i] = finish(squares / Double(count))
      }
    }
    return result
  }

  /// The first position that beats all others.
  @inline(__always)
  func position<T>(_ beats: (_ value: T, _ best: T) -> Bool) throws(NNError) -> Tensor {
    guard count <= Int(Int32.max) else { throw .invalid("positions beyond int32: \(count) elements") }
    let result = try Tensor(zeros: shape, dtype: .int32)
    let out = result.storage.bytes.assumingMemoryBound(to: Int32.self)
    let p = x.bytes.assumingMemoryBound(to: T.self)
    for o in 0..<outer {
      for i in 0..<inner {
        let first = p + (o &* count &* inner &+ i)
        var (best, place) = (first[0], 0)
        for c in 1..<Swift.max(count, 1) where beats(first[c &* inner], best) { (best, place) = (first[c &* inner], c) }
        out[o &* inner &+ i] = Int32(place)
      }
    }
    return result
  }

  private func workspace<S>(_: S.Type) throws(NNError) -> Storage {
    try Storage(byteCount: shape.count * MemoryLayout<S>.stride)
  }
}
