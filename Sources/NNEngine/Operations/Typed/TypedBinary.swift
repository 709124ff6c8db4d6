import KernelTable

/// Functions of two variables on tensors, at once and in the types that NumPy computes in: integers stay integers and wrap around,
/// comparisons are exact, the quotient of integers is float32.
enum TypedBinary {
  /// Elements up to which float32 is computed here and now; beyond, a program with threads is worth making.
  private static let smallCount = 1 << 14

  /// nil: large and in float32.
  static func apply(_ f: BinaryFunction, _ name: String, _ a: Tensor, _ b: Tensor) throws(NNError) -> Tensor? {
    let pairs = try ElementPairs(a, b, for: name)
    switch f {
    case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual: return try compare(f, pairs)
    case .logicalAnd, .logicalOr, .logicalXor:
      return try truths(f, pairs.converted(to: .bool))
    default: break
    }
    var common = DType.promoted(a.dtype, b.dtype)
    if common == .bool {
      switch f {
      case .add, .multiply, .maximum, .minimum: return try truths(f, pairs)
      case .subtract: throw .invalid("subtract: truths have no difference; use ne, or convert with astype")
      default: common = .int32
      }
    }
    if f == .divide {
      guard common == .int32 else { return try small(f, pairs) }
      return try pairs.converted(to: .int32).map(.float32) {
        (p: Int32, q: Int32) in Float(Double(p) / Double(q))
      }
    }
    switch common {
    case .int32: return try arithmetic(f, pairs.converted(to: .int32), .int32, Int32.self)
    case .uint8: return try arithmetic(f, pairs.converted(to: .uint8), .uint8, UInt8.self)
    default: return try small(f, pairs)
    }
  }

  private static func small(_ f: BinaryFunction, _ pairs: ElementPairs) throws(NNError) -> Tensor? {
    guard pairs.shape.count <= smallCount else { return nil }
    let pairs = try pairs.converted(to: .float32)
    let (a, b, binary) = (pairs.a.floats, pairs.b.floats, CPU.shared.table.binary)
    let result = try Tensor(zeros: pairs.shape)
    let out = result.unsharedFloats
    pairs.forEachRun { count, steps, at in binary(f, count, a + at.0, steps.0, b + at.1, steps.1, out + at.out) }
    return result
  }

  // MARK: Truths

  private static func truths(_ f: BinaryFunction, _ pairs: ElementPairs) throws(NNError) -> Tensor {
    switch f {
    case .multiply, .minimum, .logicalAnd: try pairs.map(.bool) { (p: UInt8, q: UInt8) in p & q }
    case .logicalXor: try pairs.map(.bool) { (p: UInt8, q: UInt8) in p ^ q }
    default: try pairs.map(.bool) { (p: UInt8, q: UInt8) in p | q }
    }
  }

  private static func compare(_ f: BinaryFunction, _ pairs: ElementPairs) throws(NNError) -> Tensor {
    switch (pairs.a.dtype, pairs.b.dtype) {
    case (.float32, .float32):
      return try compare(f, pairs) { (x: Float) in
        x
      } _: { (x: Float) in
        x
      }
    case (.int32, .int32):
      return try compare(f, pairs) { (x: Int32) in
        x
      } _: { (x: Int32) in
        x
      }
    // Each int32 and each float32 is exactly one double.
    case (.int32, .float32):
      return try compare(f, pairs) { (x: Int32) in
        Double(x)
      } _: { (x: Float) in
        Double(x)
      }
    case (.float32, .int32):
      return try compare(f, pairs) { (x: Float) in
        Double(x)
      } _: { (x: Int32) in
        Double(x)
      }
    case (.uint8, .uint8), (.bool, .bool), (.uint8, .bool), (.bool, .uint8):
      return try compare(f, pairs) { (x: UInt8) in
        x
      } _: { (x: UInt8) in
        x
      }
    case (let a, let b): return try compare(f, pairs.converted(to: .promoted(a, b)))
    }
  }

