@testable import NNEngine

/// Rows of a table by number, and the gradient of that.
extension OperationCases {
  private static let tableRows = 11

  private static func gather(_ table: Array64, _ indices: Array64) -> [Double] {
    let width = table.shape.dropFirst().reduce(1, *)
    return indices.data.flatMap { i in (0..<width).map { table.data[Int(i) * width + $0] } }
  }

  private static func scatter(_ x: Array64, _ indices: Array64, rows: Int) -> [Double] {
    let width = x.shape.dropFirst(indices.shape.count).reduce(1, *)
    var table = [Double](repeating: 0, count: rows * width)
    for (r, i) in indices.data.enumerated() {
      for c in 0..<width { table[Int(i) * width + c] += x.data[r * width + c] }
    }
    return table
  }

  static let indexing: [OperationCase] =
    [([], "a number a row"), ([5], "a row"), ([2, 9], "a matrix a row")].flatMap { (width: [Int], label: String) in
      [
        OperationCase(
          RowGather.self, label, large: 9_000, { n in [([tableRows] + width, .any), ([n, 2], .classes(tableRows))] },
          .numbers { [gather($0[0], $0[1])] }
        ) { x in [try x[0].gathered(x[1])] },
        OperationCase(
          RowScatter.self, label, tolerance: 1e-5, large: 3_000,
          { n in [([n, 2] + width, .any), ([n, 2], .classes(tableRows))] },
          .numbers { [scatter($0[0], $0[1], rows: tableRows)] }
        ) { x in [try .make(RowScatter(rows: tableRows, indexRank: 2), x[0], x[1])] },
      ]
    } + [
      // A table that is cut for threads.
      OperationCase(
        RowScatter.self, "many rows", large: 6_000, { n in [([n, 20], .any), ([n], .classes(max(1, n)))] },
        .numbers { [scatter($0[0], $0[1], rows: $0[0].shape[0])] }
      ) { x in [try .make(RowScatter(rows: x[0].shape[0], indexRank: 1), x[0], x[1])] }
    ]
}
