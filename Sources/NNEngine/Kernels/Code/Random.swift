// Philox4x32-10 in lanes. Sixty-four neighbouring elements are a group: sixteen counters with four words each, word w of counter c
// being element 16·w + c of the group, so that a lane of counters gives lanes of neighbouring elements at any width.
//
// @_transparent, because @inline(__always) gives up in large callers, and a SIMD16 that is passed to a function travels in pieces.
import KernelTable

#if AVX512
  private typealias Words = SIMD16<UInt32>
  private typealias Pairs = SIMD8<UInt64>
#else
  private typealias Words = SIMD8<UInt32>
  private typealias Pairs = SIMD4<UInt64>
#endif

#if AVX512
  @_transparent private var steps: Words { Words(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) }
#else
  @_transparent private var steps: Words { Words(0, 1, 2, 3, 4, 5, 6, 7) }
#endif

private let groupSize = 64
private let counters = 16

/// The high and low words of the products with a constant: even and odd words apart, as the processor multiplies.
@_transparent private func multiply(_ x: Words, _ factor: UInt64) -> (high: Words, low: Words) {
  let lowHalf = Pairs(repeating: 0xffff_ffff)
  let pairs = unsafeBitCast(x, to: Pairs.self)
  let even = (pairs & lowHalf) &* Pairs(repeating: factor)
  let odd = (pairs &>> Pairs(repeating: 32)) &* Pairs(repeating: factor)
  let high = (even &>> Pairs(repeating: 32)) | (odd & ~lowHalf)
  let low = (even & lowHalf) | (odd &<< Pairs(repeating: 32))
  return (unsafeBitCast(high, to: Words.self), unsafeBitCast(low, to: Words.self))
}

/// The four words of `Words.scalarCount` counters from `first` on.
@_transparent private func philox(
  _ first: UInt64, _ key: RandomKey, _ stream: UInt32
) -> (Words, Words, Words, Words) {
  var c0 = Words(repeating: UInt32(truncatingIfNeeded: first))
  c0 = c0 &+ steps
  // `first` is a multiple of the lane's width: the low word never overflows within a lane.
  var c1 = Words(repeating: UInt32(truncatingIfNeeded: first &>> 32))
  var c2 = Words(repeating: stream)
  var c3 = Words(repeating: key[2])
  var (k0, k1) = (key[0], key[1])
  var round = 0
  while round < 10 {
    let p0 = multiply(c0, 0xD251_1F53)
    let p1 = multiply(c2, 0xCD9E_8D57)
    (c0, c1, c2, c3) = (
      p1.high ^ c1 ^ Words(repeating: k0), p1.low, p0.high ^ c3 ^ Words(repeating: k1), p0.low
    )
    k0 = k0 &+ 0x9E37_79B9
    k1 = k1 &+ 0xBB67_AE85
    round &+= 1
  }
  return (c0, c1, c2, c3)
}

/// In [0, 1): the upper 24 bits, in two halves of 12. A half in the lowest bits of 2^23's float is 2^23 + it, exactly; comparing and
/// converting integers lane by lane would be far slower.
@_transparent private func unit(_ w: Words) -> Lane {
  let upper = unsafeBitCast(w &>> Words(repeating: 20), to: IntLane.self)
  let lower = unsafeBitCast((w &>> Words(repeating: 8)) & Words(repeating: 0xfff), to: IntLane.self)
  let magic = IntLane(repeating: 0x4b00_0000)
  let high = Lane(bits: upper | magic) - 8_388_608
  let low = Lane(bits: lower | magic) - 8_388_608
  return (high * 4_096 + low) * 0x1p-24
}

/// Calls `emit(element, lane)` for lanes that cover `range`; those at its ends may reach over it. A group of elements is what sixteen
/// counters are enough for.
@_transparent private func forEachLane(
  _ range: Range<Int>, _ groupSize: Int, _ emit: (Int, (Words, Words, Words, Words)) -> Void, _ key: RandomKey,
  _ stream: UInt32
) {
  if range.isEmpty { return }
  var group = range.lowerBound / groupSize
  let end = (range.upperBound &+ groupSize &- 1) / groupSize
  while group < end {
    var c = 0
    while c < counters {
      emit(group &* groupSize &+ c, philox(UInt64(group &* counters &+ c), key, stream))
      c &+= Words.scalarCount
    }
    group &+= 1
  }
}

/// Stores those of a lane's elements, which begin at `element`, that lie in the range.
@_transparent private func put(_ value: Lane, _ element: Int, _ range: Range<Int>, _ out: Output) {
  if element >= range.lowerBound, element &+ width <= range.upperBound {
    value.store(to: out + (element &- range.lowerBound))
  } else {
    for i in 0..<width where range.contains(element &+ i) { out[element &+ i &- range.lowerBound] = value[i] }
  }
}

func randomUniform(_ range: Range<Int>, _ key: RandomKey, _ stream: UInt32, _ out: Output) {
  forEachLane(
    range, groupSize,
    { at, w in
      put(unit(w.0), at, range, out)
      put(unit(w.1), at &+ counters, range, out)
      put(unit(w.2), at &+ 2 &* counters, range, out)
      put(unit(w.3), at &+ 3 &* counters, range, out)
    }, key, stream)
}

