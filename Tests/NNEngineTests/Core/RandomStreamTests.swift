import Testing

@testable import NNEngine

@Suite("RandomStream")
struct RandomStreamTests {
  /// The vectors of philox4x32-10 in Random123's kat_vectors: counter, key, result.
  @Test(
    "Philox's known answers",
    arguments: [
      (
        [0, 0, 0, 0], [0, 0], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
      ),
      (
        [0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff], [0xffff_ffff, 0xffff_ffff],
        [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
      ),
      (
        [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0],
        [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
      ),
    ] as [([UInt32], [UInt32], [UInt32])])
  func knownAnswers(_ counter: [UInt32], _ key: [UInt32], _ expected: [UInt32]) {
    let stream = RandomStream(
      seed: UInt64(key[1]) << 32 | UInt64(key[0]), stream: counter[2], step: counter[3])
    let b = stream.block(UInt64(counter[1]) << 32 | UInt64(counter[0]))
    #expect([b.0, b.1, b.2, b.3] == expected)
  }

  @Test("the four words of a block serve two indices")
  func bits() {
    let stream = RandomStream(seed: 0, stream: 0)
    #expect(stream.bits(0) == 0x6627_e8d5_e169_c58d)
    #expect(stream.bits(1) == 0xbc57_ac4c_9b00_dbd8)
  }

  @Test("seed, stream and step are independent")
  func independent() {
    let seeds = [
      RandomStream(seed: 1, stream: 2, step: 3), RandomStream(seed: 2, stream: 2, step: 3),
      RandomStream(seed: 1, stream: 3, step: 3), RandomStream(seed: 1, stream: 2, step: 4),
      RandomStream(seed: 1 << 32, stream: 2, step: 3),
    ]
    #expect(Set(seeds.map { $0.bits(0) }).count == seeds.count)
  }

  /// A mean of n uniform numbers has the deviation √(1/12n): 0.0003 here; 5 of them are allowed.
  @Test("uniform: limits and moments of a million")
  func uniform() {
    let stream = RandomStream(seed: 7, stream: 1)
    let n = 1_000_000
    var (sum, squares, low, high) = (0.0, 0.0, 1.0, 0.0)
    for i in 0..<n {
      let u = stream.uniform(i)
      sum += u
      squares += u * u
      (low, high) = (min(low, u), max(high, u))
    }
    #expect(low > 0 && low < 1e-5 && high < 1 && high > 1 - 1e-5)
    #expect(abs(sum / Double(n) - 0.5) < 0.0015)
    #expect(abs(squares / Double(n) - 1.0 / 3) < 0.0015)
  }

  /// Standard errors at n = 1e6: mean 0.001, variance √2/1000, fourth moment √96/1000; five of each are allowed. Cut at ±2 the
  /// variance is 1 − 4φ(2)/(2Φ(2) − 1) = 0.77374.
  @Test("normal and truncated normal: moments of a million")
  func normal() {
    let stream = RandomStream(seed: 11, stream: 5)
    let n = 1_000_000
    var (mean, variance, fourth, cut, cutVariance) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for i in 0..<n {
      let (x, t) = (stream.normal(i), stream.truncatedNormal(i))
      mean += x
      variance += x * x
      fourth += x * x * x * x
      cut = max(cut, abs(t))
      cutVariance += t * t
    }
    #expect(abs(mean / Double(n)) < 0.005)
    #expect(abs(variance / Double(n) - 1) < 0.007)
    #expect(abs(fourth / Double(n) - 3) < 0.05)
    #expect(cut <= 2 && cut > 1.9999)
    #expect(abs(cutVariance / Double(n) - 0.773741) < 0.005)
  }

  @Test("a permutation has each number once, repeats with its seed, and differs without")
  func permutation() {
    let stream = RandomStream(seed: 3, stream: 0)
    let order = stream.permutation(1000)
    #expect(order.sorted() == Array(0..<1000))
    #expect(order == stream.permutation(1000))
    #expect(order != Array(0..<1000))
    #expect(order != RandomStream(seed: 4, stream: 0).permutation(1000))
    #expect(stream.permutation(0).isEmpty)
    #expect(stream.permutation(1) == [0])
  }

  /// All six orders of three; 60,000 draws expect 10,000 each with deviation 91.
  @Test("permutations are equally likely")
  func fair() {
    var counts: [[Int]: Int] = [:]
    for seed in 0..<60_000 { counts[RandomStream(seed: UInt64(seed), stream: 9).permutation(3), default: 0] += 1 }
    #expect(counts.count == 6)
    for (_, count) in counts { #expect(abs(count - 10_000) < 460) }
  }
}

@Suite("NormalDistribution")
struct NormalDistributionTests {
  /// Quantiles from mpmath with 30 digits: the root of ncdf(x) = p.
  @Test(
    "quantiles",
    arguments: [
      (0.5, 0), (0.75, 0.674489750196081743), (0.9, 1.28155156554460047), (0.975, 1.95996398454005424),
      (0.99, 2.32634787404084110), (0.999, 3.09023230616781354), (1e-5, -4.26489079392282463),
      (1e-10, -6.36134090240406204), (1e-20, -9.26234008979840757), (1e-300, -37.0470962993611992),
      (0.025, -1.95996398454005424), (0.07, -1.47579102817917025), (0.93, 1.47579102817917025),
    ])
  func quantile(_ p: Double, _ x: Double) {
    #expect(abs(NormalDistribution.quantile(p) - x) <= 4e-15 * max(1, abs(x)))
  }

  /// From mpmath.
  @Test(
    "natural logarithm",
    arguments: [
      (1, 0), (2, 0.693147180559945309), (10, 2.30258509299404568), (0.1, -2.30258509299404568),
      (1e-300, -690.775527898213706), (1.4142135623730951, 0.346573590279972688), (0.999, -0.00100050033358353350),
      (1e300, 690.775527898213706),
    ])
  func log(_ x: Double, _ y: Double) {
    #expect(abs(NormalDistribution.log(x) - y) <= 4e-16 * max(0.01, abs(y)))
  }
}
