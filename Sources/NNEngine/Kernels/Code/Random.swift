// Random numbers and masks. Elements come in groups: what the four words of sixteen counters are enough for. Word w of counter c is element
// 16·w + c of its group, so that a lane of counters gives lanes of neighbouring elements at any width.
import KernelTable

private let counters = 16

/// In [0, 1): the upper 24 bits.
@_transparent private func unit(_ w: Words) -> Lane {
  Lane(converting: unsafeBitCast(w &>> Words(repeating: 8), to: IntLane.self)) * 0x1p-24
}

/// What is made of the words of a lane of counters.
private protocol WordUse {
  /// Elements of a group.
  static var groupSize: Int { get }
  /// The words' elements begin at x and y, one lane of them every sixteen elements.
  func use(_ w: (Words, Words, Words, Words), _ x: Input, _ y: Output)
}

/// Elements x + i and y + i, for i in the range. Where a group reaches over it, they are in other memory, and copied.
@inline(__always) private func forEachLane<Use: WordUse>(
  _ range: Range<Int>, _ key: RandomKey, _ stream: UInt32, _ x: Input?, _ y: Output, _ use: Use
) {
  withScratch { scratch in
    var start = range.lowerBound
    while start < range.upperBound {
      // Up to where the high word of the counters' places changes.
      let highWord = (start / Use.groupSize) &>> 28
      let stop = min(range.upperBound, ((highWord &+ 1) &<< 28) &* Use.groupSize)
      let philox = Philox(key, stream, highWord: UInt32(truncatingIfNeeded: highWord))
      while start < stop {
        // All groups that lie in the range, or a part of one.
        let group = start / Use.groupSize
        let at = group &* Use.groupSize
        let isWhole = start == at && at &+ Use.groupSize <= stop
        let end = isWhole ? stop & ~(Use.groupSize &- 1) : min(stop, at &+ Use.groupSize)
        var (source, target) = (Input(y + at), y + at)
        if let x { source = x + at }
        if !isWhole {
          if let x { copy(end &- start, x + start, scratch + (start &- at)) }
          (source, target) = (Input(scratch), scratch)
        }
        var counter = group &* counters
        let last = counter &+ quotient(end &- at, Use.groupSize) &* counters
        while counter < last {
          var c = 0
          while c < counters {
            use.use(philox.words(UInt32(truncatingIfNeeded: counter &+ c)), source + c, target + c)
            c &+= Words.scalarCount
          }
          source += Use.groupSize
          target += Use.groupSize
          counter &+= counters
        }
        if !isWhole { copy(end &- start, scratch + (start &- at), y + start) }
        start = end
      }
    }
  }
}

private struct UniformNumbers: WordUse {
  static var groupSize: Int { @inline(__always) get { 64 } }

  @inline(__always) func use(_ w: (Words, Words, Words, Words), _ x: Input, _ y: Output) {
    unit(w.0).store(to: y)
    unit(w.1).store(to: y + counters)
    unit(w.2).store(to: y + 2 &* counters)
    unit(w.3).store(to: y + 3 &* counters)
  }
}

func randomUniform(_ range: Range<Int>, _ key: RandomKey, _ stream: UInt32, _ out: Output) {
  forEachLane(range, key, stream, nil, out - range.lowerBound, UniformNumbers())
}

private struct NormalNumbers: WordUse {
  static var groupSize: Int { @inline(__always) get { 64 } }

  @inline(__always) func use(_ w: (Words, Words, Words, Words), _ x: Input, _ y: Output) {
    let (a, b) = boxMuller(w.0, w.1)
    let (c, d) = boxMuller(w.2, w.3)
    a.store(to: y)
    b.store(to: y + counters)
    c.store(to: y + 2 &* counters)
    d.store(to: y + 3 &* counters)
  }
}

func randomNormal(_ range: Range<Int>, _ key: RandomKey, _ stream: UInt32, _ out: Output) {
  forEachLane(range, key, stream, nil, out - range.lowerBound, NormalNumbers())
}

@_transparent private func boxMuller(_ u: Words, _ v: Words) -> (Lane, Lane) {
  // 1 − [0, 1) = (0, 1]: the logarithm is finite.
  let radius = (-2 * log(1 - unit(u))).squareRoot()
  let angle = unit(v) * 6.283185307
  return (radius * sine(angle, quarterTurns: 1), radius * sine(angle, quarterTurns: 0))
}

// MARK: Masks

#if AVX512
  private typealias Halves = SIMD32<UInt16>
#else
  private typealias Halves = SIMD16<UInt16>
#endif

/// Half a word decides over an element, so a group is twice as large: low halves of word 0, high halves of word 0, low halves of
/// word 1, … The share of dropped elements is a multiple of 2⁻¹⁶.
private protocol Mask: WordUse {
  /// The least half that keeps an element: all halves with half · 2⁻¹⁶ ≥ rate do.
  var limit: Halves { get }
  /// Of elements that are kept where the sign of `kept` is set.
  func masked(_ x: Lane, _ kept: Lane) -> Lane
}

extension Mask {
  static var groupSize: Int { @inline(__always) get { 128 } }

  @inline(__always) func use(_ w: (Words, Words, Words, Words), _ x: Input, _ y: Output) {
    use(w.0, x, y)
    use(w.1, x + 2 &* counters, y + 2 &* counters)
    use(w.2, x + 4 &* counters, y + 4 &* counters)
    use(w.3, x + 6 &* counters, y + 6 &* counters)
  }

  @inline(__always) private func use(_ w: Words, _ x: Input, _ y: Output) {
    let kept = unsafeBitCast(unsafeBitCast(w, to: Halves.self) .>= limit, to: Words.self)
    masked(Lane(at: x), unsafeBitCast(kept &<< Words(repeating: 16), to: Lane.self)).store(to: y)
    masked(Lane(at: x + counters), unsafeBitCast(kept, to: Lane.self)).store(to: y + counters)
  }
}

private struct Scaled: Mask {
  let limit: Halves
  let scale: Float
  @inline(__always) func masked(_ x: Lane, _ kept: Lane) -> Lane { Lane().blended(x * scale, kept) }
}

private struct NegatedDropped: Mask {
  let limit: Halves
  @inline(__always) func masked(_ x: Lane, _ kept: Lane) -> Lane { (Lane() - x).blended(Lane(), kept) }
}

/// The least whole number that is not less than rate · 2¹⁶; none if all are dropped.
@inline(__always) private func limit(_ rate: Float) -> Halves? {
  let limit = (rate * 65_536).rounded(.up)
  return limit < 65_536 ? Halves(repeating: limit > 0 ? UInt16(limit) : 0) : nil
}

func dropout(
  _ range: Range<Int>, _ key: RandomKey, _ stream: UInt32, _ rate: Float, _ scale: Float, _ x: Input, _ y: Output
) {
  guard let limit = limit(rate) else { return fill(range.count, 0, y + range.lowerBound) }
  forEachLane(range, key, stream, x, y, Scaled(limit: limit, scale: scale))
}

/// out[i − range.lowerBound] = −x[i] where dropout drops x[i], 0 elsewhere.
func negatedDropped(
  _ range: Range<Int>, _ key: RandomKey, _ stream: UInt32, _ rate: Float, _ x: Input, _ out: Output
) {
  guard let limit = limit(rate) else { return mapLanes(range.count, x + range.lowerBound, out) { Lane() - $0 } }
  forEachLane(range, key, stream, x, out - range.lowerBound, NegatedDropped(limit: limit))
}
