// One register's worth of floats, and the loops over memory that every elementwise kernel is made of.
//
// The two kernel modules are linked into one program, so nothing here may leave a weak symbol that both define (the
// linker would keep one, perhaps the AVX-512 one): pointers and SIMD only, no Array, no generic code of the standard
// library that is not inlined. Index arithmetic wraps (`&+`): the checked operators keep loops from being unrolled.
import KernelTable

#if AVX512
  typealias Lane = SIMD16<Float>
  typealias IntLane = SIMD16<Int32>
#else
  typealias Lane = SIMD8<Float>
  typealias IntLane = SIMD8<Int32>
#endif
typealias LaneMask = SIMDMask<IntLane>

/// Floats in a lane.
var width: Int { @inline(__always) get { Lane.scalarCount } }

extension Lane {
  @inline(__always) init(at p: Input) { self = UnsafeRawPointer(p).loadUnaligned(as: Lane.self) }
  @inline(__always) init(at p: Output) { self = UnsafeRawPointer(p).loadUnaligned(as: Lane.self) }

  @inline(__always) func store(to p: Output) { UnsafeMutableRawPointer(p).storeBytes(of: self, as: Lane.self) }

  @inline(__always) var bits: IntLane { unsafeBitCast(self, to: IntLane.self) }
  @inline(__always) init(bits: IntLane) { self = unsafeBitCast(bits, to: Lane.self) }
}

@inline(__always) func choose(_ mask: LaneMask, _ yes: Lane, _ no: Lane) -> Lane {
  no.replacing(with: yes, where: mask)
}

/// 1 where the mask is set, 0 elsewhere.
@inline(__always) func indicator(_ mask: LaneMask) -> Lane { choose(mask, Lane(repeating: 1), Lane(repeating: 0)) }

/// Is the mask set anywhere? (The standard library's `any` leaves a weak symbol.)
@inline(__always) func anyLane(_ mask: LaneMask) -> Bool {
  #if AVX512
    let v = unsafeBitCast(mask, to: SIMD8<UInt64>.self)
    let four = v.lowHalf | v.highHalf
  #else
    let four = unsafeBitCast(mask, to: SIMD4<UInt64>.self)
  #endif
  let two = four.lowHalf | four.highHalf
  return two[0] | two[1] != 0
}

// MARK: Loops

/// y[i] = f(x[i]); y may be x.
@inline(__always) func mapLanes(_ count: Int, _ x: Input, _ y: Output, _ f: (Lane) -> Lane) {
  let whole = count & ~(width &- 1)
  var i = 0
  while i < whole {
    f(Lane(at: x + i)).store(to: y + i)
    i &+= width
  }
  if i < count { f(Lane(at: x + i, count: count &- i)).store(to: y + i, count: count &- i) }
}

/// out[i] = f(a[i], b[i]); out may be a or b.
@inline(__always) func zipLanes(_ count: Int, _ a: Input, _ b: Input, _ out: Output, _ f: (Lane, Lane) -> Lane) {
  let whole = count & ~(width &- 1)
  var i = 0
  while i < whole {
    f(Lane(at: a + i), Lane(at: b + i)).store(to: out + i)
    i &+= width
  }
  let rest = count &- i
  if rest > 0 { f(Lane(at: a + i, count: rest), Lane(at: b + i, count: rest)).store(to: out + i, count: rest) }
}

/// out[i] = f(a[i], b[i], c[i]); out may be any of them.
@inline(__always) func zipLanes(
  _ count: Int, _ a: Input, _ b: Input, _ c: Input, _ out: Output, _ f: (Lane, Lane, Lane) -> Lane
) {
  let whole = count & ~(width &- 1)
  var i = 0
  while i < whole {
    f(Lane(at: a + i), Lane(at: b + i), Lane(at: c + i)).store(to: out + i)
    i &+= width
  }
  let rest = count &- i
  if rest > 0 {
    f(Lane(at: a + i, count: rest), Lane(at: b + i, count: rest), Lane(at: c + i, count: rest))
      .store(to: out + i, count: rest)
  }
}

/// Folds f over the lanes of x. Missing floats of the last lane are `filler`.
@inline(__always) func foldLanes(
  _ count: Int, _ x: Input, from start: Lane, filler: Float, _ f: (Lane, Lane) -> Lane
) -> Lane {
  var total = start
  let whole = count & ~(width &- 1)
  var i = 0
  while i < whole {
    total = f(total, Lane(at: x + i))
    i &+= width
  }
  if i < count { total = f(total, Lane(at: x + i, count: count &- i, filler: filler)) }
  return total
}

/// Folds a lane to one number, halves first, always in the same order.
@inline(__always) func horizontal(_ v: Lane, _ f: (Lane, Lane) -> Lane) -> Float {
  #if AVX512
    let eight = f(v, Lane(lowHalf: v.highHalf, highHalf: v.highHalf))
    let four = f(eight, widened(eight.lowHalf.highHalf))
    let two = f(four, widened(SIMD4(lowHalf: four.lowHalf.lowHalf.highHalf, highHalf: SIMD2())))
    return f(two, Lane(repeating: two[1]))[0]
  #else
    let four = f(v, widened(v.highHalf))
    let two = f(four, widened(SIMD4(lowHalf: four.lowHalf.highHalf, highHalf: SIMD2())))
    return f(two, Lane(repeating: two[1]))[0]
  #endif
}

@inline(__always) private func widened(_ v: SIMD4<Float>) -> Lane {
  #if AVX512
    return Lane(lowHalf: SIMD8(lowHalf: v, highHalf: v), highHalf: SIMD8(lowHalf: v, highHalf: v))
  #else
    return Lane(lowHalf: v, highHalf: v)
  #endif
}

@inline(__always) func horizontalSum(_ v: Lane) -> Float { horizontal(v) { $0 + $1 } }
