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
    let (x, y, z) = (Memory(), Memory(), Memory())
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
    let (x, y, z) = (Memory(), Memory(), Memory())
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
    let (gradient, bare) = (Memory(), (0..<4).map { _ in Memory() })
    var results = ComponentTimes.Table()
    for reference in OptimizerReferences.all {
      guard Self.only.isEmpty || reference.label.contains(Self.only) else { continue }
      let optimizer = try reference.optimizer()
      try optimizer.beginStep()
      let state = reference.initial.map { Memory(filledWith: Float($0)) }
      let slots = (0..<3).map { $0 < state.count ? state[$0].p : nil }
      let weights = Memory()
      let target = UpdateTarget(
        weights: weights.p, slots: (slots[0], slots[1], slots[2]), hyperparameters: optimizer.hyperparameters.pointer)
      let (rule, arrays) = (optimizer.rule.update, reference.slots + 1)
      results.measure(reference.label, to: { MemoryTraffic.inPlace($1, gradient.p, bare.map(\.p), arrays, $0) }) {
        rule($1, gradient.p + $0, $0, target)
      }
      withExtendedLifetime((optimizer, weights, state)) {}
    }
    results.show()
  }

  /// As many floats as `ComponentTimes` goes through.
  private final class Memory: Sendable {
    nonisolated(unsafe) let p: UnsafeMutablePointer<Float>

    init(filledWith value: Float? = nil) {
      p = .allocate(capacity: ComponentTimes.count)
      var numbers = TestNumbers(5)
      let some = value.map { [Float](repeating: $0, count: 4096) } ?? numbers.floats(4096, scale: 3)
      for i in 0..<ComponentTimes.count { p[i] = some[i & 4095] }
    }

    deinit { p.deallocate() }
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

  /// Reads the gradient; reads and writes so many other arrays.
  static func inPlace(_ count: Int, _ gradient: Pointer, _ arrays: [Pointer], _ moved: Int, _ at: Int) {
    let (g, a, b, c, d) = (gradient + at, arrays[0] + at, arrays[1] + at, arrays[2] + at, arrays[3] + at)
    func move(_ p: Pointer, _ v: Wide) { store(load(p) * 0.5 + v, p) }
    var i = 0
    while i < count {
      let v = load(g + i)
      move(a + i, v)
      if moved > 1 { move(b + i, v) }
      if moved > 2 { move(c + i, v) }
      if moved > 3 { move(d + i, v) }
      i &+= 8
    }
  }
}
