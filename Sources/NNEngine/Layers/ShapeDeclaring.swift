/// A layer whose own arguments say what one sample's shape is, where `input_shape` does not.
protocol ShapeDeclaring {
  /// One sample's shape; nil when the arguments leave it open.
  var impliedInputShape: Shape? { get }
}
