import KernelTable

/// A layer that learns from data before training, by looking at all of it.
protocol Adaptable {
  /// Gives the layer's variables the values that follow from these batches; what was learned before is forgotten.
  func adapt(_ batches: [Tensor], _ variables: [Variable]) throws(NNError)
}

extension Layer {
  /// Looks at all of the data, as Keras's adapt: a Normalization computes mean and variance. Starts anew each time.
  public func adapt(_ data: Tensor) throws(NNError) { try adapt([data]) }

  /// The same for data in several parts, which count as one.
  public func adapt(_ batches: [Tensor]) throws(NNError) {
    guard let definition = definition as? any Adaptable else {
      throw NNError(.notSupported, "adapt: \(className) learns nothing from data; Normalization does", path: [name])
    }
    guard let first = batches.first, first.shape.rank > 0, batches.contains(where: { $0.rows > 0 }) else {
      throw NNError(.shape, "adapt: there are no samples", path: [name])
    }
    for batch in batches where batch.shape.rank == 0 || batch.shape.sample != first.shape.sample {
      throw NNError(
        .shape, "adapt: the parts have samples of shapes \(first.shape.sample) and \(batch.shape.sample)", path: [name])
    }
    try build(first.shape.sample)
    do throws(NNError) { try definition.adapt(batches, variables) } catch {
      throw NNError(error.code, "adapt: " + error.message, path: error.path).within(name)
    }
  }
}

/// Mean and variance of each feature in double precision, in two passes: first all values, then all squares of their distances
/// from the mean. (One pass loses the digits of a small variance around a large mean.)
struct Moments {
  /// The feature to which each element of a sample belongs.
  private let feature: [Int]
  /// Elements of a sample that belong to one feature.
  private let perSample: Int
  private var sums: [Double]
  private var squares: [Double]
  private var samples = 0

  /// `kept` are the features' axes of a batch, sorted.
  init(sample: Shape, kept: [Int]) {
    let strides = sample.strides
    var feature = [Int](repeating: 0, count: sample.count)
    var features = 1
    for axis in kept.map({ $0 - 1 }) {
      for i in feature.indices { feature[i] = feature[i] * sample[axis] + i / strides[axis] % sample[axis] }
      features *= sample[axis]
    }
    self.feature = feature
    perSample = features == 0 ? 0 : sample.count / features
    sums = [Double](repeating: 0, count: features)
    squares = sums
  }

  /// How many numbers each feature had.
  var count: Int { samples * perSample }
  var mean: [Double] { sums.map { $0 / Double(max(count, 1)) } }
  /// Of the population.
  var variance: [Double] { squares.map { $0 / Double(max(count, 1)) } }

  mutating func add(values batch: Tensor) throws(NNError) {
    samples += batch.rows
    let feature = feature
    var sums = sums
    try Moments.forEachBlock(of: batch, feature.count) { (block, rows, first) throws(NNError) in
      let wrong = CPU.kernels.firstNonFinite(rows * feature.count, block)
      if wrong >= 0 {
        throw NNError(
          .notFinite, "x has the value \(block[wrong]) at row \(first + wrong / feature.count) (counted from 0)")
      }
      Moments.forEachElement(block, rows, feature, &sums) { sum, x, _ in sum += x }
    }
    self.sums = sums
  }

  /// After all values of all batches.
  mutating func add(squares batch: Tensor) throws(NNError) {
    let (feature, mean) = (feature, mean)
    var squares = squares
    try Moments.forEachBlock(of: batch, feature.count) { (block, rows, _) in
      Moments.forEachElement(block, rows, feature, &squares) { sum, x, i in sum += (x - mean[i]) * (x - mean[i]) }
    }
    self.squares = squares
  }

  /// Calls `add` with the element's feature's entry of `sums`, the element, and the feature's number.
  @inline(__always)
  private static func forEachElement(
    _ block: Input, _ rows: Int, _ feature: [Int], _ sums: inout [Double], _ add: (inout Double, Double, Int) -> Void
  ) {
    sums.withUnsafeMutableBufferPointer { sums in
      feature.withUnsafeBufferPointer { feature in
        for r in 0..<rows {
          let row = block + r &* feature.count
          for i in 0..<feature.count { add(&sums[feature[i]], Double(row[i]), feature[i]) }
        }
      }
    }
  }

  /// The batch as float32, a bounded part at a time.
  private static func forEachBlock(
    of batch: Tensor, _ width: Int, _ body: (_ block: Input, _ rows: Int, _ first: Int) throws(NNError) -> Void
  ) throws(NNError) {
    let rows = min(batch.rows, max(1, (1 << 18) / max(width, 1)))
    guard rows > 0, width > 0 else { return }
    let gather = Gather(batch)
    let block = try Storage(byteCount: rows * width * MemoryLayout<Float>.stride)
    for first in stride(from: 0, to: batch.rows, by: rows) {
      let count = min(rows, batch.rows - first)
      gather.gather(first..<first + count, into: block.floats)
      try body(Input(block.floats), count, first)
    }
  }
}
