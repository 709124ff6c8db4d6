import KernelTable
import Testing

@testable import NNEngine

@Suite struct LayoutTests {
  /// Shape of the output, strides of the source.
  static let cases: [(extents: [Int], strides: [Int])] = [
    ([], []), ([7], [1]), ([7], [0]), ([7], [3]), ([5, 6], [6, 1]), ([5, 6], [1, 5]), ([17, 33], [1, 17]),
    ([40, 24], [1, 40]), ([64, 16], [1, 64]), ([3, 4], [0, 1]), ([3, 4], [1, 0]), ([3, 4], [0, 0]),
    ([2, 3, 4], [12, 4, 1]), ([4, 2, 3], [1, 12, 4]), ([3, 2, 19], [19, 57, 1]), ([2, 3, 20, 9], [540, 180, 1, 20]),
    ([2, 1, 3, 2, 2, 1, 3, 2], [72, 0, 24, 1, 12, 0, 4, 2]), ([9, 8, 8], [64, 1, 8]),
  ]

  @Test(arguments: TestedLevel.available, cases.indices)
  func gatherStrided(level: TestedLevel, index: Int) throws {
    let table = try level.table
    let (extents, strides) = LayoutTests.cases[index]
    let count = extents.reduce(1, *)
    let x = Buffer(TestNumbers.sequence(zip(extents, strides).reduce(1) { $0 + ($1.0 - 1) * $1.1 }))
    let expected = (0..<count).map { flat in
      var rest = flat
      var offset = 0
      for axis in extents.indices.reversed() {
        offset += rest % extents[axis] * strides[axis]
        rest /= extents[axis]
      }
      return x.pointer[offset]
    }
    for pieces in [1, 2, 5] {
      let out = Buffer(count: count)
      for piece in 0..<pieces {
        let range = piece * count / pieces..<(piece + 1) * count / pieces
        table.gatherStrided(extents.count, extents, strides, range, x.pointer, out.pointer)
      }
      #expect(out.values == expected)
      #expect(out.isIntact)
    }
  }

  @Test(arguments: TestedLevel.available)
  func conversions(level: TestedLevel) throws {
    let table = try level.table
    for count in 0...70 {
      let bytes = (0..<count).map { UInt8(($0 * 37 + 250) % 256) }
      let integers = (0..<count).map { Int32(truncatingIfNeeded: $0 &* 123_456_789) }
      let out = Buffer(count: count)
      table.convertUInt8(count, bytes, 1 / 255, out.pointer)
      #expect(out.values == bytes.map { Float($0) * (1 / 255) })
      table.convertInt32(count, integers, 1, out.pointer)
      #expect(out.values == integers.map { Float($0) })
      #expect(out.isIntact)
    }
  }

  @Test(arguments: TestedLevel.available)
  func firstNonFinite(level: TestedLevel) throws {
    let table = try level.table
    for count in [0, 1, 5, 16, 33, 1023, 1024, 3000] {
      let x = Buffer(TestNumbers.sequence(count).map { $0 * 1e38 })
      #expect(table.firstNonFinite(count, x.pointer) == -1)
      for position in [0, count / 3, count - 1] where position >= 0 && position < count {
        for value in [Float.nan, .infinity, -.infinity] {
          let old = x.pointer[position]
          x.pointer[position] = value
          #expect(table.firstNonFinite(count, x.pointer) == position)
          x.pointer[position] = old
        }
      }
    }
  }
}
