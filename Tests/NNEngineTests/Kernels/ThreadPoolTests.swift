import Glibc
import Synchronization
import Testing

@testable import NNEngine

@Suite struct ThreadPoolTests {
  /// Counts the calls for each chunk.
  final class Calls: Sendable {
    let total = Atomic<Int>(0)
    let mistakes = Atomic<Int>(0)
  }

  @Test(arguments: 1...4)
  func everyChunkRunsOnce(threads: Int) {
    let pool = ThreadPool()
    pool.threadCount = threads
    for round in 0..<2000 {
      let chunks = round % 37
      let seen = UnsafeMutablePointer<Int>.allocate(capacity: 64)
      seen.initialize(repeating: 0, count: 64)
      pool.run(chunks) { seen[$0] += 1 }
      for chunk in 0..<64 where seen[chunk] != (chunk < chunks ? 1 : 0) {
        Issue.record("chunk \(chunk) of \(chunks) ran \(seen[chunk]) times")
      }
      seen.deallocate()
    }
  }

  @Test func workersSleepAndWake() {
    let pool = ThreadPool()
    pool.threadCount = 3
    let calls = Calls()
    for _ in 0..<30 {
      pool.run(8) { _ in calls.total.wrappingAdd(1, ordering: .relaxed) }
      usleep(3000)
    }
    #expect(calls.total.load(ordering: .relaxed) == 240)
  }

  /// Rare waits are borne. Many make the caller work alone, twice as long if it was soon; after a quiet time it begins anew.
  @Test func solitude() {
    let (millisecond, short) = (UInt64(1) << 22, UInt64(1) << 27)
    var solitude = Solitude()
    var now = short
    for _ in 0..<1000 {
      now += 20 * millisecond
      solitude.note(wait: 4 * millisecond, at: now)
      #expect(!solitude.lasts(at: now))
    }
    func alone() -> UInt64 {
      while !solitude.lasts(at: now) {
        now += 5 * millisecond
        solitude.note(wait: 4 * millisecond, at: now)
      }
      let start = now
      while solitude.lasts(at: now) { now += millisecond }
      return now - start
    }
    #expect(alone() == short)
    #expect(alone() == 2 * short)
    #expect(alone() == 4 * short)
    now += 100 * short
    #expect(alone() == short)
    solitude.note(wait: .max, at: now + 100 * short)
    #expect(!solitude.lasts(at: now + 100 * short))
  }

  /// Four workers take part only if all four are at work at once.
  @Test func chunksRunAtTheSameTime() {
    let pool = ThreadPool()
    pool.threadCount = 4
    let arrived = Calls()
    pool.run(4) { _ in
      arrived.total.wrappingAdd(1, ordering: .relaxed)
      var patience = 0
      while arrived.total.load(ordering: .relaxed) < 4 && patience < 20_000 {
        usleep(100)
        patience += 1
      }
      if patience == 20_000 { arrived.mistakes.wrappingAdd(1, ordering: .relaxed) }
    }
    #expect(arrived.mistakes.load(ordering: .relaxed) == 0)
  }

  @Test func nestedRunsAreComputedInPlace() {
    let pool = ThreadPool()
    pool.threadCount = 3
    let calls = Calls()
    for _ in 0..<200 {
      pool.run(6) { _ in
        let inner = pthread_self()
        pool.run(5) { _ in
          if pthread_self() != inner { calls.mistakes.wrappingAdd(1, ordering: .relaxed) }
          calls.total.wrappingAdd(1, ordering: .relaxed)
        }
      }
    }
    #expect(calls.total.load(ordering: .relaxed) == 200 * 6 * 5)
    #expect(calls.mistakes.load(ordering: .relaxed) == 0)
  }

  @Test func severalThreadsAtOnceAndChangesOfTheCount() async {
    let pool = ThreadPool()
    let calls = Calls()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          for round in 0..<1500 {
            pool.run(1 + round % 9) { _ in calls.total.wrappingAdd(1, ordering: .relaxed) }
          }
        }
      }
      group.addTask {
        for round in 0..<60 {
          pool.threadCount = 1 + round % 5
          #expect(pool.threadCount == 1 + round % 5)
        }
      }
    }
    let expected = 4 * (0..<1500).reduce(0) { $0 + 1 + $1 % 9 }
    #expect(calls.total.load(ordering: .relaxed) == expected)
  }

  @Test func odd() {
    let pool = ThreadPool()
    pool.threadCount = 0
    #expect(pool.threadCount == 1)
    pool.run(0) { _ in Issue.record("no chunks") }
    pool.run(-1) { _ in Issue.record("no chunks") }
    #expect(ThreadPool.processorCount >= 1)
    #expect(ThreadPool.shared.threadCount >= 1)
  }

  @Test func levels() {
    #expect(CPU.detected != nil)
    #expect("\(CPU.kernels.level)".isEmpty == false)
    for level in TestedLevel.available {
      #expect(CPU.table(level.level)?.lanes == (level == .avx512 ? 16 : 8))
    }
  }
}
