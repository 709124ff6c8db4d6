/// A layer that does not take every number: an embedding, whose inputs are indices. Checked where the numbers are at hand, before
/// training begins; inside a program a wrong number becomes NaN.
protocol InputChecking {
  /// Throws at the first number that the layer does not take.
  func check(input x: Tensor) throws(NNError)
}

/// A layer whose own arguments say what one sample's shape is, where `input_shape` does not.
protocol ShapeDeclaring {
  /// One sample's shape; nil when the arguments leave it open.
  var impliedInputShape: Shape? { get }
}

extension Layer {
  /// Throws if the layer cannot take these numbers as its input: for a layer that sees a model's input directly. Most take all.
  func checkInput(_ x: Tensor) throws(NNError) {
    guard let definition = definition as? any InputChecking else { return }
    do throws(NNError) { try definition.check(input: x) } catch { throw error.within(name) }
  }
}
