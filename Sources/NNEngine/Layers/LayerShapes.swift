// What help says of the layers' shapes. n is the batch; "…" stands for any further axes.

private let same = "any shape → the same"
private let merged = "a list of inputs of the same shape (an extent of 1 is repeated) → that shape"

extension LayerConfiguration {
  static var shapes: String { D.shapes }
}

extension InputLayer { static var shapes: String { "none → (n, input_shape…)" } }
extension Dense { static var shapes: String { "(n, …, inputs) → (n, …, units)" } }
extension ActivationLayer { static var shapes: String { same } }
extension ReLU { static var shapes: String { same } }
extension LeakyReLU { static var shapes: String { same } }
extension PReLU { static var shapes: String { same } }
extension RReLU { static var shapes: String { same } }
extension ELU { static var shapes: String { same } }
extension ThresholdedReLU { static var shapes: String { same } }
extension SoftmaxLayer { static var shapes: String { same } }
extension Flatten { static var shapes: String { "(n, a, b, …) → (n, a·b·…)" } }
extension ReshapeLayer { static var shapes: String { "(n, …) → (n, target_shape…), with as many elements" } }
extension Permute { static var shapes: String { "(n, a, b, …) → (n, …) in the order of dims" } }
extension RepeatVector { static var shapes: String { "(n, a) → (n, times, a)" } }
extension Rescaling { static var shapes: String { same } }
extension BatchNormalization { static var shapes: String { same } }
extension LayerNormalization { static var shapes: String { same } }
extension DropoutLayer { static var shapes: String { same } }
extension AlphaDropout { static var shapes: String { same } }
extension GaussianNoise { static var shapes: String { same } }
extension GaussianDropout { static var shapes: String { same } }
extension ActivityRegularization { static var shapes: String { same } }
extension Merge { static var shapes: String { merged } }
extension Concatenate { static var shapes: String { "a list of (n, …, a), (n, …, b), … → (n, …, a+b+…) along axis" } }
extension DotLayer {
  static var shapes: String { "(n, …, a, …) and (n, …, a, …) → (n, …) without the axes that are summed over" }
}
extension ConvolutionLayer {
  static var shapes: String {
    Rank.count == 2
      ? "(n, rows, columns, channels) → (n, rows', columns', filters)" : "(n, steps, channels) → (n, steps', filters)"
  }
}
extension Pooling {
  static var shapes: String {
    Rank.count == 2
      ? "(n, rows, columns, channels) → (n, rows', columns', channels)" : "(n, steps, channels) → (n, steps', channels)"
  }
}
extension GlobalPooling {
  static var shapes: String {
    Rank.count == 2 ? "(n, rows, columns, channels) → (n, channels)" : "(n, steps, channels) → (n, channels)"
  }
}
extension ZeroPadding2D {
  static var shapes: String { "(n, rows, columns, channels) → (n, top+rows+bottom, left+columns+right, channels)" }
}
extension UpSampling2D {
  static var shapes: String { "(n, rows, columns, channels) → (n, rows·size, columns·size, channels)" }
}
extension Embedding { static var shapes: String { "(n, …), indices → (n, …, output_dim)" } }
extension Normalization { static var shapes: String { same } }
extension Lambda { static var shapes: String { "any shape → what the function makes of it" } }
