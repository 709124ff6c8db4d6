import CCPU
import KernelTable

/// A block of C in registers, while it is summed over k.
protocol Tile {
  associatedtype Row: TileRow
  static var rows: Int { get }
  init()
  init(at p: Input, stride: Int, last: Int)
  func store(to p: Output, stride: Int, last: Int)
  /// The weights at `p` go down the gradient, which is self: w = kept · w − rate · self.
  func descend(_ p: Output, stride: Int, last: Int, kept: Lane, rate: Lane)
  /// self += (column `step` of A, from row number `first` on) · (a row of B)
  mutating func accumulate<A: TileColumns>(_ a: A, step: Int, from first: Int, _ b: Row)
}

struct One<Row: TileRow>: Tile {
  var row: Row
  @inline(__always) static var rows: Int { 1 }
  @inline(__always) init() { row = Row() }
  @inline(__always) init(at p: Input, stride: Int, last: Int) { row = Row(at: p, last: last) }
  @inline(__always) func store(to p: Output, stride: Int, last: Int) { row.store(to: p, last: last) }
  @inline(__always) func descend(_ p: Output, stride: Int, last: Int, kept: Lane, rate: Lane) {
    row.descend(p, last: last, kept: kept, rate: rate)
  }
  @inline(__always) mutating func accumulate<A: TileColumns>(_ a: A, step: Int, from first: Int, _ b: Row) {
    row.accumulate(Lane(repeating: a.element(first, step)), b)
  }
}

struct Stack<Upper: Tile, Lower: Tile>: Tile where Upper.Row == Lower.Row {
  typealias Row = Upper.Row
  var upper: Upper
  var lower: Lower
  @inline(__always) static var rows: Int { Upper.rows &+ Lower.rows }
  @inline(__always) init() {
    upper = Upper()
    lower = Lower()
  }
  @inline(__always) init(at p: Input, stride: Int, last: Int) {
    upper = Upper(at: p, stride: stride, last: last)
    lower = Lower(at: p + Upper.rows &* stride, stride: stride, last: last)
  }
  @inline(__always) func store(to p: Output, stride: Int, last: Int) {
    upper.store(to: p, stride: stride, last: last)
    lower.store(to: p + Upper.rows &* stride, stride: stride, last: last)
  }
  @inline(__always) func descend(_ p: Output, stride: Int, last: Int, kept: Lane, rate: Lane) {
    upper.descend(p, stride: stride, last: last, kept: kept, rate: rate)
    lower.descend(p + Upper.rows &* stride, stride: stride, last: last, kept: kept, rate: rate)
  }
  @inline(__always) mutating func accumulate<A: TileColumns>(_ a: A, step: Int, from first: Int, _ b: Row) {
    upper.accumulate(a, step: step, from: first, b)
    lower.accumulate(a, step: step, from: first &+ Upper.rows, b)
  }
}

typealias Rows2<R: TileRow> = Stack<One<R>, One<R>>
typealias Rows3<R: TileRow> = Stack<Rows2<R>, One<R>>
typealias Rows4<R: TileRow> = Stack<Rows2<R>, Rows2<R>>
typealias Rows5<R: TileRow> = Stack<Rows4<R>, One<R>>
typealias Rows6<R: TileRow> = Stack<Rows4<R>, Rows2<R>>
typealias Rows7<R: TileRow> = Stack<Rows4<R>, Rows3<R>>
typealias Rows8<R: TileRow> = Stack<Rows4<R>, Rows4<R>>

/// What a tile reads and writes.
struct TileOperands {
  /// A's element (row i, step p) is `a[i · aRow + p · aStep]`; one of both is 1.
  var a: Input
  var aRow: Int
  var aStep: Int
  /// B's row p starts at `b[p · bStep]`.
  var b: Input
  var bStep: Int
  var steps: Int
  /// In the first `whole` steps B's row may be read in whole lanes without leaving its memory.
  var whole: Int
  var c: Output
  var cStride: Int
  /// Columns of the last lane that exist.
  var last: Int
  /// The sum goes on from what C holds.
  var continues: Bool
  /// Weights of which the product is the gradient: they go down it, and C is not written. With the share of them that is kept and the rate.
  var weights: Output?
  var weightStride: Int
  var numbers: Input
}

/// Every element is one chain of multiply-adds in ascending k, whatever the tile: so are the bits the same for every plan.
@inline(__always) func multiply<T: Tile>(_: T.Type, _ o: borrowing TileOperands) {
  if o.aStep == 1 { multiply(T.self, StoredByRows(o), o) } else { multiply(T.self, StoredBySteps(o), o) }
}

@inline(__always) private func multiply<T: Tile, A: TileColumns>(_: T.Type, _ columns: A, _ o: borrowing TileOperands) {
  var t = o.continues ? T(at: o.c, stride: o.cStride, last: o.last) : T()
  var a = columns
  var b = o.b
  let bStep = o.bStep
  var p = o.whole / 4
  if p > 0 {
    repeat {
      t.accumulate(a, step: 0, from: 0, T.Row(at: b))
      t.accumulate(a, step: 1, from: 0, T.Row(at: b + bStep))
      t.accumulate(a, step: 2, from: 0, T.Row(at: b + 2 &* bStep))
      t.accumulate(a, step: 3, from: 0, T.Row(at: b + 3 &* bStep))
      a.advance(4)
      b = ccpu_opaque(b + 4 &* bStep)
      p &-= 1
    } while p != 0
  }
  p = o.whole & 3
  while p > 0 {
    t.accumulate(a, step: 0, from: 0, T.Row(at: b))
    a.advance(1)
    b += bStep
    p &-= 1
  }
  p = o.steps &- o.whole
  while p > 0 {
    t.accumulate(a, step: 0, from: 0, T.Row(at: b, last: o.last))
    a.advance(1)
    b += bStep
    p &-= 1
  }
  if let weights = o.weights {
    t.descend(
      weights, stride: o.weightStride, last: o.last, kept: Lane(repeating: o.numbers[0]),
      rate: Lane(repeating: o.numbers[1]))
  } else {
    t.store(to: o.c, stride: o.cStride, last: o.last)
  }
}
