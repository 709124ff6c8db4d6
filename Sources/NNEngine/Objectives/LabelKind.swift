import KernelTable

/// What a loss or a metric accepts as labels: which shapes beside a given output, and which values.
public enum LabelKind: Sendable {
  /// Any finite numbers, in the output's shape.
  case numbers
  /// Numbers in 0 … 1, in the output's shape.
  case probabilities
  /// Whole numbers in 0 ..< classes, where classes is the output's last extent; in the output's shape without that axis.
  case classIndices
  /// Whatever the user's loss makes of them.
  case any

  /// The shape that labels take beside an output (both of one sample, without the batch axis). An axis of extent 1 at the end
  /// of one of the two, but not of the other, is nobody's mistake; every other difference is an error, never broadcast.
  func shape(of labels: Shape, for output: Shape) throws(NNError) -> Shape {
    switch self {
    case .numbers, .probabilities:
      if labels == output || labels.appendingOne == output || labels == output.appendingOne { return output }
      var advice = ""
      if self == .probabilities, output.rank > 0, labels.appendingOne.dimensions.last == 1,
        labels.dimensions == output.dimensions.dropLast() || labels.dimensions == output.dimensions.dropLast() + [1]
      {
        advice = "; class indices need sparse_categorical_crossentropy"
      }
      throw .shape(misfit(labels, output) + ": expected labels of shape \(output.batched)\(advice)")
    case .any:
      // The one mistake that broadcasting would hide: (n,) beside (n, 1) is no table of n × n.
      return labels.appendingOne == output || labels == output.appendingOne ? output : labels
    case .classIndices:
      guard output.rank > 0 else {
        throw .shape(misfit(labels, output) + ": expected an output with one number for each class")
      }
      let expected = Shape(unchecked: Array(output.dimensions.dropLast()))
      if labels == expected || labels == expected.appendingOne { return expected }
      let advice = labels == output ? "; one-hot labels need categorical_crossentropy" : ""
      throw .shape(
        misfit(labels, output)
          + ": expected class indices of shape \(expected.batched) or \(expected.appendingOne.batched)\(advice)")
    }
  }

  private func misfit(_ labels: Shape, _ output: Shape) -> String {
    "labels of shape \(labels.batched) do not fit the output \(output.batched)"
  }

  /// Labels of a batch in the shape that belongs beside `output`, which has as many rows.
  func matched(_ labels: Symbol, to output: Symbol) throws(NNError) -> Symbol {
    guard labels.shape.rank > 0, output.shape.rank > 0 else {
      throw .shape("labels of shape \(labels.shape) and output \(output.shape) need a batch axis")
    }
    guard labels.shape[0] == output.shape[0] else {
      throw .shape("labels of shape \(labels.shape) have another number of rows than the output \(output.shape)")
    }
    let sample = try shape(of: labels.shape.sample, for: output.shape.sample)
    return labels.shape.sample == sample ? labels : try labels.reshaped([labels.shape[0]] + sample.dimensions)
  }
}

extension Shape {
  fileprivate var appendingOne: Shape { Shape(unchecked: dimensions + [1]) }
}
