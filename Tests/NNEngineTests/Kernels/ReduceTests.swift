import KernelTable
import Testing

@testable import NNEngine

@Suite struct ReduceTests {
  static let shapes: [(outer: Int, count: Int, inner: Int)] =
    (1...35).map { (2, $0, 1) } + (1...35).map { (2, 5, $0) } + [
      (3, 1000, 1), (1, 5001, 1), (1, 300, 40), (4, 129, 17), (2, 0, 1), (2, 0, 5), (1, 64, 10),
    ]

  static func reference(_ r: Reduction, _ values: [Float]) -> Double {
    switch r {
    case .sum: return values.reduce(0) { $0 + Double($1) }
    case .product: return values.reduce(1) { $0 * Double($1) }
    case .max: return values.contains(where: \.isNaN) ? .nan : Double(values.max() ?? -.infinity)
    case .min: return values.contains(where: \.isNaN) ? .nan : Double(values.min() ?? .infinity)
    case .argMax, .argMin:
      if values.isEmpty { return -1 }
      if let nan = values.firstIndex(where: \.isNaN) { return Double(nan) }
      let best = r == .argMax ? values.max() : values.min()
      return Double(values.firstIndex { $0 == best } ?? -2)
    }
  }

  @Test(arguments: TestedLevel.available, Reduction.allCases)
  func values(level: TestedLevel, r: Reduction) throws {
    let table = try level.table
    for shape in ReduceTests.shapes {
      let size = shape.outer * shape.count * shape.inner
      let near = r == .product ? Float(1) : 0  // products of many numbers that are not near 1 are 0 or infinite
      var data = TestNumbers.sequence(size).map { near + $0 * (r == .product ? 0.01 : 1) }
      if r.rawValue >= Reduction.argMax.rawValue { data = data.map { ($0 * 8).rounded() } }  // ties
      let x = Buffer(data)
      let out = Buffer(count: shape.outer * shape.inner)
      table.reduce(r, 0..<shape.outer, shape.count, 0..<shape.inner, shape.inner, x.pointer, out.pointer)
      #expect(out.isIntact)
      for o in 0..<shape.outer {
        for i in 0..<shape.inner {
          let column = (0..<shape.count).map { data[(o * shape.count + $0) * shape.inner + i] }
          let expected = ReduceTests.reference(r, column)
          let error = abs(Double(out.pointer[o * shape.inner + i]) - expected)
          let scale = r == .sum ? column.reduce(0) { $0 + abs(Double($1)) } : abs(expected)
          let tolerance = r == .sum || r == .product ? 40 * Double(Float.ulpOfOne) * scale : 0
          #expect(error <= tolerance || Double(out.pointer[o * shape.inner + i]) == expected, "\(shape)")
        }
      }
    }
  }

  /// However the ranges are cut, the bits are the same.
  @Test(arguments: TestedLevel.available, Reduction.allCases)
  func cuts(level: TestedLevel, r: Reduction) throws {
    let table = try level.table
    for shape in [(3, 50, 1), (2, 300, 40), (5, 7, 33)] {
      let x = Buffer(TestNumbers.sequence(shape.0 * shape.1 * shape.2))
      let whole = Buffer(count: shape.0 * shape.2)
      table.reduce(r, 0..<shape.0, shape.1, 0..<shape.2, shape.2, x.pointer, whole.pointer)
      let parts = Buffer(count: shape.0 * shape.2)
      for o in 0..<shape.0 {
        for start in stride(from: 0, to: shape.2, by: 7) {
          table.reduce(
            r, o..<o + 1, shape.1, start..<min(shape.2, start + 7), shape.2, x.pointer, parts.pointer)
        }
      }
      #expect(haveSameBits(parts.values, whole.values))
    }
  }

  @Test(arguments: TestedLevel.available, [Reduction.max, .min, .argMax, .argMin, .sum])
  func notANumberWins(level: TestedLevel, r: Reduction) throws {
    let table = try level.table
    for count in 1...40 {
      for position in 0..<count {
        var data = TestNumbers.sequence(count)
        data[position] = .nan
        let out = Buffer(count: 1)
        Buffer(data).withPointer { table.reduce(r, 0..<1, count, 0..<1, 1, $0, out.pointer) }
        let expectsIndex = r == .argMax || r == .argMin
        #expect(expectsIndex ? out.pointer[0] == Float(position) : out.pointer[0].isNaN)
      }
    }
  }

  /// A million equal numbers: a plain float sum would be wrong in the third digit.
  @Test(arguments: TestedLevel.available)
  func longSums(level: TestedLevel) throws {
    let table = try level.table
    let count = 1 << 20
    let x = Buffer(count: count, filledWith: 0.1)
    let out = Buffer(count: 1)
    table.reduce(.sum, 0..<1, count, 0..<1, 1, x.pointer, out.pointer)
    #expect(abs(Double(out.pointer[0]) / (Double(Float(0.1)) * Double(count)) - 1) < 1e-6)
  }
}
