import Glibc
import KernelTable
import Testing

@testable import NNEngine

/// `make bench-components`: how long each activation (forward and backward) and each optimizer's update takes, as a multiple of the time
/// that a loop needs which moves the same bytes and hardly computes; not a test of anything. Arrays are larger than the caches, and one
/// thread works: with more, memory is slower beside arithmetic, and the ratios get smaller.
@Suite(.serialized, .enabled(if: getenv("NN_BENCH") != nil)) struct ComponentBenchmark {
  private static let count = 1 << 23
  private static let only = getenv("NN_BENCH_ONLY").map { String(cString: $0) } ?? ""
  private static let repetitions = 9

  @Test func activations() throws {
    let (x, y, z) = (Memory(Self.count), Memory(Self.count), Memory(Self.count))
    for level in TestedLevel.available {
      let table = try level.table
      var lines: [(Double, String)] = []
      for i in 0..<table.scalarFunctionCount {
        let function = table.scalarFunction(i)
        guard function.isActivation, Self.only.isEmpty || function.name.description.contains(Self.only) else {
          continue
        }
        let p = function.parameterDefaults
        let forward = Self.ratio(
          { function.map(Self.count, x.p, y.p, p) }, to: { Self.scale(x.p, y.p) })
        let backward = Self.ratio(
          { function.gradient(Self.count, x.p, y.p, z.p, p) }, to: { Self.triad(x.p, y.p, z.p) })
        for (what, r) in [("forward", forward), ("backward", backward)] {
          lines.append((r.ratio, "\(level) \(function.name) \(what): \(r.text)"))
        }
      }
      Self.show(lines)
    }
  }

  /// Softmax and log-softmax of rows of ten and of a thousand.
  @Test func rows() throws {
    guard Self.only.isEmpty || "softmax".contains(Self.only) else { return }
    let (x, y, z) = (Memory(Self.count), Memory(Self.count), Memory(Self.count))
    for level in TestedLevel.available {
      let table = try level.table
      var lines: [(Double, String)] = []
      for columns in [10, 1024] {
        let rows = Self.count / columns
        let forward = Self.ratio({ table.softmax(0..<rows, columns, x.p, y.p) }, to: { Self.scale(x.p, y.p) })
        let backward = Self.ratio(
          { table.softmaxGradient(0..<rows, columns, x.p, y.p, z.p) }, to: { Self.triad(x.p, y.p, z.p) })
        lines.append((forward.ratio, "\(level) softmax of \(columns) forward: \(forward.text)"))
        lines.append((backward.ratio, "\(level) softmax of \(columns) backward: \(backward.text)"))
      }
      Self.show(lines)
    }
  }

  @Test func optimizers() throws {
    ThreadPool.shared.threadCount = 1
    defer { ThreadPool.shared.threadCount = ThreadPool.processorCount }
    let arrays = (0..<5).map { _ in Memory(Self.count) }
    var lines: [(Double, String)] = []
    for reference in OptimizerReferences.all {
      guard Self.only.isEmpty || reference.label.contains(Self.only) else { continue }
      let start = try Tensor(Float(0.5), count: Self.count)
      let run = try OptimizerRun(reference.optimizer(), [("w", start)])
      try run.step([[Float](repeating: 0.01, count: Self.count)])
      var failed = false
      let r = Self.ratio(
        { do { try run.repeatStep() } catch { failed = true } }, to: { Self.inPlace(arrays, reference.slots + 1) })
      #expect(!failed)
      lines.append((r.ratio, "\(reference.label): \(r.text)"))
    }
    Self.show(lines)
  }

  private static func show(_ lines: [(Double, String)]) {
    for (_, text) in lines.sorted(by: { $0.0 > $1.0 }) { print(text) }
    let misses = lines.count { $0.0 > 1.5 }
    print(misses == 0 ? "all \(lines.count) within 1.5" : "\(misses) of \(lines.count) need more than 1.5 times")
  }

  // MARK: What memory alone takes

  private final class Memory {
    let p: UnsafeMutablePointer<Float>
    init(_ count: Int) {
      p = .allocate(capacity: count)
      var numbers = TestNumbers(5)
      let some = numbers.floats(4096, scale: 3)
      for i in 0..<count { p[i] = some[i & 4095] }
    }
    deinit { p.deallocate() }
  }

  private typealias Wide = SIMD8<Float>

  private static func scale(_ x: UnsafeMutablePointer<Float>, _ y: UnsafeMutablePointer<Float>) {
    var i = 0
    while i < count {
      let v = UnsafeRawPointer(x + i).loadUnaligned(as: Wide.self)
      UnsafeMutableRawPointer(y + i).storeBytes(of: v * 0.5, as: Wide.self)
      i &+= 8
    }
  }

  private static func triad(
    _ x: UnsafeMutablePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ z: UnsafeMutablePointer<Float>
  ) {
    var i = 0
    while i < count {
      let (a, b) = (
        UnsafeRawPointer(x + i).loadUnaligned(as: Wide.self), UnsafeRawPointer(y + i).loadUnaligned(as: Wide.self)
      )
      UnsafeMutableRawPointer(z + i).storeBytes(of: a * 0.5 + b, as: Wide.self)
      i &+= 8
    }
  }

  /// Reads the last array; reads and writes `moved` others.
  private static func inPlace(_ arrays: [Memory], _ moved: Int) {
    let g = arrays[4].p
    let (a, b, c, d) = (arrays[0].p, arrays[1].p, arrays[2].p, arrays[3].p)
    func move(_ p: UnsafeMutablePointer<Float>, _ i: Int, _ v: Wide) {
      let old = UnsafeRawPointer(p + i).loadUnaligned(as: Wide.self)
      UnsafeMutableRawPointer(p + i).storeBytes(of: old * 0.5 + v, as: Wide.self)
    }
    var i = 0
    while i < count {
      let v = UnsafeRawPointer(g + i).loadUnaligned(as: Wide.self)
      move(a, i, v)
      if moved > 1 { move(b, i, v) }
      if moved > 2 { move(c, i, v) }
      if moved > 3 { move(d, i, v) }
      i &+= 8
    }
  }

  // MARK: Time

  /// Both in turn, so that a slow spell of the machine hits both; the fastest of each.
  private static func ratio(_ body: () -> Void, to memory: () -> Void) -> (ratio: Double, text: String) {
    var (best, bare) = (Double.infinity, Double.infinity)
    for _ in 0..<repetitions {
      bare = min(bare, seconds(memory))
      best = min(best, seconds(body))
    }
    func ns(_ t: Double) -> String { DecimalText.fixed(t * 1e9 / Double(count), places: 2) }
    let ratio = best / bare
    return (ratio, "\(DecimalText.fixed(ratio, places: 2)) (\(ns(best)) ns, memory alone \(ns(bare)) ns)")
  }

  private static func seconds(_ body: () -> Void) -> Double {
    var (a, b) = (timespec(), timespec())
    clock_gettime(CLOCK_MONOTONIC, &a)
    body()
    clock_gettime(CLOCK_MONOTONIC, &b)
    return Double(b.tv_sec - a.tv_sec) + Double(b.tv_nsec - a.tv_nsec) * 1e-9
  }
}

extension Tensor {
  fileprivate init(_ value: Float, count: Int) throws {
    try self.init([Float](repeating: value, count: count))
  }
}
