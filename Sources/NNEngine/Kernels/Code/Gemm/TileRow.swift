import KernelTable

/// Part of one row of a tile: a few lanes side by side, held in registers.
///
/// A tile is put together from types, `Stack<Stack<One<Row>, One<Row>>, One<Row>>`, not from loops: the compiler then has no
/// choice but to keep each lane in a register of its own. (Loops over more than eight rows it does not unroll.)
protocol TileRow {
  static var lanes: Int { get }
  /// Zeros.
  init()
  init(at p: Input)
  /// Reads only `last` (≤ width) floats in the last lane.
  init(at p: Input, last: Int)
  func store(to p: Output, last: Int)
  /// The weights at `p` go down the gradient, which is self: w = kept · w − rate · self.
  func descend(_ p: Output, last: Int, kept: Lane, rate: Lane)
  /// self += a · b
  mutating func accumulate(_ a: Lane, _ b: Self)
}

struct Row1: TileRow {
  var x: Lane
  @inline(__always) static var lanes: Int { 1 }
  @inline(__always) init() { x = Lane() }
  @inline(__always) init(x: Lane) { self.x = x }
  @inline(__always) init(at p: Input) { x = Lane(at: p) }
  @inline(__always) init(at p: Input, last: Int) { x = last == width ? Lane(at: p) : Lane(at: p, count: last) }
  @inline(__always) func store(to p: Output, last: Int) {
    if last == width { x.store(to: p) } else { x.store(to: p, count: last) }
  }
  @inline(__always) func descend(_ p: Output, last: Int, kept: Lane, rate: Lane) {
    let weights = Row1(at: p, last: last)
    Row1(x: weights.x * kept - rate * x).store(to: p, last: last)
  }
  @inline(__always) mutating func accumulate(_ a: Lane, _ b: Row1) { x = fma(a, b.x, x) }
}

/// Two parts, left and right.
struct Beside<Left: TileRow, Right: TileRow>: TileRow {
  var left: Left
  var right: Right
  @inline(__always) static var lanes: Int { Left.lanes &+ Right.lanes }
  @inline(__always) init() {
    left = Left()
    right = Right()
  }
  @inline(__always) init(at p: Input) {
    left = Left(at: p)
    right = Right(at: p + Left.lanes &* width)
  }
  @inline(__always) init(at p: Input, last: Int) {
    left = Left(at: p)
    right = Right(at: p + Left.lanes &* width, last: last)
  }
  @inline(__always) func store(to p: Output, last: Int) {
    left.store(to: p, last: width)
    right.store(to: p + Left.lanes &* width, last: last)
  }
  @inline(__always) func descend(_ p: Output, last: Int, kept: Lane, rate: Lane) {
    left.descend(p, last: width, kept: kept, rate: rate)
    right.descend(p + Left.lanes &* width, last: last, kept: kept, rate: rate)
  }
  @inline(__always) mutating func accumulate(_ a: Lane, _ b: Beside) {
    left.accumulate(a, b.left)
    right.accumulate(a, b.right)
  }
}

typealias Row2 = Beside<Row1, Row1>
typealias Row3 = Beside<Row2, Row1>
typealias Row4 = Beside<Row2, Row2>
typealias Row6 = Beside<Row3, Row3>
typealias Row8 = Beside<Row4, Row4>
typealias Row10 = Beside<Row8, Row2>
typealias Row12 = Beside<Row6, Row6>
