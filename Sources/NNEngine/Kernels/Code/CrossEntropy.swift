import KernelTable

/// The class that a label names, or nil.
@inline(__always) private func classIndex(_ label: Float, _ columns: Int) -> Int? {
  label >= 0 && label < Float(columns) ? Int(label) : nil
}

@inline(__always) func logarithm(_ x: Float) -> Float { log(Lane(repeating: x))[0] }

func sparseCrossEntropy(
  _ rows: Range<Int>, _ columns: Int, _ x: Input, _ labels: Input, _ loss: Output, _ probabilities: Output
) {
  guard columns > mostBlockColumns else {
    return forColumnBlocks(rows) { first, count, t, _ in
      loadColumns(x + first &* columns, columns, count, t)
      let top = greatestOfColumns(columns, t)
      let sum = exponentialsOfColumns(columns, t, top)
      let (scale, logSum) = (1 / sum, log(sum))
      var i = 0
      while i < count {
        let r = first &+ i
        let logit = classIndex(labels[r], columns).map { x[r &* columns &+ $0] } ?? .nan
        loss[r] = logSum[i] - (logit - top[i])
        i &+= 1
      }
      mapLanes(columns &* width, t, t) { $0 * scale }
      storeColumns(t, columns, count, probabilities + first &* columns)
    }
  }
  var r = rows.lowerBound
  while r < rows.upperBound {
    let logits = x + r &* columns
    let row = probabilities + r &* columns
    let label = classIndex(labels[r], columns)
    let logit = label.map { logits[$0] } ?? .nan
    let (top, sum) = exponentials(columns, logits, row)
    scale(columns, row, by: 1 / sum)
    loss[r] = logarithm(sum) - (logit - top)
    r &+= 1
  }
}

func sparseCrossEntropyGradient(
  _ rows: Range<Int>, _ columns: Int, _ probabilities: Input, _ labels: Input, _ dLoss: Input, _ dx: Output
) {
  var r = rows.lowerBound
  while r < rows.upperBound {
    let row = probabilities + r &* columns
    let out = dx + r &* columns
    let factor = dLoss[r]
    if let label = classIndex(labels[r], columns) {
      let p = row[label]
      mapLanes(columns, row, out) { $0 * factor }
      out[label] = (p - 1) * factor
    } else {
      fill(columns, .nan, out)
    }
    r &+= 1
  }
}

func crossEntropy(
  _ rows: Range<Int>, _ columns: Int, _ x: Input, _ target: Input, _ loss: Output, _ probabilities: Output
) {
  guard columns > mostBlockColumns else {
    return forColumnBlocks(rows) { first, count, t, u in
      loadColumns(x + first &* columns, columns, count, t)
      loadColumns(target + first &* columns, columns, count, u)
      let sum = shiftColumns(columns, t, by: greatestOfColumns(columns, t))
      let (scale, logSum) = (1 / sum, log(sum))
      // Term by term, as below.
      var total = Lane()
      var i = 0
      while i < columns &* width {
        let x = Lane(at: t + i)
        (expBelow(x) * scale).store(to: t + i)
        total = fma(Lane(at: u + i), logSum - x, total)
        i &+= width
      }
      total.store(to: u)
      copy(count, u, loss + first)
      storeColumns(t, columns, count, probabilities + first &* columns)
    }
  }
  var r = rows.lowerBound
  while r < rows.upperBound {
    let logits = x + r &* columns
    let row = probabilities + r &* columns
    let wanted = target + r &* columns
    let (top, sum) = exponentials(columns, logits, row)
    scale(columns, row, by: 1 / sum)
    // Term by term, t · (log Σ e^(x − top) − (x − top)): no cancellation between large sums.
    let logSum = logarithm(sum)
    var total = Lane()
    var i = 0
    while i &+ width <= columns {
      total = fma(Lane(at: wanted + i), logSum - (Lane(at: logits + i) - top), total)
      i &+= width
    }
    let rest = columns &- i
    if rest > 0 {
      let t = Lane(at: wanted + i, count: rest)
      total = fma(t, logSum - (Lane(at: logits + i, count: rest, filler: top) - top), total)
    }
    loss[r] = horizontalSum(total)
    r &+= 1
  }
}

func crossEntropyGradient(
  _ rows: Range<Int>, _ columns: Int, _ probabilities: Input, _ target: Input, _ dLoss: Input, _ dx: Output
) {
  var r = rows.lowerBound
  while r < rows.upperBound {
    let at = r &* columns
    let weight = sumOf(columns, target + at)
    let factor = dLoss[r]
    zipLanes(columns, probabilities + at, target + at, dx + at) { (weight * $0 - $1) * factor }
    r &+= 1
  }
}

func sigmoidCrossEntropy(_ count: Int, _ x: Input, _ target: Input, _ loss: Output) {
  zipLanes(count, x, target, loss) { x, t in
    choose(x .< 0, Lane(), x) - x * t + log1p(exp(-magnitude(x)))
  }
}

func sigmoidCrossEntropyGradient(_ count: Int, _ x: Input, _ target: Input, _ dLoss: Input, _ dx: Output) {
  zipLanes(count, x, target, dLoss, dx) { (sigmoid($0) - $1) * $2 }
}
