import KernelTable

extension GemmRectangle {
  /// For few rows of A and a B that is stored by columns: Cᵀ = Bᵀ · Aᵀ, for which Bᵀ is read in place, by rows, once, and of the three matrices
  /// the two small ones are transposed, instead of the large one.
  func computeTransposed() {
    let blockK = task.pointee.plan.blockK
    let (height, count) = (rowEnd &- rowStart, columnEnd &- columnStart)
    let stride = roundedUp(height, width)
    let transposed = packedRows
    let first = b + columnStart &* columnB
    let values = destination(rowStart, columnStart, productStart: rowStart)
    if accumulates {
      packTransposed(rows: height, steps: count, values, destinationStride, transposed, lineWidth: stride)
    }
    var p = 0
    repeat {
      let steps = min(blockK, depth &- p)
      let rows = a + (rowStart &* rowA &+ p)
      packTransposed(rows: height, steps: steps, rows, rowA, panels, lineWidth: stride)
      var heights = TileHeights(count)
      var j = 0
      while j < count {
        let tile = heights.next()
        var i = 0
        while i < height {
          let lanes = nextLanes(quotient(height &- i, width))
          let operands = TileOperands(
            a: first + (j &* columnB &+ p), aRow: columnB, aStep: 1, b: panels + i, bStep: stride, steps: steps,
            whole: steps, c: transposed + (j &* stride &+ i), cStride: stride, last: width,
            continues: p > 0 || accumulates, weights: nil, weightStride: 0, numbers: a)
          multiplyTile(rows: tile, lanes: lanes, operands)
          i &+= lanes &* width
        }
        j &+= tile
      }
      p &+= steps
    } while p < depth
    unpackTransposed(rows: height, columns: count, transposed, stride, values, destinationStride)
    finish(rows: rowStart..<rowEnd, productStart: rowStart)
  }
}

/// out[i · outStride + j] = x[j · stride + i] for i < rows, j < columns. Nothing else is written.
private func unpackTransposed(rows: Int, columns: Int, _ x: Input, _ stride: Int, _ out: Output, _ outStride: Int) {
  let (wholeRows, wholeColumns) = (rows & ~7, columns & ~7)
  var j = 0
  while j < columns {
    let isWhole = j < wholeColumns
    var i = 0
    while isWhole && i < wholeRows {
      transpose8x8(x + (j &* stride &+ i), stride, out + (i &* outStride &+ j), outStride)
      i &+= 8
    }
    let end = isWhole ? j &+ 8 : columns
    while i < rows {
      var k = j
      while k < end {
        out[i &* outStride &+ k] = x[k &* stride &+ i]
        k &+= 1
      }
      i &+= 1
    }
    j = end
  }
}
