import Glibc
import Testing

/// Tells how many allocations the whole process has made so far, when Tests/support/malloc_counter.c is preloaded, as it
/// is in one run of `make test`. That run has only the suites whose type's name contains "Allocation", one test at a
/// time, so that nobody else allocates while they count:
///
///     @Suite struct StepAllocationTests {
///     @Test(.countsAllocations) func steps() throws {
///       …warm up…
///       let made = try AllocationCounter.count { for _ in 0..<100 { program.run() } }
///       #expect(made == 0)
///     }}
struct AllocationCounter: Sendable {
  private typealias Total = @convention(c) () -> UInt64
  private let total: Total

  /// Nil when the counter is not preloaded.
  static let shared: AllocationCounter? = {
    guard let symbol = dlsym(nil, "malloc_counter_total") else { return nil }
    return AllocationCounter(total: unsafeBitCast(symbol, to: Total.self))
  }()

  /// The allocations that `body` makes, in this thread and in all others.
  static func count(_ body: () throws -> Void) throws -> UInt64 {
    guard let counter = shared else { throw FixtureError("malloc_counter.so is not preloaded") }
    let before = counter.total()
    try body()
    return counter.total() - before
  }

  /// By how much two equal calls may differ. An array takes as its capacity what the allocator happens to give (`malloc_usable_size`:
  /// a block may be larger than asked for), so that appending to it sometimes needs one allocation less. Compare calls that differ by
  /// 100 rounds or more: one allocation a round is far above this.
  static let chance = 10
}

extension Trait where Self == ConditionTrait {
  /// The test is skipped, and the report says why, unless allocations are counted.
  static var countsAllocations: Self {
    .enabled(if: AllocationCounter.shared != nil, "needs the preloaded counter: make test runs it separately")
  }
}

@Suite("Allocation counter")
struct AllocationCounterTests {
  @Test("counts what is allocated, and nothing where nothing is", .countsAllocations)
  func counts() throws {
    var pointers = [UnsafeMutableRawPointer?](repeating: nil, count: 100)
    var made: UInt64 = 0
    var none: UInt64 = 0
    for _ in 1...2 {  // the first round also pays for what the runtime sets up once
      made = try AllocationCounter.count {
        for index in pointers.indices { pointers[index] = malloc(index + 1) }
      }
      none = try AllocationCounter.count {
        for index in pointers.indices { free(pointers[index]) }
      }
    }
    #expect(made == 100)
    #expect(none == 0)
  }

  @Test("Swift's arrays are counted", .countsAllocations)
  func arrays() throws {
    var kept: [[Int]] = []
    kept.reserveCapacity(10)
    let made = try AllocationCounter.count {
      for size in 1...10 { kept.append([Int](repeating: size, count: size)) }
    }
    #expect(made == 10)
    #expect(kept.count == 10)
  }
}
