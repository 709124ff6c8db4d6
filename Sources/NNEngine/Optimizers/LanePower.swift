import CCPU

/// n^q = 2^(q log2 n) on lanes, for one q ≥ 0 and n ≥ 0. In three parts, each for many lanes: in a loop over all, too little of the next lanes would be
/// under way at a time. Some take pairs of lanes, so that one's instructions are ready while the other's results are on their way.
///
/// n = 2^e · m with 1 ≤ m < 2, and m = (1 + r) / c with c from a table of eight, whose place j are the first bits of m. Between the parts are
/// r and 8 e + j, and then y = 8 q log2 n = q (8e + j) + q (−8 log2 c − j) + 8 q log2(1 + r), rounded once: the relative error is 1e-7 and 2e-8 |q log2 n|.
struct LanePower {
  typealias Lane = UpdateLanes.Lane

  private let q: Float
  /// q (−8 log2 c − j).
  private let logarithms: Lane
  /// 8 q · (log2(1 + r) / r) as a polynomial in r, |r| ≤ 0.0591.
  private let (c0, c1, c2, c3): (Float, Float, Float, Float)
  /// What 0 and ∞ become.
  private let (ofZero, ofInfinity): (Float, Float)
  /// No normal number's power comes close to where numbers stop being normal.
  let staysNormal: Bool

  @inline(__always) init(_ q: Float) {
    self.q = q
    logarithms =
      q * Lane(0.69688531, 0.987647527, 1.14135749, 1.19413255, 1.13958396, 1.05460813, 0.883589181, 0.644847045)
    (c0, c1, c2, c3) = (q * 11.541552, q * -5.7707648, q * 3.8572568, q * -2.896543)
    (ofZero, ofInfinity) = q > 0 ? (0, .infinity) : (1, 1)
    staysNormal = q < 0.85
  }

  /// 2^126, from which on `reduced` is not defined.
  private static var huge: Float { @inline(__always) get { 8.507059e+37 } }

  @inline(__always) static func bits(_ x: Lane) -> SIMD8<Int32> { unsafeBitCast(x, to: SIMD8<Int32>.self) }
  @_transparent private static func lane(_ x: SIMD8<Int32>) -> Lane { unsafeBitCast(x, to: Lane.self) }

  /// Of normal numbers below 2^126, r, and 2^23 + 8 (e + 127) + j.
  @inline(__always) func reduced(_ n: UpdatePair) -> (r: UpdatePair, place: UpdatePair) {
    // Not for negative numbers.
    let (a, b) = (LanePower.bits(n.a) &>> 20, LanePower.bits(n.b) &>> 20)
    let scale = UpdatePair(LanePower.scale(a), LanePower.scale(b))
    return (fma(n, scale, -1), UpdatePair(LanePower.lane(a | 0x4b00_0000), LanePower.lane(b | 0x4b00_0000)))
  }

  /// 8 q log2 n.
  @inline(__always) func exponents(_ r: UpdatePair, _ place: UpdatePair) -> UpdatePair {
    let (low, high) = (fma(r, c1, c0), fma(r, c3, c2))
    let tail = fma(high, r * r, low)
    let table = UpdatePair(
      ccpu_permuted8(logarithms, LanePower.bits(place.a)), ccpu_permuted8(logarithms, LanePower.bits(place.b)))
    return fma(place - 8_389_624, q, fma(r, tail, table))
  }

  /// c · 2^−e from 8 (e + 127) + j. The table has the bits of c and as much more as then is taken away.
  @inline(__always) private static func scale(_ place: SIMD8<Int32>) -> Lane {
    let table = SIMD8<Int32>(
      0x7ef10000, 0x7ee78000, 0x7ee30000, 0x7ee20000, 0x7ee40000, 0x7ee78000, 0x7eed0000, 0x7ef40000)
    return lane(bits(ccpu_permuted8(lane(table), place)) &- (place &<< 20))
  }

  /// 2^(y / 8), where that is a normal number.
  @inline(__always) static func powers(_ y: UpdatePair) -> UpdatePair {
    let shifted = y + 12_582_912
    let (aRoot, bRoot) = (root(bits(shifted.a)), root(bits(shifted.b)))
    let r = y - (shifted - 12_582_912)
    let power = UpdatePair(
      lane(aRoot &+ (bits(shifted.a) &<< 20)), lane(bRoot &+ (bits(shifted.b) &<< 20)))
    return times(power, r)
  }

  /// n^q for any n. Where n and n^q are normal numbers, it has the same bits as the parts give.
  func power(_ n: Lane) -> Lane {
    let (isTiny, isHuge) = (n .< 1.1754944e-38, n .>= LanePower.huge)
    let scaled = n.replacing(with: n * 16_777_216, where: isTiny).replacing(with: n / 16_777_216, where: isHuge)
    let parts = reduced(UpdatePair(scaled, scaled))
    var y = exponents(parts.r, parts.place).a
    y = y.replacing(with: y - 8 * 24 * q, where: isTiny).replacing(with: y + 8 * 24 * q, where: isHuge)
    // Beyond ±2000 2^(y / 8) is 0 or infinite. In two factors, since one alone may be out of range.
    y = y.replacing(with: -2000, where: y .< -2000).replacing(with: 2000, where: y .> 2000)
    let shifted = y + 12_582_912
    let place = LanePower.bits(shifted) & 7
    let whole = (LanePower.bits(shifted) &- 0x4b40_0000) &>> 3
    let half = whole &>> 1
    let root = LanePower.lane(LanePower.root(place) &+ (place &<< 20))
    let rest = y - (shifted - 12_582_912)
    let x =
      LanePower.times(UpdatePair(root, root), UpdatePair(rest, rest)).a * powerOfTwo(half) * powerOfTwo(whole &- half)
    return x.replacing(with: ofZero, where: n .== 0).replacing(with: ofInfinity, where: n .== .infinity)
      .replacing(with: n, where: n .!= n)
  }

  /// x · 2^(r / 8) for |r| ≤ 1/2.
  @inline(__always) private static func times(_ x: UpdatePair, _ r: UpdatePair) -> UpdatePair {
    fma(x * r, fma(fma(r, 0.00010839075, 0.0037540353), r, 0.086643405), x)
  }

  /// The bits of 2^(j / 8), less j · 2^20, for j in the low three bits of `place`: when j · 2^20 is added, or a number that ends in j, what is left of
  /// it ends up in the exponent.
  @inline(__always) private static func root(_ place: SIMD8<Int32>) -> SIMD8<Int32> {
    let table = SIMD8<Int32>(
      0x3f80_0000, 0x3f7b_95c2, 0x3f78_37f0, 0x3f75_fed7, 0x3f75_04f3, 0x3f75_672a, 0x3f77_44fd, 0x3f7a_c0c7)
    return bits(ccpu_permuted8(lane(table), place))
  }

  /// 2^n for −126 ≤ n ≤ 127.
  @inline(__always) private func powerOfTwo(_ n: SIMD8<Int32>) -> Lane {
    unsafeBitCast((n &+ 127) &<< 23, to: Lane.self)
  }
}
