import CCPU
import KernelTable

/// Where a tile's elements of A are, for the next steps. What has to be added to the address is at hand in registers, or known when this is
/// compiled: then the load does the addition, where instructions of their own would hold up the products.
protocol TileColumns {
  /// A's element in row 0 … 7, 0 … 3 steps ahead; both numbers are known when this is compiled.
  func element(_ row: Int, _ step: Int) -> Float
  mutating func advance(_ steps: Int)
}

/// The steps are neighbours in memory.
struct StoredByRows: TileColumns {
  private var a: Input
  private let rows: Multiples

  @inline(__always) init(_ o: borrowing TileOperands) {
    a = o.a
    rows = Multiples(of: o.aRow)
  }
  @inline(__always) func element(_ row: Int, _ step: Int) -> Float { a[rows[row] &+ step] }
  @inline(__always) mutating func advance(_ steps: Int) { a = ccpu_opaque(a + steps) }
}

/// The rows are neighbours in memory: A is transposed, or has been packed.
struct StoredBySteps: TileColumns {
  private var a: Input
  private let steps: Multiples

  @inline(__always) init(_ o: borrowing TileOperands) {
    a = o.a
    steps = Multiples(of: o.aStep)
  }
  @inline(__always) func element(_ row: Int, _ step: Int) -> Float { a[steps[step] &+ row] }
  @inline(__always) mutating func advance(_ count: Int) { a = ccpu_opaque(a + steps[count]) }
}

/// 0 … 7 times a number.
private struct Multiples {
  private let one, two, three, four, five, six, seven: Int

  @inline(__always) init(of number: Int) {
    one = number
    two = 2 &* number
    three = 3 &* number
    four = 4 &* number
    five = 5 &* number
    six = 6 &* number
    seven = 7 &* number
  }

  @inline(__always) subscript(times: Int) -> Int {
    switch times {
    case 0: 0
    case 1: one
    case 2: two
    case 3: three
    case 4: four
    case 5: five
    case 6: six
    default: seven
    }
  }
}
