/// The sums that metrics are made of, each sample counted as often as its weight says; without weights nothing is
/// computed that an unweighted metric does not need.
extension Symbol {
  /// The sum of all elements (of zeros and ones: the number of ones), and the number of all.
  func counted(_ weights: Symbol?) throws(NNError) -> [Symbol] { [try total(weights), try number(weights)] }

  /// The sum of all elements. The batch is, or begins, the first axis.
  func total(_ weights: Symbol?) throws(NNError) -> Symbol {
    guard let weights else { return try sum() }
    let samples = weights.shape[0]
    return try (reshaped([samples, shape.count / Swift.max(samples, 1)]).sum(axes: [1]) * weights).sum()
  }

  /// The number of all elements.
  func number(_ weights: Symbol?) throws(NNError) -> Symbol {
    guard let weights else { return try .fill(Float(shape.count), .scalar) }
    return try weights.sum() * Float(shape.count / Swift.max(weights.shape[0], 1))
  }

  /// A matrix whose rows are samples, or parts of samples, each row times its sample's weight.
  func weighted(_ weights: Symbol?) throws(NNError) -> Symbol {
    guard let weights else { return self }
    let (rows, samples) = (shape[0], weights.shape[0])
    if rows == samples { return try self * weights.reshaped([rows, 1]) }
    let spread = try weights.reshaped([samples, 1]).broadcast(to: Shape([samples, rows / Swift.max(samples, 1)]))
    return try self * spread.reshaped([rows, 1])
  }
}
