import Glibc
import KernelTable
import Testing

@testable import NNEngine

/// Arrays may be the caller's own memory, and end where a page ends: kernels read and write nothing in front of them and behind them.
/// A kernel that does ends the process here.
@Suite struct MemoryBoundsTests {
  /// Pages between two that nobody may touch.
  private final class Fence {
    private static let page = sysconf(Int32(_SC_PAGESIZE))
    private let memory: UnsafeMutableRawPointer
    private let size: Int
    private var first: UnsafeMutableRawPointer { memory + Fence.page }

    init(floats: Int) throws {
      size = (4 * floats + Fence.page - 1) / Fence.page * Fence.page
      let mapped = mmap(nil, size + 2 * Fence.page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      memory = try #require(mapped != MAP_FAILED ? mapped : nil)
      try #require(mprotect(first, size, PROT_READ | PROT_WRITE) == 0)
    }

    deinit { munmap(memory, size + 2 * Fence.page) }

    /// So many floats, at the end or at the beginning.
    func floats(_ count: Int, atEnd: Bool) -> UnsafeMutablePointer<Float> {
      (atEnd ? first + (size - 4 * count) : first).assumingMemoryBound(to: Float.self)
    }

    /// Fresh numbers in them.
    func filled(_ count: Int, atEnd: Bool, _ seed: UInt64) -> UnsafeMutablePointer<Float> {
      let (p, numbers) = (floats(count, atEnd: atEnd), Fence.numbers(count, seed))
      p.update(from: numbers, count: count)
      return p
    }

    private static func numbers(_ count: Int, _ seed: UInt64) -> [Float] {
      var numbers = TestNumbers(seed)
      return numbers.floats(count, scale: 3)
    }
  }

  @Test("softmax and log-softmax, forward and backward", arguments: TestedLevel.available)
  func rows(_ level: TestedLevel) throws {
    let table = try level.table
    let (x, dy, out) = (try Fence(floats: 1600), try Fence(floats: 1600), try Fence(floats: 1600))
    for columns in 1...40 {
      for rows in 1...40 {
        let count = rows * columns
        for atEnd in [true, false] {
          let (a, b) = (x.filled(count, atEnd: atEnd, 1), dy.filled(count, atEnd: atEnd, 2))
          let c = out.floats(count, atEnd: atEnd)
          table.softmax(0..<rows, columns, a, c)
          table.logSoftmax(0..<rows, columns, a, c)
          table.softmaxGradient(0..<rows, columns, a, b, c)
          table.logSoftmaxGradient(0..<rows, columns, a, b, c)
        }
      }
    }
  }

  @Test("functions of elements and their gradients", arguments: TestedLevel.available)
  func functions(_ level: TestedLevel) throws {
    let table = try level.table
    let (x, dy, out) = (try Fence(floats: 1000), try Fence(floats: 1000), try Fence(floats: 1000))
    for count in [1, 7, 8, 9, 15, 16, 17, 127, 128, 129, 255, 257, 640, 1000] {
      for atEnd in [true, false] {
        let (a, b) = (x.filled(count, atEnd: atEnd, 1), dy.filled(count, atEnd: atEnd, 2))
        let c = out.floats(count, atEnd: atEnd)
        for i in 0..<table.scalarFunctionCount {
          let function = table.scalarFunction(i)
          function.map(count, a, c, function.parameterDefaults)
          function.gradient(count, a, b, c, function.parameterDefaults)
        }
      }
    }
  }
}
