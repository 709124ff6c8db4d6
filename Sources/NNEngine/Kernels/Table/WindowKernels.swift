/// One axis of a window that slides over an input: output o reads, for position k of the window, the input at
/// (o · stride + k · dilation + offset) / spread, where that is a whole number inside the input, and else 0.
package struct WindowAxis: Sendable, Hashable {
  /// Extents of input and output.
  package var input: Int
  package var output: Int
  /// Positions of the window.
  package var size: Int
  package var stride: Int
  package var dilation: Int
  package var offset: Int
  /// More than 1: as if `spread` − 1 zeros stood between each two inputs.
  package var spread: Int
  package init(input: Int, output: Int, size: Int, stride: Int, dilation: Int, offset: Int, spread: Int) {
    self.input = input
    self.output = output
    self.size = size
    self.stride = stride
    self.dilation = dilation
    self.offset = offset
    self.spread = spread
  }
}

/// A window that slides over images [n, rows, columns, channels].
package struct Window: Sendable, Hashable {
  package var rows: WindowAxis
  package var columns: WindowAxis
  package init(rows: WindowAxis, columns: WindowAxis) {
    self.rows = rows
    self.columns = columns
  }
}

/// What slides a window over images. `x` is [n, rows, columns, channels] of the window's input, `y` of its output. Pooling takes windows
/// whose spread and dilation are 1 and which hold at least one input everywhere; what is outside the input does not count.
package struct WindowKernels: Sendable {
  /// The windows of outputs `range` of all n · rows · columns, one a row: out[r, k, c]. Up to three
  /// floats behind the last row may be overwritten.
  package let patches:
    @Sendable (_ range: Range<Int>, _ window: Window, _ channels: Int, _ x: Input, _ out: Output) -> Void
  /// y = the largest of each window, for the output's rows in `range` of all n · rows. NaN wins.
  package let maxPool:
    @Sendable (_ range: Range<Int>, _ window: Window, _ channels: Int, _ x: Input, _ y: Output) -> Void
  /// dx = the sum of the dy of those windows whose first largest input it is; whole samples.
  package let maxPoolGradient:
    @Sendable (
      _ samples: Range<Int>, _ window: Window, _ channels: Int, _ x: Input, _ y: Input, _ dy: Input, _ dx: Output
    ) -> Void
  /// y = the mean of each window, for the output's rows in `range`.
  package let averagePool:
    @Sendable (_ range: Range<Int>, _ window: Window, _ channels: Int, _ x: Input, _ y: Output) -> Void
  /// dx = the sum of dy / the window's count over the windows that hold it; whole samples.
  package let averagePoolGradient:
    @Sendable (_ samples: Range<Int>, _ window: Window, _ channels: Int, _ dy: Input, _ dx: Output) -> Void
  /// sums[c] += Σ x[r, c], row after row.
  package let addRows: @Sendable (_ rows: Int, _ columns: Int, _ x: Input, _ sums: Output) -> Void

  package init(
    patches: @escaping @Sendable (Range<Int>, Window, Int, Input, Output) -> Void,
    maxPool: @escaping @Sendable (Range<Int>, Window, Int, Input, Output) -> Void,
    maxPoolGradient: @escaping @Sendable (Range<Int>, Window, Int, Input, Input, Input, Output) -> Void,
    averagePool: @escaping @Sendable (Range<Int>, Window, Int, Input, Output) -> Void,
    averagePoolGradient: @escaping @Sendable (Range<Int>, Window, Int, Input, Output) -> Void,
    addRows: @escaping @Sendable (Int, Int, Input, Output) -> Void
  ) {
    self.patches = patches
    self.maxPool = maxPool
    self.maxPoolGradient = maxPoolGradient
    self.averagePool = averagePool
    self.averagePoolGradient = averagePoolGradient
    self.addRows = addRows
  }
}
