// Functions whose way from x to y is so long that a processor can't have enough of the next lanes under way: the time is then the product of the
// length of the way and the number of instructions. In two steps, each through a part of the array that stays in the first cache, both
// factors are halved, and the sum of the products, too.
import CCPU
import KernelTable

/// Floats at a time: what is read, what is written and what is between, and the same of the next part, are in the first cache.
var partOfSteps: Int { @inline(__always) get { 128 } }
private var distance: Int { @inline(__always) get { 512 } }
/// Below, one loop is as fast.
private var leastForSteps: Int { @inline(__always) get { 128 } }

/// Calls `body` for each part, with memory for three times as many floats, and how far the next part is away: while one is computed, the next
/// is fetched. By itself the processor would only begin when the first step gets there, and wait.
@inline(__always) private func forParts(
  _ count: Int, _ body: (_ at: Int, _ count: Int, _ next: Int, _ t: Output) -> Void
) {
  withScratch { t in
    var i = 0
    while i < count {
      let n = min(partOfSteps, count &- i)
      body(i, n, count &- i >= distance &+ partOfSteps ? distance : 0, t)
      i &+= n
    }
  }
}

/// Calls `body` with memory for 4096 floats, which begins at a cache line.
@inline(__always) func withScratch(_ body: (Output) -> Void) {
  var scratch = ccpu_fresh_scratch()
  withUnsafeMutablePointer(to: &scratch) { scratch in
    let address = UInt(bitPattern: scratch)
    let offset = Int(bitPattern: (0 &- address) & 63)
    body((UnsafeMutableRawPointer(scratch) + offset).assumingMemoryBound(to: Float.self))
  }
}

/// The same for steps that work on pairs of lanes. What is no whole number of pairs is copied to memory where it is.
@inline(__always) func forPairs(
  _ count: Int, _ x: Input, _ dy: Input, _ y: Output,
  _ body: (_ count: Int, _ x: Input, _ dy: Input, _ y: Output, _ next: Int, _ t: Output) -> Void
) {
  forParts(count) { i, n, next, t in
    if n & (TwoLanes.width &- 1) == 0 {
      body(n, x + i, dy + i, y + i, next, t)
    } else {
      let (a, b, c) = (t + 4 &* partOfSteps, t + 5 &* partOfSteps, t + 6 &* partOfSteps)
      let whole = (n | (TwoLanes.width &- 1)) &+ 1
      copy(n, x + i, a)
      copy(n, dy + i, b)
      fill(whole &- n, 0, a + n)
      fill(whole &- n, 0, b + n)
      body(whole, a, b, c, 0, t)
      copy(n, c, y + i)
    }
  }
}

/// Fetches two lanes that will be needed soon.
@inline(__always) func fetchLanes(_ p: Input) {
  ccpu_prefetch_to_read(p)
  #if AVX512
    ccpu_prefetch_to_read(p + width)
  #endif
}
@inline(__always) func fetchLanes(_ p: Output) {
  ccpu_prefetch(p)
  #if AVX512
    ccpu_prefetch(p + width)
  #endif
}

/// y[i] = second(x[i], first(x[i])); y may be x.
@inline(__always) func mapInSteps(
  _ count: Int, _ x: Input, _ y: Output, _ first: (Lane) -> Lane, _ second: (_ x: Lane, _ t: Lane) -> Lane
) {
  guard count >= leastForSteps else { return mapLanes(count, x, y) { second($0, first($0)) } }
  forParts(count) { i, n, next, t in
    firstStep(n, x + i, next, t, first)
    lastStep(n, x + i, next, y + i) { second($0, Lane(at: t + $1)) }
  }
}

/// dx[i] = dy[i] · second(x[i], first(x[i])); dx may be x or dy.
@inline(__always) func chainInSteps(
  _ count: Int, _ x: Input, _ dy: Input, _ dx: Output, _ first: (Lane) -> Lane,
  _ second: (_ x: Lane, _ t: Lane) -> Lane
) {
  guard count >= leastForSteps else { return zipLanes(count, x, dy, dx) { second($0, first($0)) * $1 } }
  forParts(count) { i, n, next, t in
    firstStep(n, x + i, next, t, first)
    lastStep(n, x + i, dy + i, next, dx + i) { second($0, Lane(at: t + $1)) }
  }
}

/// t = f(x), to the end of the last lane.
@inline(__always) private func firstStep(_ count: Int, _ x: Input, _ next: Int, _ t: Output, _ f: (Lane) -> Lane) {
  let whole = count & ~(width &- 1)
  var k = 0
  while k < whole {
    ccpu_prefetch_to_read(x + (next &+ k))
    f(Lane(at: x + k)).store(to: t + k)
    k &+= width
  }
  if k < count { f(Lane(at: x + k, count: count &- k)).store(to: t + k) }
}

/// y = f(x, place)
@inline(__always) private func lastStep(
  _ count: Int, _ x: Input, _ next: Int, _ y: Output, _ f: (_ x: Lane, _ at: Int) -> Lane
) {
  let whole = count & ~(width &- 1)
  var k = 0
  while k < whole {
    ccpu_prefetch(y + (next &+ k))
    f(Lane(at: x + k), k).store(to: y + k)
    k &+= width
  }
  if k < count { f(Lane(at: x + k, count: count &- k), k).store(to: y + k, count: count &- k) }
}

/// dx = dy · f(x, place)
@inline(__always) private func lastStep(
  _ count: Int, _ x: Input, _ dy: Input, _ next: Int, _ dx: Output, _ f: (_ x: Lane, _ at: Int) -> Lane
) {
  let whole = count & ~(width &- 1)
  var k = 0
  while k < whole {
    ccpu_prefetch_to_read(dy + (next &+ k))
    ccpu_prefetch(dx + (next &+ k))
    (f(Lane(at: x + k), k) * Lane(at: dy + k)).store(to: dx + k)
    k &+= width
  }
  let rest = count &- k
  if rest > 0 { (f(Lane(at: x + k, count: rest), k) * Lane(at: dy + k, count: rest)).store(to: dx + k, count: rest) }
}
