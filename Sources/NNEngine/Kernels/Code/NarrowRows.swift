// Short rows, such as the ten outputs of a classifier. What is of rows (maxima, sums) comes out of eight rows side by side, a register each, or two;
// what is of elements is computed along memory, across the ends of rows: no exponential is computed for what lies behind a row's end.
//
// In steps, each for some neighbouring blocks of rows: a block's way from maxima to quotients is too long for a processor to have several under
// way. What a row gets does not depend on its neighbours.
import CCPU
import KernelTable

/// The longest rows for which this pays.
@inline(__always) var mostNarrowColumns: Int { 32 }

/// Neighbouring blocks of `width` rows.
struct NarrowRows {
  let columns: Int
  let blocks: Int
  let a: Input
  let b: Input
  let out: Output
  /// How far away in memory it is that should be fetched meanwhile.
  let ahead: Int
  /// For each lane of a block, the row of each of its elements; if a lane touches at most two rows, instead, whether an element is of the second.
  let places: Output
  /// For each lane of a block, the row of its first element.
  let firstRows: UnsafeMutablePointer<Int32>
  /// For each row, numbers of the steps.
  let (first, second): (Output, Output)
  /// For each element, a number of the steps.
  let kept: Output

  private static var floatsAtOnce: Int { @inline(__always) get { 512 } }
  private static var rowsAtOnce: Int { @inline(__always) get { 256 } }
  /// Far enough for memory to answer in time.
  private static var distance: Int { @inline(__always) get { 512 } }

  /// Calls `body` for all rows, some blocks at a time. Rows behind the last whole block are copied to memory that has room for a block.
  @inline(__always) static func run(
    _ rows: Range<Int>, _ columns: Int, _ a: Input, _ b: Input, _ out: Output, _ body: (NarrowRows) -> Void
  ) {
    withScratch { places in
      let firstRows = UnsafeMutableRawPointer(places + mostNarrowColumns &* width).assumingMemoryBound(to: Int32.self)
      let first = places + mostNarrowColumns &* (width &+ 1)
      let second = first + rowsAtOnce
      let kept = second + rowsAtOnce
      let copyOfA = kept + max(floatsAtOnce, mostNarrowColumns &* width)
      let copyOfB = copyOfA + (mostNarrowColumns &* width &+ 8)
      let copyOfOut = copyOfB + (mostNarrowColumns &* width &+ 8)
      findPlaces(columns, places, firstRows)
      let block = columns &* width
      let most = max(1, min(floatsAtOnce / block, rowsAtOnce / width))
      var at = rows.lowerBound &* columns
      let end = rows.upperBound &* columns
      while at < end {
        // A register's worth of a short row reaches into those after it: not beyond the end, where the memory may be somebody else's.
        let whole = (end &- at &- max(0, 8 &- columns)) / block
        let blocks = max(1, min(whole, most))
        let floats = min(blocks &* block, end &- at)
        if whole == 0 {
          copy(floats, a + at, copyOfA)
          fill(block &+ 8 &- floats, 0, copyOfA + floats)
          copy(floats, b + at, copyOfB)
          fill(block &+ 8 &- floats, 0, copyOfB + floats)
        }
        body(
          NarrowRows(
            columns: columns, blocks: blocks, a: whole == 0 ? Input(copyOfA) : a + at,
            b: whole == 0 ? Input(copyOfB) : b + at, out: whole == 0 ? copyOfOut : out + at,
            ahead: end &- at >= floats &+ distance ? distance : 0, places: places, firstRows: firstRows, first: first,
            second: second, kept: kept))
        if whole == 0 { copy(floats, copyOfOut, out + at) }
        at &+= floats
      }
    }
  }

  private static func findPlaces(_ columns: Int, _ places: Output, _ firstRows: UnsafeMutablePointer<Int32>) {
    let perRow = 1 / Float(columns)
    var index = Lane()
    for i in 0..<width { index[i] = Float(i) }
    var lane = 0
    while lane < columns {
      // The nearest integer to (i + 0.5) / columns − 0.5, which is never half way between two, in the low bits.
      let rows = fma(index, perRow, 0.5 * perRow - 0.5) + roundingShift
      firstRows[lane] = rows.bits[0] & 0xff
      (touchTwo(columns) ? rows[0] - rows : rows).store(to: places + lane &* width)
      index += Lane(repeating: Float(width))
      lane &+= 1
    }
  }

  /// Is a row as long as a lane? (With AVX-512 a permutation is a single instruction: nothing is gained by another way.)
  @inline(__always) private static func touchTwo(_ columns: Int) -> Bool {
    #if AVX512
      return false
    #else
      return columns >= width
    #endif
  }

  // MARK: Numbers of rows

