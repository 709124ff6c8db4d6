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

  package init(
    train:
      @escaping @Sendable (
        Int, Range<Int>, Int, Float, Input, Input, Input, Output, Output, Output, Output
      ) -> Void,
    gradient:
      @escaping @Sendable (
        Int, Range<Int>, Int, Input, Input, Input, Input, Input, Output, Output, Output
      ) -> Void
  ) {
    self.train = train
    self.gradient = gradient
  }
}
