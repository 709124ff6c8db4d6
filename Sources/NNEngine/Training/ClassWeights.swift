import KernelTable

/// How much the samples of each class count.
struct ClassWeights: ConfigValue {
  let weights: [Int: Double]

  static let kind = "a table of class indices and weights"

  /// {"0": 1, "1": 5}, or a list whose first element is class 0's.
  static func decode(_ value: Value) throws(NNError) -> ClassWeights? {
    var weights: [Int: Double] = [:]
    switch value {
    case .table(let table):
      for (name, value) in table.entries {
        guard let label = Int(name), label >= 0, let weight = Double.decode(value) else { return nil }
        weights[label] = weight
      }
    case .list(let items):
      for (label, value) in items.enumerated() {
        guard let weight = Double.decode(value) else { return nil }
        weights[label] = weight
      }
    default: return nil
    }
    guard !weights.isEmpty else { return nil }
    for (label, weight) in weights where !(weight.isFinite && weight >= 0) {
      throw .invalid("the weight of class \(label) must be a finite number that is not negative, got \(weight)")
    }
    return ClassWeights(weights: weights)
  }

  var encoded: Value {
    .table(Value.Table(weights.sorted { $0.key < $1.key }.map { (String($0.key), .number($0.value)) }))
  }

  /// The weight of each sample, times what it has already. Labels are class indices, or one-hot. A class without a weight is an error.
  func weights(of y: Tensor, times other: Tensor?) throws(NNError) -> Tensor {
    let width = y.rows == 0 ? 1 : y.shape.count / y.rows
    return try Tensor(Shape([y.rows])) { (out) throws(NNError) in
      for row in 0..<y.rows {
        var label = y.element(row * width)
        if width > 1 {
          // One-hot: the place of the largest, as Keras has it.
          var best = 0
          for i in 1..<width where y.element(row * width + i) > y.element(row * width + best) { best = i }
          label = Double(best)
        }
        guard let index = Int(exactly: label), let weight = weights[index] else {
          let known = weights.keys.sorted().map(String.init).joined(separator: ", ")
          throw .invalid(
            "'class_weight' has no weight for the class \(Int(exactly: label).map(String.init) ?? "\(label)") "
              + "of row \(row) (counted from 0); it has weights for \(known)")
        }
        out[row] = Float(weight * (other?.element(row) ?? 1))
      }
    }
  }
}
