import Glibc

/// Numbers in double precision with a shape: what the laws compute the exact results with.
struct Array64: Sendable {
  let shape: [Int]
  var data: [Double]

  init(_ shape: [Int], _ data: [Double]) {
    self.shape = shape
    self.data = data
  }

  /// The extents before, at and after an axis.
  func around(_ axes: Range<Int>) -> (outer: Int, count: Int, inner: Int) {
    (
      shape[..<axes.lowerBound].reduce(1, *), shape[axes].reduce(1, *),
      shape[axes.upperBound...].reduce(1, *)
    )
  }

  func map(_ f: (Double) -> Double) -> [Double] { data.map(f) }

  /// f of one or more arrays, element by element, broadcast as NumPy does.
  static func broadcast(_ arrays: [Array64], _ f: ([Double]) -> Double) -> [Double] {
    let rank = arrays.map(\.shape.count).max() ?? 0
    let shapes = arrays.map { [Int](repeating: 1, count: rank - $0.shape.count) + $0.shape }
    let out = (0..<rank).map { axis in
      let extents = shapes.map { $0[axis] }
      return extents.contains(0) ? 0 : extents.max() ?? 1
    }
    return (0..<out.reduce(1, *)).map { flat in
      f(
        zip(arrays, shapes).map { array, shape in
          var (rest, stride, index) = (flat, 1, 0)
          for axis in backwards(rank) {
            let i = rest % out[axis]
            rest /= out[axis]
            if shape[axis] != 1 { index += i * stride }
            stride *= shape[axis]
          }
          return array.data[index]
        })
    }
  }

  /// f of each line along neighbouring axes.
  func reduce(_ axes: Range<Int>, _ f: ([Double]) -> Double) -> [Double] {
    let (outer, count, inner) = around(axes)
    return (0..<outer).flatMap { o in
      (0..<inner).map { i in f((0..<count).map { data[(o * count + $0) * inner + i] }) }
    }
  }

  /// Axes in another order.
  func transposed(_ axes: [Int]) -> [Double] {
    let out = axes.map { shape[$0] }
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in backwards(shape.count).dropFirst() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
    return (0..<data.count).map { flat in
      var (rest, index) = (flat, 0)
      for axis in backwards(out.count) {
        index += rest % out[axis] * strides[axes[axis]]
        rest /= out[axis]
      }
      return data[index]
    }
  }

  /// op(self) · op(b) of two matrices.
  func product(_ b: Array64, _ transposeA: Bool = false, _ transposeB: Bool = false) -> [Double] {
    let (m, k) = transposeA ? (shape[1], shape[0]) : (shape[0], shape[1])
    let n = transposeB ? b.shape[0] : b.shape[1]
    var result = [Double](repeating: 0, count: m * n)
    for i in 0..<m {
      for j in 0..<n {
        var sum = 0.0
        for l in 0..<k {
          sum += data[transposeA ? l * m + i : i * k + l] * b.data[transposeB ? j * k + l : l * n + j]
        }
        result[i * n + j] = sum
      }
    }
    return result
  }

  /// f of each row of the last axis.
  func rows(_ f: ([Double]) -> [Double]) -> [Double] {
    guard let width = shape.last, width > 0 else { return [] }
    return stride(from: 0, to: data.count, by: width).flatMap { f(Array(data[$0..<$0 + width])) }
  }

  /// softmax of one row.
  static func softmax(_ row: [Double]) -> [Double] {
    let top = row.max() ?? 0
    let e = row.map { exp($0 - top) }
    let sum = e.reduce(0, +)
    return e.map { $0 / sum }
  }
}

/// The axes from the last to the first.
private func backwards(_ rank: Int) -> ReversedCollection<Range<Int>> { (0..<rank).reversed() }
