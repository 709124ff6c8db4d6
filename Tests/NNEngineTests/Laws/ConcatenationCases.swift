@testable import NNEngine

extension OperationCases {
  /// Along the first, a middle and the last axis.
  static let concatenation: [OperationCase] =
    [
      (0, [[3, 4, 2], [1, 4, 2], [2, 4, 2]]), (1, [[3, 1, 2], [3, 5, 2]]), (2, [[3, 2, 1], [3, 2, 4], [3, 2, 2]]),
    ].map {
      axis, shapes in
      OperationCase(
        Concat.self, "axis \(axis)", derivative: .of(Array(shapes.indices)), large: 6_000,
        { n in
          // n is an extent beside the axis, so that there is work to be cut.
          shapes.map { shape in (axis == 0 ? shape + [n] : [n] + shape, .any) }
        },
        .numbers { x in
          let at = axis == 0 ? 0 : axis + 1
          let parts = x.map { ($0.around(at..<(at + 1)), $0.data) }
          return [
            (0..<parts[0].0.outer).flatMap { row in
              parts.flatMap { around, data in
                let width = around.count * around.inner
                return Array(data[(row * width)..<((row + 1) * width)])
              }
            }
          ]
        }
      ) { x in [try .concatenated(x, axis: axis == 0 ? 0 : axis + 1)] }
    }
    + [(0, 1, 2), (1, 0, 3), (1, 2, 3), (2, 1, 1)].map { axis, first, count in
      OperationCase(
        Slice.self, "axis \(axis) from \(first)", large: 4_000, { n in [([5, 5, 2, n], .any)] },
        .numbers { x in
          let around = x[0].around(axis..<(axis + 1))
          return [
            (0..<around.outer).flatMap { row in
              let start = (row * around.count + first) * around.inner
              return Array(x[0].data[start..<(start + count * around.inner)])
            }
          ]
        }
      ) { x in [try x[0].slice(axis: axis, first: first, count: count)] }
    }
}
