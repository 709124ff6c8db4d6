/// The extents of a tensor, row-major: `[60000, 28, 28]`. The empty shape is a scalar.
public struct Shape: Hashable, Sendable, CustomStringConvertible {
  /// One extent for each axis, none negative.
  public let dimensions: [Int]
  /// The number of elements.
  public let count: Int

  /// The largest number of axes that kernels handle.
  public static let maximumRank = 8
  /// No tensor has more elements: far more than memory holds, and so little that sums of sizes in bytes never overflow.
  static let maximumCount = 1 << 48
  /// The scalar shape.
  public static let scalar = Shape(unchecked: [])

  /// A shape from outside: checks the rank, the signs, and that the number of bytes fits an Int.
  public init(_ dimensions: [Int]) throws(NNError) {
    guard dimensions.count <= Shape.maximumRank else {
      throw .shape("a tensor has at most \(Shape.maximumRank) axes, got \(dimensions.count)")
    }
    var count = 1
    var nonZeroProduct = 1
    for d in dimensions {
      guard d >= 0 else { throw .shape("negative extent \(d) in shape \(Shape.text(dimensions))") }
      let (p, overflow) = nonZeroProduct.multipliedReportingOverflow(by: max(d, 1))
      guard !overflow, p <= Shape.maximumCount else { throw .shape("shape \(Shape.text(dimensions)) is too large") }
      nonZeroProduct = p
      count = d == 0 ? 0 : count &* d
    }
    self.dimensions = dimensions
    self.count = count
  }

  /// A shape that the engine made from checked ones.
  init(unchecked dimensions: [Int]) {
    self.dimensions = dimensions
    // A batch of a large shape can be too large. Counted as the largest, it finds no memory, which is an error, not a trap.
    self.count =
      dimensions.contains(0)
      ? 0
      : dimensions.reduce(1) {
        let (p, overflow) = $0.multipliedReportingOverflow(by: $1)
        return overflow ? Shape.maximumCount : min(p, Shape.maximumCount)
      }
  }

  /// The number of axes.
  public var rank: Int { dimensions.count }
  /// The extent of one axis, counted from 0.
  public subscript(axis: Int) -> Int { dimensions[axis] }
  /// "(3, 4)", "(3,)", "()", as NumPy prints it.
  public var description: String { Shape.text(dimensions) }

  static func text(_ dimensions: [Int]) -> String {
    dimensions.count == 1 ? "(\(dimensions[0]),)" : "(" + dimensions.map(String.init).joined(separator: ", ") + ")"
  }

  /// "(None, 784)": this shape as that of one sample in a batch of any size.
  public var batched: String {
    dimensions.isEmpty ? "(None,)" : "(None, " + dimensions.map(String.init).joined(separator: ", ") + ")"
  }

  /// This shape with a batch axis in front.
  func batch(_ n: Int) -> Shape { Shape(unchecked: [n] + dimensions) }
  /// This shape without its first axis.
  var sample: Shape { Shape(unchecked: Array(dimensions.dropFirst())) }
  /// Whether `sample` is this shape without its first axis.
  func isBatch(of sample: Shape) -> Bool { dimensions.dropFirst().elementsEqual(sample.dimensions) }

  /// Elements from one index of each axis to the next.
  var strides: [Int] {
    var result = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) { result[axis] = result[axis + 1] &* dimensions[axis + 1] }
    return result
  }

  /// NumPy's rule: align the last axes; extents must be equal or one of them 1.
  static func broadcast(_ a: Shape, _ b: Shape, for operation: String) throws(NNError) -> Shape {
    if a == b { return a }
    let rank = max(a.rank, b.rank)
    var result = [Int](repeating: 1, count: rank)
    for axis in 0..<rank {
      let (i, j) = (axis - (rank - a.rank), axis - (rank - b.rank))
      let (x, y) = (i < 0 ? 1 : a[i], j < 0 ? 1 : b[j])
      guard x == y || x == 1 || y == 1 else {
        throw .shape("\(operation): shapes \(a) and \(b) cannot be broadcast together")
      }
      result[axis] = x == 1 ? y : x
    }
    return try Shape(result)
  }

  /// `axis` counted from 0, from −rank … rank−1.
  func axis(_ axis: Int, for operation: String) throws(NNError) -> Int {
    guard axis >= -rank, axis < rank else {
      throw .shape("\(operation): axis \(axis) does not exist in shape \(self)")
    }
    return axis < 0 ? axis + rank : axis
  }

  /// Sorted, distinct axes counted from 0; none given means all.
  func axes(_ axes: [Int]?, for operation: String) throws(NNError) -> [Int] {
    guard let axes else { return Array(0..<rank) }
    var result: [Int] = []
    for a in axes {
      let axis = try axis(a, for: operation)
      guard !result.contains(axis) else { throw .shape("\(operation): an axis is named twice") }
      result.append(axis)
    }
    return result.sorted()
  }
}