  @inline(__always)
  private static func compare<A, B, T: Comparable>(
    _ f: BinaryFunction, _ pairs: ElementPairs, _ a: (A) -> T, _ b: (B) -> T
  ) throws(NNError) -> Tensor {
    switch f {
    case .equal: try pairs.map(.bool) { (p: A, q: B) -> UInt8 in a(p) == b(q) ? 1 : 0 }
    case .notEqual: try pairs.map(.bool) { (p: A, q: B) -> UInt8 in a(p) != b(q) ? 1 : 0 }
    case .less: try pairs.map(.bool) { (p: A, q: B) -> UInt8 in a(p) < b(q) ? 1 : 0 }
    case .lessEqual: try pairs.map(.bool) { (p: A, q: B) -> UInt8 in a(p) <= b(q) ? 1 : 0 }
    case .greater: try pairs.map(.bool) { (p: A, q: B) -> UInt8 in a(p) > b(q) ? 1 : 0 }
    default: try pairs.map(.bool) { (p: A, q: B) -> UInt8 in a(p) >= b(q) ? 1 : 0 }
    }
  }

  // MARK: Integers

  @inline(__always)
  private static func arithmetic<T: FixedWidthInteger>(
    _ f: BinaryFunction, _ pairs: ElementPairs, _ dtype: DType, _: T.Type
  ) throws(NNError) -> Tensor? {
    switch f {
    case .add: return try pairs.map(dtype) { (p: T, q: T) in p &+ q }
    case .subtract: return try pairs.map(dtype) { (p: T, q: T) in p &- q }
    case .multiply: return try pairs.map(dtype) { (p: T, q: T) in p &* q }
    case .maximum: return try pairs.map(dtype) { (p: T, q: T) in p > q ? p : q }
    case .minimum: return try pairs.map(dtype) { (p: T, q: T) in p < q ? p : q }
    case .floorDivide: return try pairs.map(dtype) { (p: T, q: T) in floorQuotient(p, q) }
    case .modulo: return try pairs.map(dtype) { (p: T, q: T) in floorRemainder(p, q) }
    case .power:
      for i in 0..<pairs.b.shape.count where pairs.b.element(i) < 0 {
        throw .invalid("power: integers to negative powers are no integers; convert with astype 'float32'")
      }
      return try pairs.map(dtype) { (p: T, q: T) in wrappingPower(p, q) }
    default: return nil
    }
  }

  /// Rounded down; 0 where the divisor is 0, as NumPy has it.
  @inline(__always)
  private static func floorQuotient<T: FixedWidthInteger>(_ p: T, _ q: T) -> T {
    if q == 0 { return 0 }
    let (quotient, overflow) = p.dividedReportingOverflow(by: q)
    if overflow { return p }
    return p &- quotient &* q != 0 && (p < 0) != (q < 0) ? quotient &- 1 : quotient
  }

  /// With the divisor's sign; 0 where the divisor is 0, as NumPy has it.
  @inline(__always)
  private static func floorRemainder<T: FixedWidthInteger>(_ p: T, _ q: T) -> T {
    if q == 0 { return 0 }
    let rest = p.remainderReportingOverflow(dividingBy: q).partialValue
    return rest != 0 && (rest < 0) != (q < 0) ? rest &+ q : rest
  }

  @inline(__always)
  private static func wrappingPower<T: FixedWidthInteger>(_ base: T, _ exponent: T) -> T {
    var (result, square, rest) = (1 as T, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result = result &* square }
      square = square &* square
      rest >>= 1
    }
    return result
  }
}

extension ElementPairs {
  func converted(to dtype: DType) throws(NNError) -> ElementPairs {
    a.dtype == dtype && b.dtype == dtype ? self : try ElementPairs(a.astype(dtype), b.astype(dtype), shape)
  }

  private init(_ a: Tensor, _ b: Tensor, _ shape: Shape) {
    self.a = a
    self.b = b
    self.shape = shape
  }
}
