// The arithmetic of a rule's lane in whole registers, as the kernels' LaneArithmetic has it: the standard library's operators work number by
// number, and the optimizer does not always find the vector again.
import CCPU

extension SIMD8<Float> {
  @_transparent static func + (a: Self, b: Self) -> Self { ccpu_add8(a, b) }
  @_transparent static func - (a: Self, b: Self) -> Self { ccpu_sub8(a, b) }
  @_transparent static func * (a: Self, b: Self) -> Self { ccpu_mul8(a, b) }
  @_transparent static func / (a: Self, b: Self) -> Self { ccpu_div8(a, b) }
  @_transparent static func + (a: Self, b: Float) -> Self { a + Self(repeating: b) }
  @_transparent static func - (a: Self, b: Float) -> Self { a - Self(repeating: b) }
  @_transparent static func * (a: Self, b: Float) -> Self { a * Self(repeating: b) }
  @_transparent static func / (a: Self, b: Float) -> Self { a / Self(repeating: b) }
  @_transparent static func + (a: Float, b: Self) -> Self { Self(repeating: a) + b }
  @_transparent static func - (a: Float, b: Self) -> Self { Self(repeating: a) - b }
  @_transparent static func * (a: Float, b: Self) -> Self { Self(repeating: a) * b }
  @_transparent static func / (a: Float, b: Self) -> Self { Self(repeating: a) / b }
  @_transparent static func += (a: inout Self, b: Self) { a = a + b }
  @_transparent static func -= (a: inout Self, b: Self) { a = a - b }
  @_transparent static func *= (a: inout Self, b: Float) { a = a * b }
}

/// a · b + c, rounded once where the processor can.
@_transparent func fma(_ a: UpdateLanes.Lane, _ b: UpdateLanes.Lane, _ c: UpdateLanes.Lane) -> UpdateLanes.Lane {
  #if Haswell || !arch(x86_64)
    return ccpu_fma8(a, b, c)
  #else
    return a * b + c
  #endif
}

@_transparent func fma(_ a: UpdateLanes.Lane, _ b: UpdateLanes.Lane, _ c: Float) -> UpdateLanes.Lane {
  fma(a, b, UpdateLanes.Lane(repeating: c))
}

@_transparent func fma(_ a: UpdateLanes.Lane, _ b: Float, _ c: Float) -> UpdateLanes.Lane {
  fma(a, UpdateLanes.Lane(repeating: b), UpdateLanes.Lane(repeating: c))
}
