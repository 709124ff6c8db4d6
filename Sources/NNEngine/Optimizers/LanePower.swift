import CCPU

/// n^q = 2^(q log2 n) on lanes, for one q ≥ 0 and n ≥ 0. In two halves of about the same length, and each for many lanes: in a loop over both, too
/// little of the next lanes would be under way at a time.
///
/// n = 2^e · m with 1 ≤ m < 2, and m = (1 + r) / c with c from a table of eight: log2 n = e − log2 c + log2(1 + r). The product q e is made of
/// exact parts, since its rounding would be multiplied by the size of the result's exponent. The relative error is some 1e-7.
struct LanePower {
  typealias Lane = UpdateLanes.Lane

  /// q in two parts: twelve bits, whose products with an exponent are exact, and the rest.
  private let (high, low): (Float, Float)
  /// −q log2 c.
  private let logarithms: Lane
  /// q · (log2(1 + r) / r) as a polynomial in r, |r| ≤ 0.0591.
  private let (c0, c1, c2, c3): (Float, Float, Float, Float)
  /// What 0 and ∞ become.
  private let (ofZero, ofInfinity): (Float, Float)
  /// No normal number's power is out of range, or below it.
  let staysNormal: Bool

  @inline(__always) init(_ q: Float) {
    high = Float(bitPattern: q.bitPattern & 0xffff_f000)
    low = q - high
    logarithms =
      q * Lane(0.08711066, 0.24845594, 0.39266968, 0.52426654, 0.642448, 0.75682604, 0.86044866, 0.95560586)
    (c0, c1, c2, c3) = (q * 1.442694, q * -0.7213456, q * 0.4821571, q * -0.36206788)
    (ofZero, ofInfinity) = q > 0 ? (0, .infinity) : (1, 1)
    staysNormal = q < 0.98
  }

  @inline(__always) static func bits(_ x: Lane) -> SIMD8<Int32> { unsafeBitCast(x, to: SIMD8<Int32>.self) }

  /// q log2 n as a sum, for normal n.
  @inline(__always) func exponent(_ n: Lane) -> (high: Lane, low: Lane) {
    let bits = LanePower.bits(n)
    // 2^23 + e + 127, as a float; not for negative n.
    let e = unsafeBitCast((bits &>> 23) | 0x4b00_0000, to: Lane.self) - 8_388_735
    let c = Lane(0.94140625, 0.84179688, 0.76171875, 0.6953125, 0.640625, 0.59179688, 0.55078125, 0.515625)
    let place = bits &>> 20
    let m = unsafeBitCast((bits & 0x007f_ffff) | 0x3f80_0000, to: Lane.self)
    let r = fma(m, ccpu_permuted8(c, place), -1)
    let polynomial = fma(fma(r, c3, c2), r * r, fma(r, c1, c0))
    return (e * high, fma(r, polynomial, fma(e, Lane(repeating: low), ccpu_permuted8(logarithms, place))))
  }

  /// 2^(high + low) where that is a normal number.
  @inline(__always) static func power(_ high: Lane, _ low: Lane) -> Lane {
    let (shifted, r) = parts(high, low)
    return times(unsafeBitCast(root(shifted) &+ (shifted &<< 20), to: Lane.self), r)
  }

  /// n^q for any n. Where n and n^q are normal numbers, it has the same bits as the two halves give.
  func power(_ n: Lane) -> Lane {
    let isTiny = n .< 1.1754944e-38
    let scaled = n.replacing(with: n * 16_777_216, where: isTiny)
    var (high, low) = exponent(scaled)
    let missing = Lane().replacing(with: 24, where: isTiny)
    high -= missing * self.high
    low -= missing * self.low
    // Beyond ±2000 eighths 2^n is 0 or infinite. In two factors, since one alone may be out of range.
    let (shifted, r) = LanePower.parts(
      high.replacing(with: -250, where: high .< -250).replacing(with: 250, where: high .> 250), low)
    let place = shifted & 7
    let whole = (shifted &- 0x4b40_0000) &>> 3
    let half = whole &>> 1
    let root = unsafeBitCast(LanePower.root(shifted) &+ (place &<< 20), to: Lane.self)
    let y = LanePower.times(root, r) * powerOfTwo(half) * powerOfTwo(whole &- half)
    return y.replacing(with: ofZero, where: n .== 0).replacing(with: ofInfinity, where: n .== .infinity)
      .replacing(with: n, where: n .!= n)
  }

  /// high + low = n / 8 + r; n is in the low bits of `shifted`.
  @inline(__always) private static func parts(_ high: Lane, _ low: Lane) -> (shifted: SIMD8<Int32>, r: Lane) {
    let shifted = fma(high + low, 8, 12_582_912)
    let r = fma(shifted - 12_582_912, Lane(repeating: -0.125), high) + low
    return (bits(shifted), r)
  }

  /// x · 2^r for |r| ≤ 1/16.
  @inline(__always) private static func times(_ x: Lane, _ r: Lane) -> Lane {
    fma(x * r, fma(fma(r, 0.055496063, 0.24025826), r, 0.69314724), x)
  }

  /// The bits of 2^(j / 8), less j · 2^20, for j in the low three bits of `place`: when j · 2^20 is added, or a number that ends in j, what is left of
  /// it ends up in the exponent.
  @inline(__always) private static func root(_ place: SIMD8<Int32>) -> SIMD8<Int32> {
    let table = SIMD8<Int32>(
      0x3f80_0000, 0x3f7b_95c2, 0x3f78_37f0, 0x3f75_fed7, 0x3f75_04f3, 0x3f75_672a, 0x3f77_44fd, 0x3f7a_c0c7)
    return bits(ccpu_permuted8(unsafeBitCast(table, to: Lane.self), place))
  }

  /// 2^n for −126 ≤ n ≤ 127.
  @inline(__always) private func powerOfTwo(_ n: SIMD8<Int32>) -> Lane {
    unsafeBitCast((n &+ 127) &<< 23, to: Lane.self)
  }
}
