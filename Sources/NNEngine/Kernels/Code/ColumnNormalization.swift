import KernelTable

/// Rows that are summed before their sum joins the others': keeps the error of a sum over many rows that of a short one.
private let block = 64

/// Σ over rows of term(row), for one lane of columns.
@inline(__always) private func columnSum(_ rows: Int, _ term: (Int) -> Lane) -> Lane {
  var total = Lane()
  var r = 0
  while r < rows {
    let end = min(rows, r &+ block)
    var part = Lane()
    while r < end {
      part += term(r)
      r &+= 1
    }
    total += part
  }
  return total
}

/// Lanes of columns in the range; the last may have fewer than a full lane's.
@inline(__always) private func forEachColumnLane(_ columns: Range<Int>, _ body: (_ column: Int, _ count: Int) -> Void) {
  var c = columns.lowerBound
  while c < columns.upperBound {
    body(c, min(width, columns.upperBound &- c))
    c &+= width
  }
}

@inline(__always) private func load(_ p: Input, _ count: Int) -> Lane {
  count == width ? Lane(at: p) : Lane(at: p, count: count)
}

@inline(__always) private func store(_ x: Lane, _ p: Output, _ count: Int) {
  if count == width { x.store(to: p) } else { x.store(to: p, count: count) }
}

func batchNormalization(
  _ rows: Int, _ columns: Range<Int>, _ extent: Int, _ epsilon: Float, _ x: Input, _ gamma: Input, _ beta: Input,
  _ y: Output, _ mean: Output, _ variance: Output, _ inverse: Output
) {
  let share = 1 / Float(rows)
  forEachColumnLane(columns) { c, n in
    let x = x + c
    let m = columnSum(rows) { load(x + $0 &* extent, n) } * share
    let v =
      columnSum(rows) {
        let d = load(x + $0 &* extent, n) - m
        return d * d
      } * share
    let i = 1 / (v + epsilon).squareRoot()
    store(m, mean + c, n)
    store(v, variance + c, n)
    store(i, inverse + c, n)
    let factor = i * load(gamma + c, n)
    let shift = load(beta + c, n)
    var r = 0
    while r < rows {
      store(fma(load(x + r &* extent, n) - m, factor, shift), y + c + r &* extent, n)
      r &+= 1
    }
  }
}

func batchNormalizationGradient(
  _ rows: Int, _ columns: Range<Int>, _ extent: Int, _ x: Input, _ gamma: Input, _ mean: Input, _ inverse: Input,
  _ dy: Input, _ dx: Output, _ dGamma: Output, _ dBeta: Output
) {
  let share = 1 / Float(rows)
  forEachColumnLane(columns) { c, n in
    let (x, dy) = (x + c, dy + c)
    let (m, i) = (load(mean + c, n), load(inverse + c, n))
    let sum = columnSum(rows) { load(dy + $0 &* extent, n) }
    let product = columnSum(rows) { load(dy + $0 &* extent, n) * (load(x + $0 &* extent, n) - m) } * i
    store(sum, dBeta + c, n)
    store(product, dGamma + c, n)
    // dx = γ·i·(dy − mean(dy) − x̂·mean(dy·x̂)), x̂ = (x − m)·i
    let factor = load(gamma + c, n) * i
    let slope = product * share * i
    let level = sum * share
    var r = 0
    while r < rows {
      let d = load(dy + r &* extent, n) - level - (load(x + r &* extent, n) - m) * slope
      store(d * factor, dx + c + r &* extent, n)
      r &+= 1
    }
  }
}
