/// Batch normalization of a matrix's columns. A range of columns may be computed anywhere; rows are summed in one order.
package struct NormalizationKernels: Sendable {
  /// mean, variance (of the population) and y = (x − mean) · inverse · gamma + beta with inverse = 1/√(variance + epsilon), for columns in range.
  package let train:
    @Sendable (
      _ rows: Int, _ columns: Range<Int>, _ extent: Int, _ epsilon: Float, _ x: Input, _ gamma: Input, _ beta: Input,
      _ y: Output, _ mean: Output, _ variance: Output, _ inverse: Output
    ) -> Void
  /// The gradients of `train`'s y.
  package let gradient:
    @Sendable (
      _ rows: Int, _ columns: Range<Int>, _ extent: Int, _ x: Input, _ gamma: Input, _ mean: Input, _ inverse: Input,
      _ dy: Input, _ dx: Output, _ dGamma: Output, _ dBeta: Output
    ) -> Void
  /// x̂ = (x − mean) · inverse, for columns in range.
  package let standardize:
    @Sendable (
      _ rows: Int, _ columns: Range<Int>, _ extent: Int, _ x: Input, _ mean: Input, _ inverse: Input, _ out: Output
    ) -> Void
  /// Rows of the gradients of W, γ and β, of the rows of P that `product` starts with. `gradient` may be `product`.
  package let joinedGradient:
    @Sendable (_ rows: Range<Int>, _ product: Input, _ gradient: Output, _ operands: JoinedNormalization) -> Void

  package init(
    train:
      @escaping @Sendable (
        Int, Range<Int>, Int, Float, Input, Input, Input, Output, Output, Output, Output
      ) -> Void,
    gradient:
      @escaping @Sendable (
        Int, Range<Int>, Int, Input, Input, Input, Input, Input, Output, Output, Output
      ) -> Void,
    standardize: @escaping @Sendable (Int, Range<Int>, Int, Input, Input, Input, Output) -> Void,
    joinedGradient: @escaping @Sendable (Range<Int>, Input, Output, JoinedNormalization) -> Void
  ) {
    self.train = train
    self.gradient = gradient
    self.standardize = standardize
    self.joinedGradient = joinedGradient
  }
}

/// A normalization y = γ x̂ + β whose result is multiplied by a matrix W [rows, columns], g being the cotangent of that product. With
/// P = x̂ᵀ · g [rows, columns] and s = Σ g over the batch, the gradients are: of W, yᵀ · g = γ P + β sᵀ; of γ, Σ over the columns of W ∘ P; of
/// β, W · s.
package struct JoinedNormalization: Sendable {
  package let columns: Int
  package nonisolated(unsafe) let weights: Input
  /// s, `columns` floats.
  package nonisolated(unsafe) let sums: Input
  package nonisolated(unsafe) let gamma: Input
  package nonisolated(unsafe) let beta: Input
  package nonisolated(unsafe) let dGamma: Output
  package nonisolated(unsafe) let dBeta: Output
  package init(
    columns: Int, weights: Input, sums: Input, gamma: Input, beta: Input, dGamma: Output, dBeta: Output
  ) {
    self.columns = columns
    self.weights = weights
    self.sums = sums
    self.gamma = gamma
    self.beta = beta
    self.dGamma = dGamma
    self.dBeta = dBeta
  }
}