func randomNormal(_ range: Range<Int>, _ key: RandomKey, _ stream: UInt32, _ out: Output) {
  forEachLane(
    range, groupSize,
    { at, w in
      let (a, b) = boxMuller(w.0, w.1)
      let (c, d) = boxMuller(w.2, w.3)
      put(a, at, range, out)
      put(b, at &+ counters, range, out)
      put(c, at &+ 2 &* counters, range, out)
      put(d, at &+ 3 &* counters, range, out)
    }, key, stream)
}

@_transparent private func boxMuller(_ u: Words, _ v: Words) -> (Lane, Lane) {
  // 1 − [0, 1) = (0, 1]: the logarithm is finite.
  let radius = (-2 * log(1 - unit(u))).squareRoot()
  let angle = unit(v) * 6.283185307
  return (radius * sine(angle, quarterTurns: 1), radius * sine(angle, quarterTurns: 0))
}

// MARK: Masks

/// Half a word decides over an element, so a group is twice as large: low halves of word 0, high halves of word 0, low halves of
/// word 1, … The share of dropped elements is a multiple of 2⁻¹⁶.
private let maskGroupSize = 128

/// Which elements are kept, by the low and by the high halves of words: those with half · 2⁻¹⁶ ≥ rate. `limit` is rate · 2¹⁶ + 2²³: a half in
/// the lowest bits of 2²³'s float is 2²³ + it, exactly.
@_transparent private func keptByLow(_ w: Words, _ limit: Float) -> LaneMask {
  Lane(bits: unsafeBitCast(w & Words(repeating: 0xffff), to: IntLane.self) | IntLane(repeating: 0x4b00_0000)) .>= limit
}
@_transparent private func keptByHigh(_ w: Words, _ limit: Float) -> LaneMask {
  Lane(bits: unsafeBitCast(w &>> Words(repeating: 16), to: IntLane.self) | IntLane(repeating: 0x4b00_0000)) .>= limit
}

/// The least whole number that is not less than rate · 2¹⁶, on top of 2²³.
@_transparent private func maskLimit(_ rate: Float) -> Float { (rate * 65_536).rounded(.up) + 8_388_608 }

func dropout(
  _ range: Range<Int>, _ key: RandomKey, _ stream: UInt32, _ rate: Float, _ scale: Float, _ x: Input, _ y: Output
) {
  let limit = maskLimit(rate)
  forEachLane(
    range, maskGroupSize,
    { at, w in
      drop(keptByLow(w.0, limit), at, range, scale, x, y)
      drop(keptByHigh(w.0, limit), at &+ counters, range, scale, x, y)
      drop(keptByLow(w.1, limit), at &+ 2 &* counters, range, scale, x, y)
      drop(keptByHigh(w.1, limit), at &+ 3 &* counters, range, scale, x, y)
      drop(keptByLow(w.2, limit), at &+ 4 &* counters, range, scale, x, y)
      drop(keptByHigh(w.2, limit), at &+ 5 &* counters, range, scale, x, y)
      drop(keptByLow(w.3, limit), at &+ 6 &* counters, range, scale, x, y)
      drop(keptByHigh(w.3, limit), at &+ 7 &* counters, range, scale, x, y)
    }, key, stream)
}

@_transparent private func drop(
  _ keeps: LaneMask, _ at: Int, _ range: Range<Int>, _ scale: Float, _ x: Input, _ y: Output
) {
  if at >= range.lowerBound, at &+ width <= range.upperBound {
    choose(keeps, Lane(at: x + at) * scale, Lane()).store(to: y + at)
  } else if at < range.upperBound, at &+ width > range.lowerBound {
    for i in 0..<width where range.contains(at &+ i) { y[at &+ i] = keeps[i] ? x[at &+ i] * scale : 0 }
  }
}

/// out[i − range.lowerBound] = −x[i] where dropout drops x[i], 0 elsewhere.
func negatedDropped(
  _ range: Range<Int>, _ key: RandomKey, _ stream: UInt32, _ rate: Float, _ x: Input, _ out: Output
) {
  let limit = maskLimit(rate)
  forEachLane(
    range, maskGroupSize,
    { at, w in
      putDropped(keptByLow(w.0, limit), at, range, x, out)
      putDropped(keptByHigh(w.0, limit), at &+ counters, range, x, out)
      putDropped(keptByLow(w.1, limit), at &+ 2 &* counters, range, x, out)
      putDropped(keptByHigh(w.1, limit), at &+ 3 &* counters, range, x, out)
      putDropped(keptByLow(w.2, limit), at &+ 4 &* counters, range, x, out)
      putDropped(keptByHigh(w.2, limit), at &+ 5 &* counters, range, x, out)
      putDropped(keptByLow(w.3, limit), at &+ 6 &* counters, range, x, out)
      putDropped(keptByHigh(w.3, limit), at &+ 7 &* counters, range, x, out)
    }, key, stream)
}

@_transparent private func putDropped(
  _ keeps: LaneMask, _ at: Int, _ range: Range<Int>, _ x: Input, _ out: Output
) {
  if at >= range.lowerBound, at &+ width <= range.upperBound {
    choose(keeps, Lane(), Lane() - Lane(at: x + at)).store(to: out + (at &- range.lowerBound))
  } else if at < range.upperBound, at &+ width > range.lowerBound {
    for i in 0..<width where range.contains(at &+ i) {
      out[at &+ i &- range.lowerBound] = keeps[i] ? 0 : -x[at &+ i]
    }
  }
}
