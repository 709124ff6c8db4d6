/// Rows of a table by number. An index is a float; one that is no whole number in 0 ..< tableRows (or NaN) reads and writes no table.
package struct IndexKernels: Sendable {
  /// out[r, :] = table[indices[r], :] for r in rows; a row of NaN where the index is out of range.
  package let gatherRows:
    @Sendable (_ rows: Range<Int>, _ width: Int, _ tableRows: Int, _ table: Input, _ indices: Input, _ out: Output) ->
      Void
  /// table[v, :] = Σ of x[r, :] over the r with indices[r] = v, in the order of r, for v in tableRows; 0 where there is none. Indices
  /// out of range are passed over.
  package let scatterRows:
    @Sendable (_ tableRows: Range<Int>, _ width: Int, _ count: Int, _ x: Input, _ indices: Input, _ table: Output) ->
      Void

  package init(
    gatherRows: @escaping @Sendable (Range<Int>, Int, Int, Input, Input, Output) -> Void,
    scatterRows: @escaping @Sendable (Range<Int>, Int, Int, Input, Input, Output) -> Void
  ) {
    self.gatherRows = gatherRows
    self.scatterRows = scatterRows
  }
}
