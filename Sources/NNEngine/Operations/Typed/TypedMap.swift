import KernelTable

/// Functions of one variable on tensors, at once: integers stay integers where the function allows it, predicates give truths.
enum TypedMap {
  /// Elements up to which float32 is computed here and now; beyond, a program with threads is worth making.
  private static let smallCount = 1 << 14

  /// nil: a function whose results are float32, of many elements.
  static func apply(_ name: String, _ x: Tensor, _ p: Parameters = Parameters()) throws(NNError) -> Tensor? {
    switch name {
    case "isnan", "isfinite", "logical_not": return try predicate(name, x)
    case "floor", "ceil", "round": if x.dtype != .float32 { return x }
    case "abs":
      if x.dtype == .uint8 || x.dtype == .bool { return x }
      if x.dtype == .int32 { return try map(x, .int32) { (v: Int32) in v < 0 ? 0 &- v : v } }
    case "negative":
      if x.dtype == .bool { throw .invalid("negative: truths have no sign; use ~x, or convert with astype") }
      if x.dtype == .int32 { return try map(x, .int32) { (v: Int32) in 0 &- v } }
      if x.dtype == .uint8 { return try map(x, .uint8) { (v: UInt8) in 0 &- v } }
    case "square":
      if x.dtype == .uint8 { return try map(x, .uint8) { (v: UInt8) in v &* v } }
      if x.dtype != .float32 { return try map(x.astype(.int32), .int32) { (v: Int32) in v &* v } }
    case "sign":
      if x.dtype == .uint8 || x.dtype == .bool { return try map(x, x.dtype) { (v: UInt8) in v > 0 ? 1 : 0 as UInt8 } }
      if x.dtype == .int32 { return try map(x, .int32) { (v: Int32) in v.signum() } }
    default: break
    }
    guard x.shape.count <= smallCount else { return nil }
    let map = CPU.shared.scalarFunctions[try ScalarFunctions.index(name)].map
    let (x, result) = (try x.astype(.float32), try Tensor(zeros: x.shape))
    if x.shape.count > 0 { map(x.shape.count, x.floats, result.unsharedFloats, p) }
    return result
  }

  /// Limits of integers that are integers (or infinite); nil: in float32.
  static func clip(_ x: Tensor, _ low: Double, _ high: Double) throws(NNError) -> Tensor? {
    func isWhole(_ v: Double) -> Bool { v.isInfinite || v == v.rounded() }
    guard x.dtype != .float32, isWhole(low), isWhole(high) else { return nil }
    func limited(_ v: Double) -> Int32 { Int32(min(max(v, Double(Int32.min)), Double(Int32.max))) }
    let (low, high) = (limited(low), limited(high))
    guard x.dtype == .uint8 else {
      return try map(x.astype(.int32), .int32) { (v: Int32) in min(max(v, low), high) }
    }
    let (l, h) = (UInt8(min(max(low, 0), 255)), UInt8(min(max(high, 0), 255)))
    return try map(x, .uint8) { (v: UInt8) in min(max(v, l), h) }
  }

  private static func predicate(_ name: String, _ x: Tensor) throws(NNError) -> Tensor {
    switch (name, x.dtype) {
    case ("logical_not", .float32): return try map(x, .bool) { (v: Float) -> UInt8 in v == 0 ? 1 : 0 }
    case ("logical_not", .int32): return try map(x, .bool) { (v: Int32) -> UInt8 in v == 0 ? 1 : 0 }
    case ("logical_not", _): return try map(x, .bool) { (v: UInt8) -> UInt8 in v == 0 ? 1 : 0 }
    case ("isnan", .float32): return try map(x, .bool) { (v: Float) -> UInt8 in v.isNaN ? 1 : 0 }
    case ("isfinite", .float32): return try map(x, .bool) { (v: Float) -> UInt8 in v.isFinite ? 1 : 0 }
    default: return try Tensor(name == "isfinite" ? 1 : 0, shape: x.shape, dtype: .bool)
    }
  }

  @inline(__always)
  private static func map<A, R>(_ x: Tensor, _ dtype: DType, _ f: (A) -> R) throws(NNError) -> Tensor {
    let result = try Tensor(zeros: x.shape, dtype: dtype)
    let (p, out) = (x.bytes.assumingMemoryBound(to: A.self), result.storage.bytes.assumingMemoryBound(to: R.self))
    for i in 0..<x.shape.count { out[i] = f(p[i]) }
    return result
  }
}

/// condition ? a : b on tensors of one integer type, broadcast.
enum TypedSelect {
  /// nil: in float32.
  static func apply(_ condition: Tensor, _ a: Tensor, _ b: Tensor) throws(NNError) -> Tensor? {
    let common = DType.promoted(a.dtype, b.dtype)
    if common == .float32 { return nil }
    let both = try Shape.broadcast(a.shape, b.shape, for: "where")
    let shape = try Shape.broadcast(condition.shape, both, for: "where")
    let (c, a, b) = (try condition.astype(.bool), try a.astype(common), try b.astype(common))
    let result = try Tensor(zeros: shape, dtype: common)
    if common == .int32 {
      select(c, a, b, result, Int32.self)
    } else {
      select(c, a, b, result, UInt8.self)
    }
    return result
  }

  @inline(__always)
  private static func select<T>(_ c: Tensor, _ a: Tensor, _ b: Tensor, _ result: Tensor, _: T.Type) {
    let conditions = c.bytes.assumingMemoryBound(to: UInt8.self)
    let (p, q) = (a.bytes.assumingMemoryBound(to: T.self), b.bytes.assumingMemoryBound(to: T.self))
    let out = result.storage.bytes.assumingMemoryBound(to: T.self)
    BroadcastLoop([c.shape, a.shape, b.shape], result.shape).forEachRun { count, steps, at in
      for i in 0..<count {
        out[at.out &+ i] =
          conditions[at.0 &+ i &* steps.0] != 0 ? p[at.1 &+ i &* steps.1] : q[at.2 &+ i &* steps.2]
      }
    }
  }
}
