import Glibc

@testable import NNEngine

/// Times for a machine that others use too: the way through the arrays is cut into parts, each is timed by itself on every pass, and of
/// each part the fastest pass counts. A part takes some ten microseconds, so that some pass of it is undisturbed. Of three rounds of such passes the
/// one with the middle ratio counts, since a spell in which only memory, or only the processor, is slow can last as long as a round.
enum ComponentTimes {
  /// Floats in an array: together they are larger than the caches.
  static let count = 1 << 24
  private static let part = 1 << 16
  private static let passes = 5
  private static let rounds = 3

  /// What is done to `count` floats from `at` on.
  typealias Body = @Sendable (_ at: Int, _ count: Int) -> Void

  struct Line {
    let name: String
    /// Nanoseconds for each float: memory alone, and the component; with one thread, and with all.
    let one: (memory: Double, component: Double)
    let all: (memory: Double, component: Double)
    var ratio: Double { all.component / all.memory }
    var ratioOfOne: Double { one.component / one.memory }
  }

  struct Table {
    private var lines: [Line] = []

    mutating func measure(_ name: String, to memory: @escaping Body, _ component: @escaping Body) {
      let one = ComponentTimes.middle(memory, component, chunks: 1)
      let threads = ThreadPool.processorCount
      let all = threads == 1 ? one : ComponentTimes.middle(memory, component, chunks: threads)
      lines.append(Line(name: name, one: one, all: all))
    }

    func show() {
      func text(_ x: Double) -> String { DecimalText.fixed(x, places: 2) }
      print("all threads | one | ns a float: memory, component (all threads) | memory, component (one)")
      for line in lines.sorted(by: { $0.ratio > $1.ratio }) {
        print(
          "\(text(line.ratio)) | \(text(line.ratioOfOne)) | \(line.name) | \(text(line.all.memory)), "
            + "\(text(line.all.component)) | \(text(line.one.memory)), \(text(line.one.component))")
      }
      let misses = (lines.count { $0.ratio > 1.5 }, lines.count { $0.ratioOfOne > 1.5 })
      print("of \(lines.count), \(misses.0) need more than 1.5 times with all threads, \(misses.1) with one")
    }
  }

  private static func middle(
    _ memory: @escaping Body, _ component: @escaping Body, chunks: Int
  ) -> (memory: Double, component: Double) {
    let times = (0..<rounds).map { _ in nanoseconds([memory, component], chunks: chunks) }
    let middle = times.sorted { $0[1] / $0[0] < $1[1] / $1[0] }[rounds / 2]
    return (middle[0], middle[1])
  }

  /// In turn, so that a slow spell of the machine hits all. A part is shared by the threads as a kernel's work is.
  private static func nanoseconds(_ bodies: [Body], chunks: Int) -> [Double] {
    let parts = count / part
    var fastest = bodies.map { _ in [Double](repeating: .infinity, count: parts) }
    // With more threads a part is larger, and each thread's share is not.
    for _ in 0..<passes {
      for (b, body) in bodies.enumerated() {
        for first in stride(from: 0, to: parts, by: chunks) where first + chunks <= parts {
          let start = now()
          if chunks == 1 {
            body(first * part, part)
          } else {
            ThreadPool.shared.run(chunks) { body((first + $0) * part, part) }
          }
          fastest[b][first] = min(fastest[b][first], now() - start)
        }
      }
    }
    let timed = Double(parts / chunks * chunks * part)
    return fastest.map { $0.filter { $0 < .infinity }.reduce(0, +) * 1e9 / timed }
  }

  private static func now() -> Double {
    var t = timespec()
    clock_gettime(CLOCK_MONOTONIC, &t)
    return Double(t.tv_sec) + Double(t.tv_nsec) * 1e-9
  }
}
