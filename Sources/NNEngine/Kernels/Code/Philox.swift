// Philox4x32-10: four words from a counter of four words (its place, two words; the stream; the key's step) in ten rounds.
//
// @_transparent, because @inline(__always) gives up in large callers, and a SIMD16 that is passed to a function travels in pieces.
import CCPU
import KernelTable

#if AVX512
  typealias Words = SIMD16<UInt32>
  typealias Pairs = SIMD8<UInt64>
  @_transparent private var order: Pairs { Pairs(0, 1, 4, 5, 8, 9, 12, 13) }
#else
  typealias Words = SIMD8<UInt32>
  typealias Pairs = SIMD4<UInt64>
  @_transparent private var order: Pairs { Pairs(0, 1, 4, 5) }
#endif

/// A word of each of a lane's counters, in the low half of 64 bits; what is in the high half does not matter. So the processor multiplies: each
/// product has the word that goes on as it is where it belongs, and only the other one has to be moved.
private struct WideWords {
  /// Two neighbouring counters in turn, so that `narrowed` is one instruction.
  var (a, b): (Pairs, Pairs)

  @_transparent init(_ a: Pairs, _ b: Pairs) { (self.a, self.b) = (a, b) }

  @_transparent var high: WideWords { WideWords(a &>> Pairs(repeating: 32), b &>> Pairs(repeating: 32)) }

  @_transparent static func * (x: WideWords, factor: UInt64) -> WideWords {
    let (low, factor) = (Pairs(repeating: 0xffff_ffff), Pairs(repeating: factor))
    return WideWords((x.a & low) &* factor, (x.b & low) &* factor)
  }
  @_transparent static func ^ (x: WideWords, y: WideWords) -> WideWords { WideWords(x.a ^ y.a, x.b ^ y.b) }
  @_transparent static func ^ (x: WideWords, y: UInt64) -> WideWords {
    WideWords(x.a ^ Pairs(repeating: y), x.b ^ Pairs(repeating: y))
  }

  /// The words in the order of the counters.
  @_transparent var narrowed: Words {
    let (a, b) = (unsafeBitCast(a, to: Lane.self), unsafeBitCast(b, to: Lane.self))
    #if AVX512
      return unsafeBitCast(ccpu_even_singles16(a, b), to: Words.self)
    #else
      return unsafeBitCast(ccpu_even_singles8(a, b), to: Words.self)
    #endif
  }
}

/// What all counters have in common whose places have the same high word. A round takes the words of a counter to
///   (high(c2 · factor1) ^ c1 ^ k0, low(c2 · factor1), high(c0 · factor0) ^ c3 ^ k1, low(c0 · factor0)),
/// and the key (k0, k1) to the next one. Of the first two rounds, half does not depend on the low word of the place.
struct Philox {
  private static var factor0: UInt64 { @_transparent get { 0xD251_1F53 } }
  private static var factor1: UInt64 { @_transparent get { 0xCD9E_8D57 } }

  private let key: (UInt64, UInt64)
  /// What is added to words 0 and 2 in the rounds from the first to the third, where it is more than the key.
  private let (first2, second0, second2, third2): (UInt64, UInt64, UInt64, UInt64)

  @inline(__always) init(_ key: RandomKey, _ stream: UInt32, highWord: UInt32) {
    let (k0, k1) = (key[0], key[1])
    let p1 = UInt64(stream) &* Philox.factor1
    let c0 = UInt32(truncatingIfNeeded: p1 &>> 32) ^ highWord ^ k0
    let p0 = UInt64(c0) &* Philox.factor0
    self.key = (UInt64(k0), UInt64(k1))
    first2 = UInt64(key[2] ^ k1)
    second0 = (p1 & 0xffff_ffff) ^ Philox.roundKey0(self.key.0, 1)
    second2 = (p0 &>> 32) ^ Philox.roundKey1(self.key.1, 1)
    third2 = (p0 & 0xffff_ffff) ^ Philox.roundKey1(self.key.1, 2)
  }

  @_transparent private static func roundKey0(_ key: UInt64, _ round: UInt64) -> UInt64 {
    (key &+ round &* 0x9E37_79B9) & 0xffff_ffff
  }
  @_transparent private static func roundKey1(_ key: UInt64, _ round: UInt64) -> UInt64 {
    (key &+ round &* 0xBB67_AE85) & 0xffff_ffff
  }

  /// The four words of `Words.scalarCount` counters whose places have the low words from `first` on, a multiple of their number.
  @_transparent func words(_ first: UInt32) -> (Words, Words, Words, Words) {
    let at = Pairs(repeating: UInt64(first) &* Philox.factor0)
    let order = order &* Pairs(repeating: Philox.factor0)
    var p0 = WideWords(at &+ order, at &+ order &+ Pairs(repeating: 2 &* Philox.factor0))
    var p1 = (p0.high ^ first2) * Philox.factor1
    var (c0, c2) = (p1.high ^ second0, p0 ^ second2)
    p0 = c0 * Philox.factor0
    var c1 = p1
    p1 = c2 * Philox.factor1
    (c0, c1, c2) = (p1.high ^ (c1 ^ Philox.roundKey0(key.0, 2)), p1, p0.high ^ third2)
    var c3 = p0
    // Not a loop: the keys of the rounds are then made once for all counters.
    @_transparent func round(_ number: UInt64) {
      p0 = c0 * Philox.factor0
      p1 = c2 * Philox.factor1
      (c0, c2) = (
        p1.high ^ (c1 ^ Philox.roundKey0(key.0, number)), p0.high ^ (c3 ^ Philox.roundKey1(key.1, number))
      )
      (c1, c3) = (p1, p0)
    }
    round(3)
    round(4)
    round(5)
    round(6)
    round(7)
    round(8)
    round(9)
    return (c0.narrowed, c1.narrowed, c2.narrowed, c3.narrowed)
  }
}
