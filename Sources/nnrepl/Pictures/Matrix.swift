/// Numbers in rows and columns that are to be read, such as a confusion matrix.
struct Matrix {
  let rows: Int
  let columns: Int
  let values: [Double]
  /// Of rows and columns.
  var labels: [String]?
  var title: String?
  var xLabel: String?
  var yLabel: String?

  subscript(row: Int, column: Int) -> Double { values[row * columns + column] }

  /// Whole numbers as such, others with two decimals.
  func text(_ row: Int, _ column: Int) -> String {
    let value = self[row, column]
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    let isWhole = values.allSatisfy { !$0.isFinite || $0 == $0.rounded() }
    return Axis.format(abs(value) >= 1e9 ? "%.3g" : isWhole ? "%.0f" : "%.2f", value)
  }

  /// What a row or column is called: class labels count from 0.
  func label(_ index: Int) -> String { labels?[index] ?? String(index) }

  /// From white, the least, to blue, the greatest.
  func color(_ row: Int, _ column: Int) -> RGB {
    let finite = values.filter(\.isFinite)
    let (low, high) = (finite.min() ?? 0, finite.max() ?? 0)
    let value = self[row, column]
    let part = value.isFinite && high > low ? min(max((value / 2 - low / 2) / (high / 2 - low / 2), 0), 1) : 0
    func mixed(_ end: Double) -> UInt8 { UInt8((255 + (end - 255) * part).rounded()) }
    return RGB(mixed(8), mixed(69), mixed(148))
  }

  /// Black or white, whichever is easier to read.
  func ink(_ row: Int, _ column: Int) -> RGB { color(row, column).brightness > 0.5 ? RGB(0, 0, 0) : RGB(gray: 1) }

  /// A table of characters; `hasColors` gives each number its ground.
  func draw(width: Int, isUnicode: Bool, hasColors: Bool) -> TextGrid {
    func fitted(_ text: String, _ width: Int) -> String { TextGrid.fitting(text, width, isUnicode: isUnicode) }
    let side = (0..<rows).map { fitted(label($0), 20) }
    let left = (side.map(\.count).max() ?? 0) + 1
    let longest = (0..<rows).map { row in (0..<columns).map { text(row, $0).count }.max() ?? 0 }.max() ?? 0
    // Labels above the columns are cut where the terminal has no room for them; numbers never are.
    let room = max(longest, (width - left) / max(columns, 1) - 1)
    let top = (0..<columns).map { fitted(label($0), room) }
    let cell = max(longest, top.map(\.count).max() ?? 0) + 1
    let title = title.map { fitted($0, max(width, 1)) }
    let head = (title == nil ? 0 : 1) + (xLabel == nil ? 0 : 1)
    var grid = TextGrid(width: max(left + cell * columns + 1, (title?.count ?? 0)), height: head + 1 + rows)
    if let title { grid.write(title, row: 0, centeredAt: (left + cell * columns) / 2, .bold) }
    if let xLabel {
      let text = fitted(xLabel, cell * columns)
      grid.write(text, row: head - 1, centeredAt: left + cell * columns / 2)
    }
    if let yLabel { grid.write(fitted(yLabel, left), row: head, column: 0) }
    for (column, text) in top.enumerated() {
      grid.write(text, row: head, column: left + (column + 1) * cell - text.count, .dim)
    }
    for row in 0..<rows {
      grid.write(side[row], row: head + 1 + row, column: left - 1 - side[row].count, .dim)
      for column in 0..<columns {
        let number = text(row, column)
        let padded = String(repeating: " ", count: cell - number.count) + number + " "
        let paint = hasColors ? Paint.colors(ink(row, column), on: color(row, column)) : nil
        grid.write(padded, row: head + 1 + row, column: left + column * cell, paint)
      }
    }
    return grid
  }
}