  /// Folds each row to one number: `load` is given places of eight floats, `filler` changes nothing. Do numbers count only once (as in a sum)?
  @inline(__always) func foldRows(
    to numbers: Output, filler: Float, once: Bool, _ load: (Int) -> Eight, _ f: (Eight, Eight) -> Eight
  ) {
    // What of a row's last register has not been counted yet.
    let rest = Int32(truncatingIfNeeded: columns & 7)
    let index = SIMD8<Int32>(0, 1, 2, 3, 4, 5, 6, 7)
    let mask = columns < 8 ? (index &- rest) &>> 31 : ((7 &- rest) &- index) &>> 31
    let fillers = SIMD8<Int32>(repeating: Int32(bitPattern: filler.bitPattern)) & ~mask
    @inline(__always) func partial(_ v: Eight) -> Eight {
      unsafeBitCast((unsafeBitCast(v, to: SIMD8<Int32>.self) & mask) | fillers, to: Eight.self)
    }
    @inline(__always) func last(_ at: Int) -> Eight { once ? partial(load(at)) : load(at) }
    if columns == 10 {
      fold(to: numbers, columns: 10, { f(load($0), last($0 &+ 2)) }, f)
      return
    }
    if columns > 8 && columns < 16 {
      fold(to: numbers, columns: columns, { f(load($0), last($0 &+ columns &- 8)) }, f)
      return
    }
    @inline(__always) func row(_ start: Int) -> Eight {
      if columns < 8 { return partial(load(start)) }
      var v = load(start)
      var c = 8
      while c &+ 8 <= columns {
        v = f(v, load(start &+ c))
        c &+= 8
      }
      return c == columns ? v : f(v, last(start &+ columns &- 8))
    }
    fold(to: numbers, columns: columns, row, f)
  }

  /// The rows' registers, eight beside each other, to one register of eight numbers: by singles, pairs and halves.
  @inline(__always) private func fold(
    to numbers: Output, columns: Int, _ row: (Int) -> Eight, _ f: (Eight, Eight) -> Eight
  ) {
    @inline(__always) func four(_ at: Int) -> Eight {
      let (a, b, c, d) = (row(at), row(at &+ columns), row(at &+ 2 &* columns), row(at &+ 3 &* columns))
      let ab = f(ccpu_low_singles(a, b), ccpu_high_singles(a, b))
      let cd = f(ccpu_low_singles(c, d), ccpu_high_singles(c, d))
      return f(ccpu_low_pairs(ab, cd), ccpu_high_pairs(ab, cd))
    }
    var n = 0
    while n < blocks &* width {
      let (low, high) = (four(n &* columns), four((n &+ 4) &* columns))
      let v = f(ccpu_low_halves(low, high), ccpu_high_halves(low, high))
      UnsafeMutableRawPointer(numbers + n).storeBytes(of: v, as: Eight.self)
      n &+= 8
    }
  }

  /// numbers = f(numbers)
  @inline(__always) func mapNumbers(_ numbers: Output, _ f: (Lane) -> Lane) {
    var n = 0
    while n < blocks &* width {
      f(Lane(at: numbers + n)).store(to: numbers + n)
      n &+= width
    }
  }

  /// numbers = f(numbers) for functions so long that two lanes at a time are faster. There is memory behind an odd last one.
  @inline(__always) func mapNumberPairs(_ numbers: Output, _ f: (TwoLanes) -> TwoLanes) {
    var n = 0
    while n < blocks &* width {
      f(TwoLanes(at: numbers + n)).store(to: numbers + n)
      n &+= TwoLanes.width
    }
  }

  // MARK: Elements

  /// Calls `f` for each lane with its place, and with the number of its row for each element.
  @inline(__always) func forElements(_ numbers: Output, _ f: (_ at: Int, _ number: Lane) -> Void) {
    #if !AVX512
      if columns == 10 { return forElementsOfTens(numbers, f) }
    #endif
    var (n, at) = (0, 0)
    while n < blocks &* width {
      var lane = 0
      #if !AVX512
        if NarrowRows.touchTwo(columns) {
          while lane < columns {
            // Behind the last row's number is more scratch memory, which is not chosen.
            let p = numbers + (n &+ Int(firstRows[lane]))
            f(at, Lane(repeating: p[0]).blended(Lane(repeating: p[1]), Lane(at: places + lane &* width)))
            lane &+= 1
            at &+= width
          }
          n &+= width
          continue
        }
      #endif
      let ofBlock = Lane(at: numbers + n)
      while lane < columns {
        f(at, ofBlock.permuted(by: Lane(at: places + lane &* width).bits))
        lane &+= 1
        at &+= width
      }
      n &+= width
    }
  }

  #if !AVX512
    /// Rows of ten, the digits and classes of most examples: with places known in advance a lane takes two thirds of the instructions.
    @inline(__always) private func forElementsOfTens(_ numbers: Output, _ f: (_ at: Int, _ number: Lane) -> Void) {
      var (n, at) = (0, 0)
      while n < blocks &* width {
        let (a, b) = (Lane(repeating: numbers[n]), Lane(repeating: numbers[n &+ 1]))
        let (c, d) = (Lane(repeating: numbers[n &+ 2]), Lane(repeating: numbers[n &+ 3]))
        f(at, a)
        f(at &+ 8, a.blended(b, Lane(0, 0, -1, -1, -1, -1, -1, -1)))
        f(at &+ 16, b.blended(c, Lane(0, 0, 0, 0, -1, -1, -1, -1)))
        f(at &+ 24, c.blended(d, Lane(0, 0, 0, 0, 0, 0, -1, -1)))
        f(at &+ 32, d)
        n &+= 4
        at &+= 40
      }
    }
  #endif
}
