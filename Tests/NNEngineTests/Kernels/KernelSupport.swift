import KernelTable
import Testing

@testable import NNEngine

/// The kernel tables that this processor can run: every kernel test quantifies over them.
enum TestedLevel: String, CaseIterable, CustomStringConvertible {
  case avx2
  case avx512

  static var available: [TestedLevel] { allCases.filter { CPU.table($0.level) != nil } }

  var level: CPU.Level { self == .avx2 ? .avx2 : .avx512 }

  var table: KernelTable {
    get throws { try #require(CPU.table(level)) }
  }

  var description: String { rawValue }
}

/// Floats in guarded memory: kernels must not touch what lies before or behind.
final class Buffer {
  static let guardCount = 64
  private static let canary: Float = -12345.678
  private let memory: UnsafeMutablePointer<Float>
  let count: Int

  init(_ values: [Float]) {
    count = values.count
    memory = .allocate(capacity: count + 2 * Buffer.guardCount)
    memory.initialize(repeating: Buffer.canary, count: count + 2 * Buffer.guardCount)
    for (i, value) in values.enumerated() { pointer[i] = value }
  }

  convenience init(count: Int, filledWith value: Float = 777) {
    self.init([Float](repeating: value, count: count))
  }

  deinit { memory.deallocate() }

  var pointer: UnsafeMutablePointer<Float> { memory + Buffer.guardCount }
  func withPointer(_ body: (Input) -> Void) { body(pointer) }
  var values: [Float] { [Float](UnsafeBufferPointer(start: pointer, count: count)) }
  var isIntact: Bool {
    (0..<Buffer.guardCount).allSatisfy {
      memory[$0] == Buffer.canary && pointer[count + $0] == Buffer.canary
    }
  }
}

/// A small generator, so that the tests always see the same numbers.
struct TestNumbers {
  private var state: UInt64
  init(_ seed: UInt64 = 1) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

  /// Uniform in −1 ..< 1.
  mutating func next() -> Float {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Float(Int64(bitPattern: state) >> 40) / Float(1 << 23)
  }

  mutating func floats(_ count: Int, scale: Float = 1) -> [Float] { (0..<count).map { _ in scale * next() } }
}

/// The distance in units in the last place of `expected`, at least the smallest normal number's.
func ulps(_ actual: Float, _ expected: Double) -> Double {
  if actual.isNaN && expected.isNaN { return 0 }
  let rounded = Float(expected)
  if actual == rounded { return 0 }
  guard actual.isFinite && rounded.isFinite else { return .infinity }
  return abs(Double(actual) - expected) / Double(max(rounded.ulp, Float.leastNormalMagnitude.ulp))
}

func haveSameBits(_ a: [Float], _ b: [Float]) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern }
}
