import KernelTable
import Testing

@testable import NNEngine

/// Rows are computed many at a time: what one gets must not depend on which others it is computed with, nor on where threads cut.
@Suite struct RowBlockTests {
  static let rows = 41  // two blocks of sixteen and a rest; five of eight

  /// A function of rows, from up to two arrays to one or two; `one` is a number for each row.
  private typealias Body = (_ rows: Range<Int>, _ a: Input, _ b: Input, _ out: Output, _ one: Output) -> Void

  private static func bodies(_ table: KernelTable, _ columns: Int) -> [(String, Body)] {
    [
      ("softmax", { r, a, _, out, _ in table.softmax(r, columns, a, out) }),
      ("softmax′", { r, a, b, out, _ in table.softmaxGradient(r, columns, a, b, out) }),
      ("log-softmax", { r, a, _, out, _ in table.logSoftmax(r, columns, a, out) }),
      ("log-softmax′", { r, a, b, out, _ in table.logSoftmaxGradient(r, columns, a, b, out) }),
      ("cross-entropy", { r, a, b, out, one in table.crossEntropy(r, columns, a, b, one, out) }),
    ]
  }

  @Test(arguments: TestedLevel.available)
  func rowByRow(level: TestedLevel) throws {
    let table = try level.table
    for columns in [1, 2, 7, 8, 9, 10, 15, 16, 17, 24, 31, 32, 33, 40] {
      let (a, b) = (
        Buffer(RowTests.logits(Self.rows, columns, scale: 9)),
        Buffer(TestNumbers.sequence(Self.rows * columns, seed: 6))
      )
      for (name, body) in Self.bodies(table, columns) {
        let (whole, one) = (Buffer(count: a.count), Buffer(count: Self.rows))
        body(0..<Self.rows, a.pointer, b.pointer, whole.pointer, one.pointer)
        for cuts in [Array(0...Self.rows), [0, 17, 19, 40, Self.rows]] {
          let (parts, ones) = (Buffer(count: a.count), Buffer(count: Self.rows))
          for (from, to) in zip(cuts, cuts.dropFirst()) {
            body(from..<to, a.pointer, b.pointer, parts.pointer, ones.pointer)
          }
          #expect(haveSameBits(parts.values, whole.values), "\(name) of \(columns)")
          #expect(haveSameBits(ones.values, one.values), "\(name) of \(columns)")
          #expect(parts.isIntact && ones.isIntact)
        }
        let (overA, overB) = (Buffer(a.values), Buffer(b.values))
        body(0..<Self.rows, overA.pointer, b.pointer, overA.pointer, one.pointer)
        #expect(haveSameBits(overA.values, whole.values), "\(name) of \(columns) in place")
        body(0..<Self.rows, a.pointer, overB.pointer, overB.pointer, one.pointer)
        #expect(haveSameBits(overB.values, whole.values), "\(name) of \(columns) in place of the second")
        #expect(whole.isIntact && overA.isIntact && overB.isIntact)
      }
    }
  }

  @Test(arguments: TestedLevel.available)
  func sparseCrossEntropyRowByRow(level: TestedLevel) throws {
    let table = try level.table
    for columns in [3, 8, 10, 20, 32, 33] {
      let x = Buffer(RowTests.logits(Self.rows, columns, scale: 9))
      let labels = Buffer((0..<Self.rows).map { Float($0 % columns) })
      let (loss, p) = (Buffer(count: Self.rows), Buffer(count: x.count))
      table.sparseCrossEntropy(0..<Self.rows, columns, x.pointer, labels.pointer, loss.pointer, p.pointer)
      let (losses, parts) = (Buffer(count: Self.rows), Buffer(count: x.count))
      for r in 0..<Self.rows {
        table.sparseCrossEntropy(r..<r + 1, columns, x.pointer, labels.pointer, losses.pointer, parts.pointer)
      }
      #expect(haveSameBits(losses.values, loss.values) && haveSameBits(parts.values, p.values), "\(columns) columns")
      #expect(loss.isIntact && p.isIntact && losses.isIntact && parts.isIntact)
    }
  }
}
