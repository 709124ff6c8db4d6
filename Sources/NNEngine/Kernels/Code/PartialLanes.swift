// The last, incomplete lane of an array: read and written without touching what lies behind it.
//
// By halves and quarters, in few branches: a loop over the floats would be unrolled to so many basic blocks that the compiler
// stops inlining in the functions that use it, and then passes lanes in pieces from function to function.
import KernelTable

extension Lane {
  /// The first `count` (< width) floats; the others are `filler`.
  @inline(__always) init(at p: Input, count: Int, filler: Float = 0) {
    #if AVX512
      let isLong = count >= 8
      let rest = partOfEight(isLong ? p + 8 : p, isLong ? count &- 8 : count, filler)
      self =
        isLong
        ? Lane(lowHalf: UnsafeRawPointer(p).loadUnaligned(as: SIMD8<Float>.self), highHalf: rest)
        : Lane(lowHalf: rest, highHalf: SIMD8(repeating: filler))
    #else
      self = partOfEight(p, count, filler)
    #endif
  }

  /// Writes the first `count` (< width) floats.
  @inline(__always) func store(to p: Output, count: Int) {
    var p = p
    #if AVX512
      var eight = lowHalf
      if count >= 8 {
        UnsafeMutableRawPointer(p).storeBytes(of: eight, as: SIMD8<Float>.self)
        p += 8
        eight = highHalf
      }
    #else
      let eight = self
    #endif
    var four = eight.lowHalf
    if count & 4 != 0 {
      UnsafeMutableRawPointer(p).storeBytes(of: four, as: SIMD4<Float>.self)
      p += 4
      four = eight.highHalf
    }
    var two = four.lowHalf
    if count & 2 != 0 {
      UnsafeMutableRawPointer(p).storeBytes(of: two, as: SIMD2<Float>.self)
      p += 2
      two = four.highHalf
    }
    if count & 1 != 0 { p[0] = two[0] }
  }
}

/// count < 8
@inline(__always) private func partOfEight(_ p: Input, _ count: Int, _ filler: Float) -> SIMD8<Float> {
  let isLong = count >= 4
  let rest = partOfFour(isLong ? p + 4 : p, isLong ? count &- 4 : count, filler)
  return isLong
    ? SIMD8(lowHalf: UnsafeRawPointer(p).loadUnaligned(as: SIMD4<Float>.self), highHalf: rest)
    : SIMD8(lowHalf: rest, highHalf: SIMD4(repeating: filler))
}

/// count < 4
@inline(__always) private func partOfFour(_ p: Input, _ count: Int, _ filler: Float) -> SIMD4<Float> {
  var v = SIMD4<Float>(repeating: filler)
  if count > 0 { v[0] = p[0] }
  if count > 1 { v[1] = p[1] }
  if count > 2 { v[2] = p[2] }
  return v
}
