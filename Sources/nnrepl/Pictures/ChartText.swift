/// A chart as characters.
struct ChartText {
  var isUnicode: Bool
  /// Without colours lines are told apart by dashes.
  var hasColors: Bool
  /// All of it, axes and labels too.
  var width: Int
  /// The lines of the plot itself.
  var height: Int

  static let widths = 20...1000
  static let heights = 3...500

  func draw(_ chart: Chart) throws(Chart.Mistake) -> TextGrid {
    let (xAxis, yAxis) = try chart.axes()
    let yTicks = yAxis.ticks(height / 3 + 1)
    let left = min((yTicks.map(\.label.count).max() ?? 0) + 1, width / 2)
    let (plotWidth, plotLeft) = (width - left - 1, left + 1)
    let head = (chart.title == nil ? 0 : 1) + (chart.yLabel == nil ? 0 : 1)
    let legend = legendLines(chart)
    var grid = TextGrid(width: width, height: head + height + 2 + (chart.xLabel == nil ? 0 : 1) + legend.count)

    if let title = chart.title { grid.write(fitted(title, width), row: 0, centeredAt: plotLeft + plotWidth / 2, .bold) }
    if let label = chart.yLabel { grid.write(fitted(label, width), row: head - 1, column: 0) }
    drawFrame(on: &grid, head, left, plotWidth)
    for tick in yTicks {
      guard let position = yAxis.position(tick.value) else { continue }
      let row = head + row(position)
      let label = fitted(tick.label, left - 1)
      grid.write(label, row: row, column: left - 1 - label.count, .dim)
      grid.write(isUnicode ? "┤" : "+", row: row, column: left, .dim)
    }
    drawXTicks(xAxis, on: &grid, head + height, plotLeft, plotWidth)

    var canvas = DotCanvas(width: plotWidth, height: height, isUnicode: isUnicode)
    for (number, series) in chart.series.enumerated() {
      for run in series.runs(xAxis, yAxis) { canvas.draw(run, series: number, isDashed: !hasColors) }
    }
    canvas.draw(on: &grid, row: head, column: plotLeft)
    var row = head + height + 2
    if let label = chart.xLabel {
      grid.write(fitted(label, width), row: row, centeredAt: plotLeft + plotWidth / 2)
      row += 1
    }
    for line in legend {
      drawLegend(line, on: &grid, row, plotLeft)
      row += 1
    }
    return grid
  }

  /// The row of a position, as the canvas rounds it to dots.
  private func row(_ position: Double) -> Int {
    let dots = isUnicode ? 4 : 1
    return Int(((1 - position) * Double(dots * height - 1)).rounded()) / dots
  }

  private func drawFrame(on grid: inout TextGrid, _ head: Int, _ left: Int, _ plotWidth: Int) {
    for row in 0..<height { grid.write(isUnicode ? "│" : "|", row: head + row, column: left, .dim) }
    let rule = String(repeating: isUnicode ? "─" : "-", count: plotWidth)
    grid.write((isUnicode ? "└" : "+") + rule, row: head + height, column: left, .dim)
  }

  private func drawXTicks(_ axis: Axis, on grid: inout TextGrid, _ row: Int, _ left: Int, _ plotWidth: Int) {
    // As many as leave their labels two spaces of distance.
    var count = max(2, plotWidth / 8)
    var ticks = axis.ticks(count)
    while count > 2, ticks.count * ((ticks.map(\.label.count).max() ?? 0) + 2) > plotWidth {
      count -= 1
      ticks = axis.ticks(count)
    }
    let dots = isUnicode ? 2 : 1
    for tick in ticks {
      guard let position = axis.position(tick.value) else { continue }
      let column = left + Int((position * Double(dots * plotWidth - 1)).rounded()) / dots
      grid.write(isUnicode ? "┬" : "+", row: row, column: column, .dim)
      grid.write(fitted(tick.label, plotWidth), row: row + 1, centeredAt: column, .dim)
    }
  }

  private typealias Entry = (number: Int, label: String)

  /// Labels of the lines that have one, as many in a row as fit.
  private func legendLines(_ chart: Chart) -> [[Entry]] {
    guard chart.hasLegend else { return [] }
    var (lines, used): ([[Entry]], Int) = ([], 0)
    for (number, series) in chart.series.enumerated() {
      guard let label = series.label, !label.isEmpty else { continue }
      let entry = (number, fitted(label, max(1, width / 2 - 6)))
      let size = entry.1.count + 7
      if lines.isEmpty || used + size > width - width / 8 {
        lines.append([])
        used = 0
      }
      lines[lines.count - 1].append(entry)
      used += size
    }
    return lines
  }

  private func drawLegend(_ entries: [Entry], on grid: inout TextGrid, _ row: Int, _ left: Int) {
    var column = left
    for entry in entries {
      var sample = DotCanvas(width: isUnicode ? 4 : 1, height: 1, isUnicode: isUnicode)
      sample.draw([(0, 0.5), (1, 0.5)], series: entry.number, isDashed: !hasColors)
      sample.draw(on: &grid, row: row, column: column)
      column += sample.width + 1
      grid.write(entry.label, row: row, column: column)
      column += entry.label.count + 2
    }
  }

  private func fitted(_ text: String, _ width: Int) -> String { TextGrid.fitting(text, width, isUnicode: isUnicode) }
}
