/// Where a program's random numbers come from: the seed (two words) and the step (one word), as bits in memory that is read at run time.
package typealias RandomKey = UnsafePointer<UInt32>

/// Random numbers by counting (Philox4x32-10). The bits of element i are a function of (key, stream, i) only, so any range may be computed
/// anywhere, and both processor levels have the same bits.
package struct RandomKernels: Sendable {
  /// out[i − range.lowerBound] is uniform in [0, 1), with 24 bits.
  package let uniform: @Sendable (_ range: Range<Int>, _ key: RandomKey, _ stream: UInt32, _ out: Output) -> Void
  /// Standard normal (Box and Muller).
  package let normal: @Sendable (_ range: Range<Int>, _ key: RandomKey, _ stream: UInt32, _ out: Output) -> Void
  /// y[i] = (16 random bits) · 2⁻¹⁶ ≥ rate ? x[i] · scale : 0, for i in range; x and y are whole arrays, y may be x.
  package let dropout:
    @Sendable (
      _ range: Range<Int>, _ key: RandomKey, _ stream: UInt32, _ rate: Float, _ scale: Float, _ x: Input, _ y: Output
    ) -> Void

  /// Rows of dropout(x) · W + bias.
  package let dropoutProduct:
    @Sendable (_ task: DropoutProductTask, _ rows: Range<Int>, _ scratch: UnsafeMutableRawPointer) -> Void

  package init(
    uniform: @escaping @Sendable (Range<Int>, RandomKey, UInt32, Output) -> Void,
    normal: @escaping @Sendable (Range<Int>, RandomKey, UInt32, Output) -> Void,
    dropout: @escaping @Sendable (Range<Int>, RandomKey, UInt32, Float, Float, Input, Output) -> Void,
    dropoutProduct: @escaping @Sendable (DropoutProductTask, Range<Int>, UnsafeMutableRawPointer) -> Void
  ) {
    self.uniform = uniform
    self.normal = normal
    self.dropout = dropout
    self.dropoutProduct = dropoutProduct
  }
}
