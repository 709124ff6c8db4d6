// The arithmetic of a lane in whole registers. The standard library's operators work number by number, and rely on the optimizer to find the
// vector again; now and then it finds halves, or every second number, and the loop takes twice as long.
import CCPU

extension Lane {
  @_transparent static func + (a: Lane, b: Lane) -> Lane {
    #if AVX512
      return ccpu_add16(a, b)
    #else
      return ccpu_add8(a, b)
    #endif
  }
  @_transparent static func + (a: Float, b: Lane) -> Lane { Lane(repeating: a) + b }
  @_transparent static func + (a: Lane, b: Float) -> Lane { a + Lane(repeating: b) }
  @_transparent static func - (a: Lane, b: Lane) -> Lane {
    #if AVX512
      return ccpu_sub16(a, b)
    #else
      return ccpu_sub8(a, b)
    #endif
  }
  @_transparent static func - (a: Float, b: Lane) -> Lane { Lane(repeating: a) - b }
  @_transparent static func - (a: Lane, b: Float) -> Lane { a - Lane(repeating: b) }
  @_transparent static func * (a: Lane, b: Lane) -> Lane {
    #if AVX512
      return ccpu_mul16(a, b)
    #else
      return ccpu_mul8(a, b)
    #endif
  }
  @_transparent static func * (a: Float, b: Lane) -> Lane { Lane(repeating: a) * b }
  @_transparent static func * (a: Lane, b: Float) -> Lane { a * Lane(repeating: b) }
  @_transparent static func / (a: Lane, b: Lane) -> Lane {
    #if AVX512
      return ccpu_div16(a, b)
    #else
      return ccpu_div8(a, b)
    #endif
  }
  @_transparent static func / (a: Float, b: Lane) -> Lane { Lane(repeating: a) / b }
  @_transparent static func / (a: Lane, b: Float) -> Lane { a / Lane(repeating: b) }
  @_transparent static func += (a: inout Lane, b: Lane) { a = a + b }
  @_transparent static func -= (a: inout Lane, b: Lane) { a = a - b }
  @_transparent static func *= (a: inout Lane, b: Lane) { a = a * b }
}

/// The greater of two numbers; b, if one is NaN.
@_transparent func greater(_ a: Lane, _ b: Lane) -> Lane {
  #if AVX512
    return ccpu_max16(a, b)
  #else
    return ccpu_max8(a, b)
  #endif
}

/// The smaller of two whole numbers each.
@_transparent func least(_ a: IntLane, _ b: IntLane) -> IntLane {
  #if AVX512
    return ccpu_least16(a, b)
  #else
    return ccpu_least8(a, b)
  #endif
}

extension Lane {
  /// The other's floats where the sign of the mask's is set.
  @_transparent func blended(_ other: Lane, _ mask: Lane) -> Lane {
    #if AVX512
      return ccpu_blended16(self, other, mask)
    #else
      return ccpu_blended8(self, other, mask)
    #endif
  }

  /// The whole numbers, rounded if they have more than 24 bits.
  @_transparent init(converting v: IntLane) {
    #if AVX512
      self = ccpu_converted16(v)
    #else
      self = ccpu_converted8(v)
    #endif
  }

  /// A bit for each float, from the lowest one on: set if the float is not 0.
  @_transparent var nonZeros: UInt32 {
    #if AVX512
      return ccpu_non_zeros16(self)
    #else
      return ccpu_non_zeros8(self)
    #endif
  }

  /// Of each of `index`'s numbers, modulo the width, the float at that place.
  @_transparent func permuted(by index: IntLane) -> Lane {
    #if AVX512
      return ccpu_permuted16(self, index)
    #else
      return ccpu_permuted8(self, index)
    #endif
  }
}

/// a · b + c, rounded once where the processor can (the baseline of x86-64 cannot, and would call a function).
@_transparent func fma(_ a: Lane, _ b: Lane, _ c: Lane) -> Lane {
  #if AVX512
    return ccpu_fma16(a, b, c)
  #elseif Haswell || !arch(x86_64)
    return ccpu_fma8(a, b, c)
  #else
    return a * b + c
  #endif
}

/// c − a · b
@_transparent func fnma(_ a: Lane, _ b: Lane, _ c: Lane) -> Lane {
  #if AVX512
    return ccpu_fnma16(a, b, c)
  #elseif Haswell || !arch(x86_64)
    return ccpu_fnma8(a, b, c)
  #else
    return c - a * b
  #endif
}

@_transparent func fma(_ a: Lane, _ b: Float, _ c: Float) -> Lane { fma(a, Lane(repeating: b), Lane(repeating: c)) }

@_transparent func fma(_ a: Lane, _ b: Lane, _ c: Float) -> Lane { fma(a, b, Lane(repeating: c)) }
