/// Lines made of dots. In Unicode, braille: two columns and four rows of dots in each character; in ASCII one character for each dot.
struct DotCanvas {
  let isUnicode: Bool
  /// In characters.
  let width: Int
  let height: Int
  private var dots: [UInt8]
  private var series: [Int]

  init(width: Int, height: Int, isUnicode: Bool) {
    (self.width, self.height, self.isUnicode) = (width, height, isUnicode)
    dots = Array(repeating: 0, count: width * height)
    series = Array(repeating: 0, count: width * height)
  }

  private var columns: Int { isUnicode ? 2 * width : width }
  private var lines: Int { isUnicode ? 4 * height : height }

  /// Marks for lines that have no colour to tell them apart: in ASCII characters, in braille dots on and off.
  private static let marks: [Character] = ["*", "o", "+", "x", "#", "@"]
  private static let dashes: [[Bool]] = [
    [true], [true, false, false], [true, true, true, true, false, false],
    [true, true, true, true, false, false, true, false, false], [true, false, false, false, false],
    [true, true, false],
  ]

  /// Through points from 0 to 1, y upwards.
  mutating func draw(_ points: [(x: Double, y: Double)], series number: Int, isDashed: Bool) {
    var pen = 0
    let dash = isUnicode && isDashed ? DotCanvas.dashes[number % DotCanvas.dashes.count] : [true]
    var last: (column: Int, line: Int)?
    for point in points {
      let column = Int((point.x * Double(columns - 1)).rounded())
      let line = Int(((1 - point.y) * Double(lines - 1)).rounded())
      if let last {
        if last == (column, line) { continue }
        let steps = max(abs(column - last.column), abs(line - last.line))
        for step in 1...steps {
          pen += 1
          let part = Double(step) / Double(steps)
          let across = last.column + Int((Double(column - last.column) * part).rounded())
          let down = last.line + Int((Double(line - last.line) * part).rounded())
          if dash[pen % dash.count] { set(across, down, number) }
        }
      } else {
        set(column, line, number)
      }
      last = (column, line)
    }
  }

  private mutating func set(_ column: Int, _ line: Int, _ number: Int) {
    guard (0..<columns).contains(column), (0..<lines).contains(line) else { return }
    let cell = isUnicode ? line / 4 * width + column / 2 : line * width + column
    // Braille counts the first three dots of each column first, then the fourth row.
    let bit = !isUnicode ? 0 : line % 4 == 3 ? 6 + column % 2 : line % 4 + 3 * (column % 2)
    dots[cell] |= 1 << UInt8(bit)
    series[cell] = number
  }

  func draw(on grid: inout TextGrid, row: Int, column: Int) {
    for cell in dots.indices where dots[cell] != 0 {
      grid[row + cell / width, column + cell % width] = TextGrid.Cell(
        character: character(cell), paint: .series(series[cell]))
    }
  }

  private func character(_ cell: Int) -> Character {
    guard isUnicode else { return DotCanvas.marks[series[cell] % DotCanvas.marks.count] }
    return Unicode.Scalar(0x2800 + UInt32(dots[cell])).map(Character.init) ?? " "
  }
}
