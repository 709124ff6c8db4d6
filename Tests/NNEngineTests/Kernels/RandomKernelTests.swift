import KernelTable
import Testing

@testable import NNEngine

/// Kernels compute Philox for many counters at once, and what they have in common once; `RandomStream` is Philox as it is written down.
@Suite("Random kernels")
struct RandomKernelTests {
  private static let key: [UInt32] = [0x89ab_cdef, 0xfedc_ba98, 0xdead_beef]
  private static let stream: UInt32 = 0x9753_1246
  private static let reference = RandomStream(seed: 0xfedc_ba98_89ab_cdef, stream: stream, step: 0xdead_beef)

  /// Within a group, over several, at their bounds, and where a counter's low word overflows.
  private static func ranges(group: Int) -> [Range<Int>] {
    let overflow = group << 28
    let starts = [0, 1, group - 3, 5 * group, overflow - group - 1, overflow - 1, overflow, 7 * overflow - 40]
    return [0, 1, 9, group, 3 * group + 5].flatMap { count in starts.map { $0..<$0 + count } }
  }

  private static func words(_ counter: Int) -> [UInt32] {
    let block = reference.block(UInt64(counter))
    return [block.0, block.1, block.2, block.3]
  }

  @Test("uniform numbers are Philox's upper bits", arguments: TestedLevel.available)
  func uniform(_ level: TestedLevel) throws {
    let random = try level.table.random
    for range in Self.ranges(group: 64) {
      let out = Buffer(count: range.count)
      random.uniform(range, Self.key, Self.stream, out.pointer)
      let expected = range.map { i in Float(Self.words(i / 64 * 16 + i % 16)[i % 64 / 16] >> 8) * 0x1p-24 }
      #expect(haveSameBits(out.values, expected), "\(range)")
      #expect(out.isIntact)
    }
  }

  @Test("a range of normal numbers is a part of the whole", arguments: TestedLevel.available)
  func normal(_ level: TestedLevel) throws {
    let random = try level.table.random
    let whole = Buffer(count: 64 * 12)
    random.normal(0..<whole.count, Self.key, Self.stream, whole.pointer)
    for range in Self.ranges(group: 64) where range.upperBound <= whole.count {
      let out = Buffer(count: range.count)
      random.normal(range, Self.key, Self.stream, out.pointer)
      #expect(haveSameBits(out.values, Array(whole.values[range])), "\(range)")
      #expect(out.isIntact)
    }
  }

  @Test(
    "dropout keeps what half a word decides, whatever it is",
    arguments: TestedLevel.available, [0, 0x1p-17, 0x1p-16, 0.2, 0.5, 0.99, 1 - 0x1p-16, 1 - 0x1p-17] as [Float])
  func dropout(_ level: TestedLevel, _ rate: Float) throws {
    let random = try level.table.random
    let scale: Float = 1.25
    for range in Self.ranges(group: 128) {
      // Only the range's part of the whole array is there.
      var values = TestNumbers.sequence(range.count)
      for (i, special) in [Float.nan, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude].enumerated()
      where i < values.count {
        values[i * (values.count - 1) / 4] = special
      }
      let (x, y) = (Buffer(values), Buffer(count: range.count))
      random.dropout(
        range, Self.key, Self.stream, rate, scale, x.pointer - range.lowerBound, y.pointer - range.lowerBound)
      let expected = zip(range, values).map { i, value in
        let word = Self.words(i / 128 * 16 + i % 16)[i % 128 / 32]
        let half = i % 32 < 16 ? word & 0xffff : word >> 16
        return Float(half) * 0x1p-16 >= rate ? value * scale : 0
      }
      #expect(haveSameBits(y.values, expected), "\(range)")
      random.dropout(
        range, Self.key, Self.stream, rate, scale, x.pointer - range.lowerBound, x.pointer - range.lowerBound)
      #expect(haveSameBits(x.values, expected), "\(range) in place")
      #expect(x.isIntact && y.isIntact)
    }
  }
}
