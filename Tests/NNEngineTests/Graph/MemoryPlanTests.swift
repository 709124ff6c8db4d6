import Testing

@testable import NNEngine

@Suite("Memory plan")
struct MemoryPlanTests {
  typealias Interval = MemoryPlan.Interval

  /// Sizes and lives as they come in programs: many short ones, a few that never end, some empty.
  static func intervals(_ seed: UInt64) -> [Interval] {
    let random = RandomStream(seed: seed, stream: 77)
    var index = 0
    func next(_ bound: Int) -> Int {
      index += 1
      return random.integer(index, below: bound)
    }
    return (0..<1 + next(40)).map { _ in
      let first = next(30)
      let last = next(10) == 0 ? Int.max : first + next(next(4) == 0 ? 30 : 4)
      return Interval(bytes: next(8) == 0 ? 0 : 1 << next(14) | next(100), first: first, last: last)
    }
  }

  /// Bytes that are alive at once, at the step where most are: no plan can do with less.
  static func peak(_ intervals: [Interval]) -> Int {
    intervals.map { now in
      intervals.filter { $0.first <= now.first && now.first <= $0.last }.reduce(0) {
        $0 + (max($1.bytes, 1) + 63) & ~63
      }
    }.max() ?? 0
  }

  @Test("buffers that are alive at the same time never overlap: 3,000 random sets")
  func neverOverlap() {
    var (total, least) = (0, 0)
    for seed in 0..<3_000 as Range<UInt64> {
      let all = Self.intervals(seed)
      let plan = MemoryPlan(all)
      for i in all.indices {
        let end = plan.offsets[i] + all[i].bytes
        if plan.offsets[i] % 64 != 0 || plan.offsets[i] < 0 || end > plan.total {
          Issue.record("seed \(seed): \(i) at \(plan.offsets[i]) of \(plan.total)")
        }
        for j in 0..<i where all[i].first <= all[j].last && all[j].first <= all[i].last {
          let (a, b) = (plan.offsets[i], plan.offsets[j])
          if a < b + max(all[j].bytes, 1) && b < a + max(all[i].bytes, 1) {
            Issue.record("seed \(seed): \(i) and \(j) overlap: \(all[i]) at \(a), \(all[j]) at \(b)")
          }
        }
      }
      total += plan.total
      least += Self.peak(all)
    }
    #expect(total >= least)
    #expect(Double(total) < 1.05 * Double(least), "\(total) bytes where \(least) are alive at once")
  }

  @Test("the same intervals, the same plan")
  func deterministic() {
    for seed in 0..<50 as Range<UInt64> {
      #expect(MemoryPlan(Self.intervals(seed)).offsets == MemoryPlan(Self.intervals(seed)).offsets)
    }
  }

  @Test("a chain needs two places, parallel lives need all")
  func shapes() {
    let chain = (0..<10).map { Interval(bytes: 640, first: $0, last: $0 + 1) }
    #expect(MemoryPlan(chain).total == 1280)
    let parallel = (0..<10).map { Interval(bytes: 600, first: $0, last: Int.max) }
    #expect(MemoryPlan(parallel).total == 6400)
    #expect(MemoryPlan([]).total == 0)
  }
}
