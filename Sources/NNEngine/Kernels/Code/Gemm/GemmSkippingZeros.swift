// Products with an A of which much is 0: images, what dropout has thinned out, what ReLU has cut off. Only the rest is multiplied. The bits
// are the dense product's, since a chain of multiply-adds stays the same where 0 is left out. (But 0 · ∞ is NaN, so B is looked through.)
//
// How much is 0 is known only when the product runs: opening chunks look at some rows and, if it is enough, lay out B in panels for all.
// Else they leave a note, and the chunks compute the dense product.
import KernelTable

/// How such a product goes through its matrices, and what it needs.
struct ZeroSkipping {
  /// Lanes of a panel: of each row of C so many sums are in registers at once. The last panel may have fewer.
  let panelLanes: Int
  /// Floats from one step's part of a panel to the next, and panels.
  let stride: Int
  let panels: Int
  /// The rows of C that go through a panel while it is at hand, and the panels that they go through before the next steps of k: that much
  /// of C stays in the second-level cache.
  let rows: Int
  let panelsAtOnce: Int

  init(_ plan: GemmPlan) {
    let lanes = quotient(plan.shape.n, width)
    let pieceRows = quotient(quotient(plan.shape.m, tileRows), plan.skippingCuts) &* tileRows
    panels = max(1, quotient(lanes, 12))
    panelLanes = max(1, roundedUp(quotient(lanes, panels), lanes > 1 ? 2 : 1))
    stride = panelLanes &* width
    rows = min(pieceRows, 192, max(16, 131_072 / max(1, plan.shape.n)))
    panelsAtOnce = max(1, 65_536 / (rows &* stride))
  }

  /// Steps of k at a time: so much of a panel stays in the nearest cache.
  static var steps: Int { @inline(__always) get { 512 / width } }
  /// The share of A that may be other than 0: beyond it the dense product is as fast.
  static var greatestShare: Float { @inline(__always) get { width == 8 ? 0.6 : 0.35 } }

  static func isWorthTrying(_ shape: GemmShape) -> Bool { hasManyRows(shape) || hasOneRow(shape) }

  /// Enough rows for B to be laid out anew, and a B that is not so large that this goes through memory. Where k is short, the dense product
  /// is as fast.
  static func hasManyRows(_ shape: GemmShape) -> Bool {
    !shape.transposeB && shape.m >= 96 && shape.n >= 4 &* width && shape.k >= 128
      && Float(shape.k) * Float(shape.n) <= 1e6
  }

  /// One row, with a B large enough that it takes time to read it.
  static func hasOneRow(_ shape: GemmShape) -> Bool {
    !shape.transposeA && !shape.transposeB && shape.m == 1 && shape.n >= 4 &* width
      && Float(shape.k) * Float(shape.n) >= 16_384 && Float(shape.k) * Float(shape.n) < 1e9
  }

  /// Parts in which B is laid out.
  static func openingChunks(_ shape: GemmShape) -> Int { shape.k &* shape.n > 32_768 ? 4 : 1 }

  /// A cache line for each opening chunk to leave its note in.
  static var noteFloats: Int { @inline(__always) get { 16 } }

  /// Floats that all chunks share: the notes, and B.
  func sharedFloats(_ plan: GemmPlan) -> Int {
    plan.openingChunks &* ZeroSkipping.noteFloats &+ panels &* plan.shape.k &* stride
  }

  /// Floats of a product that is consumed, some rows at a time.
  var productFloats: Int { rows &* panels &* stride }

  /// Of a chunk's list: its entries, and the floats for them, for where rows begin, and for what it is made from.
  private var entries: Int { @inline(__always) get { rows &* ZeroSkipping.steps &+ 8 } }
  var entriesStart: Int { @inline(__always) get { 2 &* (rows &+ 1) } }
  var placesStart: Int { @inline(__always) get { entriesStart &+ entries } }
  var transposedStart: Int { @inline(__always) get { placesStart &+ entries } }
  var listFloats: Int { transposedStart &+ rows &* ZeroSkipping.steps }
}

extension GemmShape {
  /// B is laid out for a product that skips zeros; a single row takes it as it is.
  var laysOutB: Bool { @inline(__always) get { skipsZeros && m > 1 } }
}

/// Looks whether enough of A is 0 and all of B is finite, lays out a part of B, and leaves a note: 1, if zeros may be skipped.
func openSkippingZeros(_ task: UnsafePointer<GemmTask>, _ number: Int) {
  let plan = task.pointee.plan
  guard let memory = task.pointee.scratch?.assumingMemoryBound(to: Float.self) else { return }
  let note = memory + number &* ZeroSkipping.noteFloats
  note[0] = 0
  guard isSparse(task) else { return }
  let (k, n, opening) = (plan.shape.k, plan.shape.n, plan.openingChunks)
  let layout = ZeroSkipping(plan)
  let panels = memory + opening &* ZeroSkipping.noteFloats
  var p = number &* k / opening
  let end = (number &+ 1) &* k / opening
  while p < end {
    let row = task.pointee.b + p &* task.pointee.strideB
    guard firstNonFinite(n, row) < 0 else { return }
    var panel = 0
    while panel < layout.panels {
      let j = panel &* layout.stride
      let lanes = quotient(min(layout.stride, n &- j), width)
      let out = panels + (panel &* k &+ p) &* layout.stride
      packLine(row + j, out, lanes, last: min(width, n &- j &- (lanes &- 1) &* width))
      panel &+= 1
    }
    p &+= 1
  }
  note[0] = 1
}

