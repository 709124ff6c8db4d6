/// The product of an input that dropout thins out with weights, from the product of the whole input: what is dropped is taken away.
package struct DropoutProductTask {
  /// Columns of the input, rows of the weights.
  package var depth: Int
  /// Columns of the weights.
  package var columns: Int
  /// Rows × depth.
  package var x: Input
  /// depth × columns.
  package var weights: Input
  /// x · weights.
  package var base: Input
  package var bias: Input?
  package var y: Output
  package var key: RandomKey
  package var stream: UInt32
  package var rate: Float

  /// Rows that are computed together: the weights come once for all of them from distant caches.
  package static var rowsPerChunk: Int { 64 }

  package init(
    depth: Int, columns: Int, x: Input, weights: Input, base: Input, bias: Input?, y: Output, key: RandomKey,
    stream: UInt32, rate: Float
  ) {
    (self.depth, self.columns) = (depth, columns)
    (self.x, self.weights, self.base, self.bias, self.y) = (x, weights, base, bias, y)
    (self.key, self.stream, self.rate) = (key, stream, rate)
  }

  /// Scratch memory of one chunk.
  package static func scratchBytes(depth: Int) -> Int { DropoutProductScratch(depth: depth).bytes }
}

/// Where the list of dropped inputs is in a chunk's scratch memory, in bytes.
package struct DropoutProductScratch {
  /// For each row, where its entries begin.
  package let starts = 0
  /// The entries' values.
  package let values: Int
  /// Their columns.
  package let places: Int
  package let bytes: Int

  package init(depth: Int) {
    // Whole lanes are read at the end.
    let entries = 4 &* (DropoutProductTask.rowsPerChunk &* depth &+ 16)
    values = 8 &* (DropoutProductTask.rowsPerChunk &+ 8)
    places = values &+ entries
    bytes = (places &+ entries &+ 63) & ~63
  }
}
