/// What help says of a layer's shapes where several say the same. n is the batch; "…" stands for any further axes.
enum LayerShapes {
  static let same = "any shape → the same"
  static let merged = "a list of inputs of the same shape (an extent of 1 is repeated) → that shape"
}

extension LayerConfiguration {
  static var shapes: String { D.shapes }
}