/// By eight of A's rows, as they are stored.
private func isSparse(_ task: UnsafePointer<GemmTask>) -> Bool {
  let shape = task.pointee.plan.shape
  let (rows, count) = shape.transposeA ? (shape.k, shape.m) : (shape.m, shape.k)
  let samples = min(8, rows)
  var others = 0
  var i = 0
  while i < samples {
    others &+= countNonZeros(task.pointee.a + (i &* rows / samples) &* task.pointee.strideA, count)
    i &+= 1
  }
  return Float(others) <= ZeroSkipping.greatestShare * Float(samples &* count)
}

/// Whether the opening chunks have found zeros to skip.
func skipsZeros(_ task: UnsafePointer<GemmTask>) -> Bool {
  let plan = task.pointee.plan
  guard plan.shape.laysOutB, let notes = task.pointee.scratch?.assumingMemoryBound(to: Float.self) else { return false }
  var number = 0
  while number < plan.openingChunks {
    if notes[number &* ZeroSkipping.noteFloats] == 0 { return false }
    number &+= 1
  }
  return true
}

extension GemmRectangle {
  /// Some rows and panels at a time, for them some steps of k.
  func computeSkippingZeros() {
    let layout = ZeroSkipping(task.pointee.plan)
    var group = rowStart
    while group < rowEnd {
      let rows = group..<min(rowEnd, group &+ layout.rows)
      var panel = 0
      while panel < layout.panels {
        let end = min(layout.panels, panel &+ layout.panelsAtOnce)
        multiply(rows, panel..<end, layout)
        panel = end
      }
      finish(rows: rows, productStart: group)
      group &+= layout.rows
    }
  }

  private func multiply(_ rows: Range<Int>, _ panels: Range<Int>, _ layout: ZeroSkipping) {
    var p = 0
    while p < depth {
      let steps = min(ZeroSkipping.steps, depth &- p)
      let list = listNonZeros(rows, from: p, steps, layout)
      var panel = panels.lowerBound
      while panel < panels.upperBound {
        let start = panel &* layout.stride
        let sums = ListedSums(
          rectangle: self, rows: rows, list: list, panel: sharedPanels + (panel &* depth &+ p) &* layout.stride,
          panelStart: start, continues: p > 0 || accumulates, isLast: p &+ steps == depth)
        forEachRowWidth(start..<min(columnEnd, start &+ layout.stride), sums)
        panel &+= 1
      }
      p &+= steps
    }
  }

  private func listNonZeros(_ rows: Range<Int>, from p: Int, _ steps: Int, _ layout: ZeroSkipping) -> NonZeroRows {
    let list = NonZeroRows(
      starts: UnsafeMutableRawPointer(lists).assumingMemoryBound(to: Int.self),
      entries: NonZeros(
        values: lists + layout.entriesStart,
        places: UnsafeMutableRawPointer(lists + layout.placesStart).assumingMemoryBound(to: Int32.self)))
    var source = a + (rows.lowerBound &* rowA &+ p &* stepA)
    var stride = rowA
    if stepA != 1 {
      let transposed = lists + layout.transposedStart
      stride = roundedUp(steps, 8)
      packTransposed(rows: steps, steps: rows.count, source, stepA, transposed, lineWidth: stride)
      source = UnsafePointer(transposed)
    }
    var total = 0
    var r = 0
    while r < rows.upperBound &- rows.lowerBound {
      list.starts[r] = total
      total = list.entries.append(source, steps, step: layout.stride, to: total)
      source += stride
      r &+= 1
    }
    list.starts[r] = total
    return list
  }
}

/// What of some rows and some steps is not 0.
private struct NonZeroRows {
  /// For each row, where its entries begin.
  let starts: UnsafeMutablePointer<Int>
  let entries: NonZeros
}

/// Some rows go through a panel of B, over some steps of k.
private struct ListedSums: RowWork {
  let rectangle: GemmRectangle
  let rows: Range<Int>
  let list: NonZeroRows
  let panel: Input
  /// The panel's first column.
  let panelStart: Int
  let continues: Bool
  let isLast: Bool

  @inline(__always) func run<Row: TileRow>(_: Row.Type, _ j: Int) {
    let last = min(width, rectangle.columnEnd &- j &- (Row.lanes &- 1) &* width)
    let (values, places) = (list.entries.values, list.entries.places)
    let descent = isLast ? rectangle.descent : nil
    let b = panel + (j &- panelStart)
    var i = rows.lowerBound
    while i < rows.upperBound {
      // A rule that takes many rows at once finds its way alone.
      if descent != nil { rectangle.prefetchTargets(i, 1, j, Row.lanes &* width) }
      let c = rectangle.destination(i, j, productStart: rows.lowerBound)
      var row = continues ? Row(at: c, last: last) : Row()
      var entry = list.starts[i &- rows.lowerBound]
      let end = list.starts[i &- rows.lowerBound &+ 1]
      while entry < end {
        row.accumulate(Lane(repeating: values[entry]), Row(at: b + Int(places[entry])))
        entry &+= 1
      }
      if let descent, let weights = rectangle.descendingWeights(i, j) {
        row.descend(weights, last: last, kept: Lane(repeating: descent[0]), rate: Lane(repeating: descent[1]))
      } else {
        row.store(to: c, last: last)
      }
      i &+= 1
    }
  }
}
