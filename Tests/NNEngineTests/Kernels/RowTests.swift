import Glibc
import KernelTable
import Testing

@testable import NNEngine

/// Softmax and the cross-entropies.
@Suite struct RowTests {
  static func softmax(_ x: [Float]) -> [Double] {
    let top = x.contains(where: \.isNaN) ? .nan : Double(x.max() ?? 0)
    let e = x.map { Glibc.exp(Double($0) - top) }
    let sum = e.reduce(0, +)
    return e.map { $0 / sum }
  }

  static func logits(_ rows: Int, _ columns: Int, scale: Float) -> [Float] {
    TestNumbers.sequence(rows * columns).map { $0 * scale }
  }

  static func row(_ values: [Float], _ r: Int, _ columns: Int) -> [Float] {
    Array(values[r * columns..<(r + 1) * columns])
  }

  static let scales: [Float] = [1, 20, 1000]

  @Test(arguments: TestedLevel.available, RowTests.scales)
  func softmaxAndGradient(level: TestedLevel, scale: Float) throws {
    let table = try level.table
    for columns in 1...35 {
      let x = Buffer(RowTests.logits(3, columns, scale: scale))
      let y = Buffer(count: x.count)
      table.softmax(0..<2, columns, x.pointer, y.pointer)
      table.softmax(2..<3, columns, x.pointer, y.pointer)
      let dy = Buffer(TestNumbers.sequence(x.count, seed: 2))
      let dx = Buffer(count: x.count)
      table.softmaxGradient(0..<3, columns, y.pointer, dy.pointer, dx.pointer)
      for r in 0..<3 {
        let expected = RowTests.softmax(RowTests.row(x.values, r, columns))
        let cotangent = RowTests.row(dy.values, r, columns)
        let mean = zip(expected, cotangent).reduce(0) { $0 + $1.0 * Double($1.1) }
        for c in 0..<columns {
          // x − max x is rounded: that is an absolute error of the exponent.
          let tolerance = (4e-7 + 1.2e-7 * Double(scale)) * expected[c] + 1e-38
          #expect(abs(Double(y.pointer[r * columns + c]) - expected[c]) <= tolerance)
          let slope = expected[c] * (Double(cotangent[c]) - mean)
          #expect(abs(Double(dx.pointer[r * columns + c]) - slope) <= 1e-6)
        }
      }
      let inPlace = Buffer(x.values)
      table.softmax(0..<3, columns, inPlace.pointer, inPlace.pointer)
      #expect(haveSameBits(inPlace.values, y.values))
      for buffer in [y, dx, inPlace] { #expect(buffer.isIntact) }
    }
  }

  @Test(arguments: TestedLevel.available)
  func oddRows(level: TestedLevel) throws {
    let table = try level.table
    for columns in [3, 10, 16, 20] {
      var rows = [Float](repeating: 1, count: 4 * columns)
      rows[1] = .nan
      for c in 0..<columns { rows[columns + c] = -.infinity }
      rows[2 * columns] = .infinity
      rows[3 * columns] = -.infinity
      let y = Buffer(count: rows.count)
      Buffer(rows).withPointer { table.softmax(0..<4, columns, $0, y.pointer) }
      for r in 0..<3 { #expect(RowTests.row(y.values, r, columns).contains { $0.isNaN }) }
      #expect(y.pointer[3 * columns] == 0)
      #expect(abs(y.pointer[3 * columns + 1] - 1 / Float(columns - 1)) < 1e-6)
    }
  }

  @Test(arguments: TestedLevel.available, RowTests.scales)
  func sparseCrossEntropy(level: TestedLevel, scale: Float) throws {
    let table = try level.table
    for columns in 1...35 {
      let rows = 5
      let x = Buffer(RowTests.logits(rows, columns, scale: scale))
      let labels = Buffer((0..<rows).map { Float($0 % columns) })
      let (loss, p, dx) = (Buffer(count: rows), Buffer(count: x.count), Buffer(count: x.count))
      let dLoss = Buffer([1, 0.5, -2, 0, 3])
      table.sparseCrossEntropy(0..<rows, columns, x.pointer, labels.pointer, loss.pointer, p.pointer)
      table.sparseCrossEntropyGradient(0..<rows, columns, p.pointer, labels.pointer, dLoss.pointer, dx.pointer)
      for r in 0..<rows {
        let logits = RowTests.row(x.values, r, columns).map(Double.init)
        let expected = RowTests.softmax(logits.map(Float.init))
        let top = logits.max() ?? 0
        let logSum = top + Glibc.log(logits.reduce(0) { $0 + Glibc.exp($1 - top) })
        let label = r % columns
        let exact = logSum - logits[label]
        #expect(abs(Double(loss.pointer[r]) - exact) <= 1e-6 * max(1, abs(exact)))
        for c in 0..<columns {
          #expect(abs(Double(p.pointer[r * columns + c]) - expected[c]) <= 1e-6)
          let slope = (expected[c] - (c == label ? 1 : 0)) * Double(dLoss.pointer[r])
          #expect(abs(Double(dx.pointer[r * columns + c]) - slope) <= 3e-6)
        }
      }
      for buffer in [loss, p, dx] { #expect(buffer.isIntact) }
    }
  }

  @Test(arguments: TestedLevel.available)
  func labelsOutside(level: TestedLevel) throws {
    let table = try level.table
    let labels = Buffer([-1, 10, 1e9, .nan, .infinity, 9])
    let x = Buffer(RowTests.logits(6, 10, scale: 1))
    let (loss, p) = (Buffer(count: 6), Buffer(count: 60))
    table.sparseCrossEntropy(0..<6, 10, x.pointer, labels.pointer, loss.pointer, p.pointer)
    for r in 0..<5 { #expect(loss.pointer[r].isNaN) }
    #expect(loss.pointer[5].isFinite)
    let dx = Buffer(count: 60)
    table.sparseCrossEntropyGradient(0..<6, 10, p.pointer, labels.pointer, loss.pointer, dx.pointer)
    #expect(dx.isIntact && p.isIntact)
  }

  @Test(arguments: TestedLevel.available, RowTests.scales)
  func crossEntropy(level: TestedLevel, scale: Float) throws {
    let table = try level.table
    for columns in 1...35 {
      let rows = 3
      let x = Buffer(RowTests.logits(rows, columns, scale: scale))
      let target = Buffer(TestNumbers.sequence(x.count, seed: 6).map { abs($0) })
      let (loss, p, dx) = (Buffer(count: rows), Buffer(count: x.count), Buffer(count: x.count))
      let dLoss = Buffer([1, 0.5, -2])
      table.crossEntropy(0..<rows, columns, x.pointer, target.pointer, loss.pointer, p.pointer)
      table.crossEntropyGradient(0..<rows, columns, p.pointer, target.pointer, dLoss.pointer, dx.pointer)
      for r in 0..<rows {
        let logits = RowTests.row(x.values, r, columns).map(Double.init)
        let expected = RowTests.softmax(logits.map(Float.init))
        let t = RowTests.row(target.values, r, columns).map(Double.init)
        let top = logits.max() ?? 0
        let logSum = top + Glibc.log(logits.reduce(0) { $0 + Glibc.exp($1 - top) })
        let exact = zip(t, logits).reduce(0) { $0 + $1.0 * (logSum - $1.1) }
        #expect(abs(Double(loss.pointer[r]) - exact) <= 2e-6 * max(1, abs(exact)))
        let sum = t.reduce(0, +)
        for c in 0..<columns {
          let slope = (expected[c] * sum - t[c]) * Double(dLoss.pointer[r])
          #expect(abs(Double(dx.pointer[r * columns + c]) - slope) <= 2e-5)
        }
      }
      for buffer in [loss, p, dx] { #expect(buffer.isIntact) }
    }
  }

  @Test(arguments: TestedLevel.available)
  func sigmoidCrossEntropy(level: TestedLevel) throws {
    let table = try level.table
    for count in 1...35 {
      var logits = TestNumbers.sequence(count).map { $0 * 30 }
      if count > 4 { logits.replaceSubrange(0..<4, with: [1000, -1000, 0, 88]) }
      let x = Buffer(logits)
      let target = Buffer(TestNumbers.sequence(count, seed: 6).map { abs($0) })
      let dLoss = Buffer(TestNumbers.sequence(count, seed: 7))
      let (loss, dx) = (Buffer(count: count), Buffer(count: count))
      table.sigmoidCrossEntropy(count, x.pointer, target.pointer, loss.pointer)
      table.sigmoidCrossEntropyGradient(count, x.pointer, target.pointer, dLoss.pointer, dx.pointer)
      for i in 0..<count {
        let (z, t) = (Double(x.pointer[i]), Double(target.pointer[i]))
        let exact = max(z, 0) - z * t + Glibc.log1p(Glibc.exp(-abs(z)))
        #expect(abs(Double(loss.pointer[i]) - exact) <= 1e-6 * max(1, abs(z)))
        let slope = (1 / (1 + Glibc.exp(-z)) - t) * Double(dLoss.pointer[i])
        #expect(abs(Double(dx.pointer[i]) - slope) <= 1e-6)
      }
      #expect(loss.isIntact && dx.isIntact)
    }
  }
}
