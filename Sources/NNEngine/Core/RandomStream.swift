import Synchronization

/// Random bits by counting: Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
///
/// The bits at an index are a pure function of (seed, stream, step, index): no state, so the same numbers come out on every
/// machine, in any order, on any number of threads.
public struct RandomStream: Sendable, Hashable {
  /// The user's seed.
  public var seed: UInt64
  /// Which consumer of the seed: a draw of weights, a layer's dropout, a shuffle.
  public var stream: UInt32
  /// Which use by that consumer: the training step, the epoch.
  public var step: UInt32

  /// A stream at its first step.
  public init(seed: UInt64, stream: UInt32, step: UInt32 = 0) {
    self.seed = seed
    self.stream = stream
    self.step = step
  }

  /// Four independent 32-bit words for each index.
  public func block(_ index: UInt64) -> (UInt32, UInt32, UInt32, UInt32) {
    var (c0, c1, c2, c3) = (UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32), stream, step)
    var (k0, k1) = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    for _ in 0..<10 {
      let p0 = UInt64(c0) &* 0xD251_1F53
      let p1 = UInt64(c2) &* 0xCD9E_8D57
      (c0, c1, c2, c3) = (
        UInt32(truncatingIfNeeded: p1 >> 32) ^ c1 ^ k0, UInt32(truncatingIfNeeded: p1),
        UInt32(truncatingIfNeeded: p0 >> 32) ^ c3 ^ k1, UInt32(truncatingIfNeeded: p0)
      )
      k0 = k0 &+ 0x9E37_79B9
      k1 = k1 &+ 0xBB67_AE85
    }
    return (c0, c1, c2, c3)
  }

  /// 64 random bits for each index.
  public func bits(_ index: Int) -> UInt64 {
    let b = block(UInt64(truncatingIfNeeded: index) >> 1)
    return index & 1 == 0 ? UInt64(b.0) << 32 | UInt64(b.1) : UInt64(b.2) << 32 | UInt64(b.3)
  }

  /// Uniform in the open interval (0, 1), 52 bits.
  public func uniform(_ index: Int) -> Double { (Double(bits(index) >> 12) + 0.5) * 0x1p-52 }

  /// Standard normal.
  public func normal(_ index: Int) -> Double { NormalDistribution.quantile(uniform(index)) }

  /// Standard normal given that it lies within ±2.
  public func truncatedNormal(_ index: Int) -> Double {
    // Φ(−2): the mass that is cut off at each end.
    let cut = 0.022750131948179207200
    return NormalDistribution.quantile(cut + uniform(index) * (1 - 2 * cut))
  }

  /// A whole number in 0 ..< bound, without bias that could be seen (64 bits against the bound).
  public func integer(_ index: Int, below bound: Int) -> Int {
    Int(truncatingIfNeeded: bits(index).multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// 0 ..< count in random order (Fisher, Yates).
  public func permutation(_ count: Int) -> [Int] {
    var result = Array(0..<count)
    shuffle(&result)
    return result
  }

  func shuffle(_ items: inout [Int]) {
    items.withUnsafeMutableBufferPointer { p in
      var i = p.count - 1
      while i > 0 {
        p.swapAt(i, integer(i, below: i + 1))
        i -= 1
      }
    }
  }
}

/// The seed from which everything random in the process starts, and the next free stream.
public enum RandomState {
  private struct State {
    var seed: UInt64
    var next: UInt32
    /// How often a seed was set.
    var generation = 0
  }
  private static let state = Mutex(State(seed: SystemRandomNumberGenerator().first(), next: 0))

  /// Starts all streams again from `seed`: what follows is reproducible, bit for bit.
  public static func set(seed: UInt64) {
    state.withLock { $0 = State(seed: seed, next: 0, generation: $0.generation + 1) }
  }

  /// Changes with each seed that is set: what took its numbers from an older one begins anew.
  static var generation: Int { state.withLock { $0.generation } }

  /// A stream that nobody else has; `seed` nil takes the process's.
  public static func newStream(seed: UInt64? = nil) -> RandomStream {
    if let seed { return RandomStream(seed: seed, stream: 0) }
    return state.withLock {
      $0.next &+= 1
      return RandomStream(seed: $0.seed, stream: $0.next)
    }
  }
}

extension SystemRandomNumberGenerator {
  fileprivate func first() -> UInt64 {
    var generator = self
    return generator.next()
  }
}
