/// Random weights that keep lengths: the columns of the matrix (or its rows, where there are fewer of them) have length
/// `gain` and are at right angles to each other.
struct Orthogonal: InitializerDefinition {
  var gain = 1.0
  var seed: Int?

  static let className = "Orthogonal"
  static let doc = """
    A random orthogonal matrix, times gain. All axes but the last count as rows; where rows and columns differ in number, \
    the fewer are orthogonal.
    """
  static let fields: [Field<Orthogonal>] = [
    Field("gain", \.gain, check: .finite, "Length of the orthogonal vectors."),
    Field("seed", \.seed, "Repeats the same numbers at each use."),
  ]

  func check(_ shape: Shape) throws(NNError) {
    guard shape.rank >= 2 else {
      throw .shape("Orthogonal makes weights with at least two axes, not values of shape \(shape)")
    }
  }

  func fill(_ out: UnsafeMutablePointer<Float>, shape: Shape, stream: RandomStream) {
    guard shape.count > 0 else { return }
    let columns = shape[shape.rank - 1]
    let rows = shape.count / columns
    // As Keras does: Q of a tall matrix of normal numbers, transposed if the weights are wide.
    let (length, count) = (max(rows, columns), min(rows, columns))
    var vectors = OrthonormalVectors(count: count, length: length)
    for i in 0..<length {
      for j in 0..<count { vectors[j, i] = stream.normal(i * count + j) }
    }
    vectors.orthonormalize()
    for r in 0..<rows {
      for c in 0..<columns {
        out[r * columns + c] = Float(gain * (rows >= columns ? vectors[c, r] : vectors[r, c]))
      }
    }
  }
}

/// The columns of a matrix, each contiguous, in double precision.
private struct OrthonormalVectors {
  private let count: Int
  /// Lanes to a vector; what a vector does not fill stays 0 and changes no product.
  private let lanes: Int
  private var data: [SIMD4<Double>]

  init(count: Int, length: Int) {
    self.count = count
    lanes = (length + 3) / 4
    data = [SIMD4<Double>](repeating: .zero, count: count * lanes)
  }

  subscript(vector: Int, index: Int) -> Double {
    get { data[vector * lanes + index / 4][index % 4] }
    set { data[vector * lanes + index / 4][index % 4] = newValue }
  }

  /// Modified Gram–Schmidt, each vector twice (once loses digits). The factor R has a positive diagonal, which is what
  /// Keras's multiplication by the signs of that diagonal comes to.
  mutating func orthonormalize() {
    let (count, lanes) = (count, lanes)
    data.withUnsafeMutableBufferPointer { p in
      for j in 0..<count {
        let own = j * lanes
        for _ in 0..<2 {
          for i in 0..<j {
            let other = i * lanes
            let factor = Self.dot(p, other, own, lanes)
            for l in 0..<lanes { p[own &+ l] -= factor * p[other &+ l] }
          }
        }
        let scale = 1 / Self.dot(p, own, own, lanes).squareRoot()
        for l in 0..<lanes { p[own &+ l] *= scale }
      }
    }
  }

  private static func dot(
    _ p: UnsafeMutableBufferPointer<SIMD4<Double>>, _ a: Int, _ b: Int, _ lanes: Int
  ) -> Double {
    var total = SIMD4<Double>.zero
    for l in 0..<lanes { total += p[a &+ l] * p[b &+ l] }
    return (total[0] + total[1]) + (total[2] + total[3])
  }
}
