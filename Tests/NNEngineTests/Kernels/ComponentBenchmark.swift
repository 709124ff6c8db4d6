import Glibc
import KernelTable
import Testing

@testable import NNEngine

/// `make bench-components`: how long each activation (forward and backward) and each optimizer's update takes, as a multiple of the time
/// that a loop needs which moves the same bytes and hardly computes, with one thread and with all; not a test of anything. Arrays
/// are larger than the caches. bench/README.md says how to read it.
@Suite(.serialized, .enabled(if: getenv("NN_BENCH") != nil)) struct ComponentBenchmark {
  private static let only = getenv("NN_BENCH_ONLY").map { String(cString: $0) } ?? ""

  @Test func activations() throws {
    let (x, y, z) = try (Memory(), Memory(), Memory())
    for level in TestedLevel.available {
      let table = try level.table
      var results = ComponentTimes.Table()
      for i in 0..<table.scalarFunctionCount {
        let function = table.scalarFunction(i)
        guard function.isActivation, Self.only.isEmpty || function.name.description.contains(Self.only) else {
          continue
        }
        let p = function.parameterDefaults
        results.measure("\(level) \(function.name)", to: { MemoryTraffic.scale($1, x.p + $0, y.p + $0) }) {
          function.map($1, x.p + $0, y.p + $0, p)
        }
        results.measure(
          "\(level) \(function.name) backward", to: { MemoryTraffic.triad($1, x.p + $0, y.p + $0, z.p + $0) }
        ) { function.gradient($1, x.p + $0, y.p + $0, z.p + $0, p) }
      }
      results.show()
    }
  }

  /// Softmax and log-softmax of rows of ten and of a thousand.
  @Test func rows() throws {
    guard Self.only.isEmpty || "softmax".contains(Self.only) else { return }
    let (x, y, z) = try (Memory(), Memory(), Memory())
    for level in TestedLevel.available {
      let table = try level.table
      var results = ComponentTimes.Table()
      for columns in [10, 1024] {
        for (name, map, slope) in [
          ("softmax", table.softmax, table.softmaxGradient),
          ("log_softmax", table.logSoftmax, table.logSoftmaxGradient),
        ] {
          results.measure("\(level) \(name) of \(columns)", to: { MemoryTraffic.scale($1, x.p + $0, y.p + $0) }) {
            map(0..<$1 / columns, columns, x.p + $0, y.p + $0)
          }
          results.measure(
            "\(level) \(name) of \(columns) backward",
            to: { MemoryTraffic.triad($1, x.p + $0, y.p + $0, z.p + $0) }
          ) { slope(0..<$1 / columns, columns, x.p + $0, y.p + $0, z.p + $0) }
        }
      }
      results.show()
    }
  }

  @Test func optimizers() throws {
    let (gradient, bare) = try (Memory(), (0..<4).map { _ in try Memory() })
    var results = ComponentTimes.Table()
    for reference in OptimizerReferences.all {
      guard Self.only.isEmpty || reference.label.contains(Self.only) else { continue }
      let optimizer = try reference.optimizer()
      try optimizer.beginStep()
      let state = try reference.initial.map { try Memory(filledWith: Float($0)) }
      let slots = (0..<3).map { $0 < state.count ? state[$0].p : nil }
      let weights = try Memory()
      let target = UpdateTarget(
        weights: weights.p, slots: (slots[0], slots[1], slots[2]), hyperparameters: optimizer.hyperparameters.pointer)
      let (rule, arrays) = (optimizer.rule.update, reference.slots + 1)
      let traffic = MemoryTraffic.inPlace(arrays, gradient.p, bare.map(\.p))
      results.measure(reference.label, to: traffic) {
        rule($1, gradient.p + $0, $0, target)
      }
      withExtendedLifetime((optimizer, weights, state)) {}
    }
    results.show()
  }

  /// As many floats as `ComponentTimes` goes through, in memory as the engine has it.
  private final class Memory: Sendable {
    private nonisolated(unsafe) let storage: Storage
    nonisolated(unsafe) let p: UnsafeMutablePointer<Float>

    init(filledWith value: Float? = nil) throws {
      storage = try Storage(byteCount: ComponentTimes.count * 4)
      p = storage.floats
      var numbers = TestNumbers(5)
      let some = value.map { [Float](repeating: $0, count: 4096) } ?? numbers.floats(4096, scale: 3)
      for i in 0..<ComponentTimes.count { p[i] = some[i & 4095] }
    }
  }
}

/// Loops that move memory as the components do, and hardly compute.
private enum MemoryTraffic {
  typealias Pointer = UnsafeMutablePointer<Float>
  private typealias Wide = SIMD8<Float>

  private static func load(_ p: Pointer) -> Wide { UnsafeRawPointer(p).loadUnaligned(as: Wide.self) }
  private static func store(_ v: Wide, _ p: Pointer) { UnsafeMutableRawPointer(p).storeBytes(of: v, as: Wide.self) }

  /// Reads one array, writes one.
  static func scale(_ count: Int, _ x: Pointer, _ y: Pointer) {
    var i = 0
    while i < count {
      store(load(x + i) * 0.5, y + i)
      i &+= 8
    }
  }

  /// Reads two arrays, writes one.
  static func triad(_ count: Int, _ x: Pointer, _ y: Pointer, _ z: Pointer) {
    var i = 0
    while i < count {
      store(load(x + i) * 0.5 + load(y + i), z + i)
      i &+= 8
    }
  }

  /// Reads the gradient; reads and writes so many other arrays. A loop for each number of them, in which nothing is decided.
  static func inPlace(_ arrays: Int, _ gradient: Pointer, _ p: [Pointer]) -> ComponentTimes.Body {
    nonisolated(unsafe) let (g, a, b, c, d) = (gradient, p[0], p[1], p[2], p[3])
    switch arrays {
    case 1: return { at, count in move(at, count, g) { move(a + $0, $1) } }
    case 2:
      return { at, count in
        move(at, count, g) {
          move(a + $0, $1)
          move(b + $0, $1)
        }
      }
    case 3:
      return { at, count in
        move(at, count, g) {
          move(a + $0, $1)
          move(b + $0, $1)
          move(c + $0, $1)
        }
      }
    default:
      return { at, count in
        move(at, count, g) {
          move(a + $0, $1)
          move(b + $0, $1)
          move(c + $0, $1)
          move(d + $0, $1)
        }
      }
    }
  }

  @inline(__always) private static func move(_ p: Pointer, _ v: Wide) { store(load(p) * 0.5 + v, p) }

  @inline(__always) private static func move(_ at: Int, _ count: Int, _ g: Pointer, _ others: (Int, Wide) -> Void) {
    var i = at
    while i < at &+ count {
      others(i, load(g + i))
      i &+= 8
    }
  }
}
