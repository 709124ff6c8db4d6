import KernelTable

/// A reduction that folds: its neutral element and its step, on a lane.
private protocol Fold {
  static var neutral: Float { get }
  static func step(_ total: Lane, _ x: Lane) -> Lane
}

private struct Sum: Fold {
  @inline(__always) static var neutral: Float { 0 }
  @inline(__always) static func step(_ total: Lane, _ x: Lane) -> Lane { total + x }
}

private struct Product: Fold {
  @inline(__always) static var neutral: Float { 1 }
  @inline(__always) static func step(_ total: Lane, _ x: Lane) -> Lane { total * x }
}

private struct Maximum: Fold {
  @inline(__always) static var neutral: Float { -.infinity }
  @inline(__always) static func step(_ total: Lane, _ x: Lane) -> Lane {
    choose(x .!= x, x, choose(x .> total, x, total))
  }
}

private struct Minimum: Fold {
  @inline(__always) static var neutral: Float { .infinity }
  @inline(__always) static func step(_ total: Lane, _ x: Lane) -> Lane {
    choose(x .!= x, x, choose(x .< total, x, total))
  }
}

func reduce(
  _ r: Reduction, _ outer: Range<Int>, _ count: Int, _ inner: Range<Int>, _ innerExtent: Int, _ x: Input, _ out: Output
) {
  switch r {
  case .sum: fold(Sum.self, outer, count, inner, innerExtent, x, out)
  case .product: fold(Product.self, outer, count, inner, innerExtent, x, out)
  case .max: fold(Maximum.self, outer, count, inner, innerExtent, x, out)
  case .min: fold(Minimum.self, outer, count, inner, innerExtent, x, out)
  case .argMax: position(outer, count, inner, innerExtent, x, out) { $0 > $1 }
  case .argMin: position(outer, count, inner, innerExtent, x, out) { $0 < $1 }
  }
}

@inline(__always) private func fold<F: Fold>(
  _ f: F.Type, _ outer: Range<Int>, _ count: Int, _ inner: Range<Int>, _ innerExtent: Int, _ x: Input, _ out: Output
) {
  var o = outer.lowerBound
  while o < outer.upperBound {
    if innerExtent == 1 {
      if !inner.isEmpty { out[o] = foldRow(f, count, x + o &* count) }
    } else {
      foldColumns(f, count, inner, innerExtent, x + o &* count &* innerExtent, out + o &* innerExtent)
    }
    o &+= 1
  }
}

/// Longer rows are halved: the error of a long sum stays small.
private var blockLength: Int { @inline(__always) get { 2048 } }

/// A contiguous row. The order depends on `count` only.
@inline(__always) private func foldRow<F: Fold>(_ f: F.Type, _ count: Int, _ x: Input) -> Float {
  horizontal(foldHalves(f, count, x)) { F.step($0, $1) }
}

private func foldHalves<F: Fold>(_ f: F.Type, _ count: Int, _ x: Input) -> Lane {
  if count <= blockLength { return foldBlock(f, count, x) }
  let blocks = (count &+ blockLength &- 1) / blockLength
  let left = blocks / 2 &* blockLength
  return F.step(foldHalves(f, left, x), foldHalves(f, count &- left, x + left))
}

/// Four accumulators, since each step waits for the one before it.
@inline(__always) private func foldBlock<F: Fold>(_: F.Type, _ count: Int, _ x: Input) -> Lane {
  var a = Lane(repeating: F.neutral)
  var b = a
  var c = a
  var d = a
  var i = 0
  while i &+ 4 &* width <= count {
    a = F.step(a, Lane(at: x + i))
    b = F.step(b, Lane(at: x + (i &+ width)))
    c = F.step(c, Lane(at: x + (i &+ 2 &* width)))
    d = F.step(d, Lane(at: x + (i &+ 3 &* width)))
    i &+= 4 &* width
  }
  while i &+ width <= count {
    a = F.step(a, Lane(at: x + i))
    i &+= width
  }
  if i < count { b = F.step(b, Lane(at: x + i, count: count &- i, filler: F.neutral)) }
  return F.step(F.step(a, b), F.step(c, d))
}

/// Columns side by side: one lane of them at a time, each folded from the first row to the last.
@inline(__always) private func foldColumns<F: Fold>(
  _ f: F.Type, _ count: Int, _ inner: Range<Int>, _ innerExtent: Int, _ x: Input, _ out: Output
) {
  var i = inner.lowerBound
  while i &+ width <= inner.upperBound {
    foldColumnLane(f, count, innerExtent) { Lane(at: x + (i &+ $0)) }.store(to: out + i)
    i &+= width
  }
  let rest = inner.upperBound &- i
  if rest > 0 {
    foldColumnLane(f, count, innerExtent) { Lane(at: x + (i &+ $0), count: rest) }.store(to: out + i, count: rest)
  }
}

@inline(__always) private func foldColumnLane<F: Fold>(
  _: F.Type, _ count: Int, _ stride: Int, _ row: (_ offset: Int) -> Lane
) -> Lane {
  var total = Lane(repeating: F.neutral)
  var start = 0
  while start < count {
    let end = min(count, start &+ 128)
    var block = Lane(repeating: F.neutral)
    while start < end {
      block = F.step(block, row(start &* stride))
      start &+= 1
    }
    total = F.step(total, block)
  }
  return total
}

/// The first index of the best; the first NaN beats everything. An empty axis gives −1.
@inline(__always) private func position(
  _ outer: Range<Int>, _ count: Int, _ inner: Range<Int>, _ innerExtent: Int, _ x: Input, _ out: Output,
  _ better: (Float, Float) -> Bool
) {
  var o = outer.lowerBound
  while o < outer.upperBound {
    var i = inner.lowerBound
    while i < inner.upperBound {
      let column = x + (o &* count &* innerExtent &+ i)
      var best = count > 0 ? column[0] : 0
      var at = count > 0 ? 0 : -1
      var c = 1
      while c < count && best == best {
        let value = column[c &* innerExtent]
        if better(value, best) || value != value {
          best = value
          at = c
        }
        c &+= 1
      }
      out[o &* innerExtent &+ i] = Float(at)
      i &+= 1
    }
    o &+= 1
  }
}
