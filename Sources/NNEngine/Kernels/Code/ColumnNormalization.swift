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

/// x̂ alone, which only the gradients of gamma and of the next weights need.
func standardize(
  _ rows: Int, _ columns: Range<Int>, _ extent: Int, _ x: Input, _ mean: Input, _ inverse: Input, _ out: Output
) {
  var r = 0
  while r < rows {
    let at = r &* extent &+ columns.lowerBound
    let (mean, inverse) = (mean + columns.lowerBound, inverse + columns.lowerBound)
    zipLanes(columns.count, x + at, mean, inverse, out + at) { ($0 - $1) * $2 }
    r &+= 1
  }
}

func joinedGradient(_ rows: Range<Int>, _ product: Input, _ gradient: Output, _ o: JoinedNormalization) {
  let columns = o.columns
  let whole = columns & ~(2 &* width &- 1)
  var row = rows.lowerBound
  while row < rows.upperBound {
    let at = (row &- rows.lowerBound) &* columns
    let (p, g, w) = (product + at, gradient + at, o.weights + row &* columns)
    let (gamma, beta) = (Lane(repeating: o.gamma[row]), Lane(repeating: o.beta[row]))
    // Sums of lanes with even and with odd numbers: one chain of additions would make the others wait.
    var (evenGamma, oddGamma, evenBeta, oddBeta) = (Lane(), Lane(), Lane(), Lane())
    var i = 0
    while i < whole {
      let next = i &+ width
      let (p0, p1) = (Lane(at: p + i), Lane(at: p + next))
      let (w0, w1) = (Lane(at: w + i), Lane(at: w + next))
      let (s0, s1) = (Lane(at: o.sums + i), Lane(at: o.sums + next))
      evenGamma = fma(w0, p0, evenGamma)
      oddGamma = fma(w1, p1, oddGamma)
      evenBeta = fma(w0, s0, evenBeta)
      oddBeta = fma(w1, s1, oddBeta)
      fma(gamma, p0, beta * s0).store(to: g + i)
      fma(gamma, p1, beta * s1).store(to: g + next)
      i &+= 2 &* width
    }
    while i < columns {
      let n = min(width, columns &- i)
      let (p, w, s) = (load(p + i, n), load(w + i, n), load(o.sums + i, n))
      evenGamma = fma(w, p, evenGamma)
      evenBeta = fma(w, s, evenBeta)
      store(fma(gamma, p, beta * s), g + i, n)
      i &+= width
    }
    o.dGamma[row] = horizontalSum(evenGamma + oddGamma)
    o.dBeta[row] = horizontalSum(evenBeta + oddBeta)
    row &+= 1
  }
}
