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

/// What is done with a row of sums, whatever its width.
protocol RowWork {
  /// Columns j ….
  func run<Row: TileRow>(_: Row.Type, _ j: Int)
}

/// Does the work for columns `columns`, in as many lanes at once as there are registers for, and about as many each time.
@inline(__always) func forEachRowWidth<Work: RowWork>(_ columns: Range<Int>, _ work: Work) {
  var j = columns.lowerBound
  while j < columns.upperBound {
    let left = quotient(columns.upperBound &- j, width)
    let wanted = quotient(left, quotient(left, 12))
    let even = wanted &+ (wanted & 1)
    let lanes = even <= left ? even : left == 1 ? 1 : left & ~1
    switch lanes {
    case 1: work.run(Row1.self, j)
    case 2: work.run(Row2.self, j)
    case 4: work.run(Row4.self, j)
    case 6: work.run(Row6.self, j)
    case 8: work.run(Row8.self, j)
    case 10: work.run(Row10.self, j)
    default: work.run(Row12.self, j)
    }
    j &+= lanes &* width
  }
}
