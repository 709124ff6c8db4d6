import Testing

@testable import nnrepl

@Suite("Charts") struct ChartTests {
  private func picture(_ chart: Chart, isUnicode: Bool, width: Int = 24, height: Int = 4) throws -> String {
    let style = ChartText(isUnicode: isUnicode, hasColors: false, width: width, height: height)
    return try style.draw(chart).text(.none)
  }

  private func line(_ y: [Double], label: String? = nil) -> Chart.Series {
    Chart.Series(label: label, x: y.indices.map { Double($0 + 1) }, y: y)
  }

  @Test("a falling line in ASCII, with all that may stand around it") func ascii() throws {
    let chart = Chart(
      title: "Loss", xLabel: "epoch", yLabel: "mse", series: [line([3, 2, 1, 0], label: "loss"), line([0, 0, 0, 0])])
    let expected = """
                 Loss
      mse
        |****
      2 +    ******
        |          *******
      0 +ooooooooooooooooooooo
        +-------+------------+
                2            4
                 epoch
         * loss

      """
    #expect(try picture(chart, isUnicode: false) == expected)
  }

  @Test("the same diagonal in braille: 4 × 4 characters are 8 × 16 dots") func braille() throws {
    var canvas = DotCanvas(width: 4, height: 4, isUnicode: true)
    canvas.draw([(0, 0), (1, 1)], series: 0, isDashed: false)
    var grid = TextGrid(width: 4, height: 4)
    canvas.draw(on: &grid, row: 0, column: 0)
    // Two dots down for each one to the left.
    #expect(grid.text(.none) == "   ⡜\n  ⡜\n ⡜\n⡜\n")
  }

  @Test("lines are broken where there is no number") func gaps() throws {
    let series = line([1, 2, .nan, 3, .infinity, 1, 2])
    let (x, y) = try Chart(series: [series]).axes()
    #expect(series.runs(x, y).map(\.count) == [2, 1, 2])
    #expect((y.low, y.high) == (1, 3))
  }

  @Test("on a logarithmic axis what is not positive is a gap") func logarithmic() throws {
    var chart = Chart(series: [line([0.01, 0, 1, -1, 100])])
    chart.isYLogarithmic = true
    let (x, y) = try chart.axes()
    #expect(chart.series[0].runs(x, y).map { $0.map(\.y) } == [[0], [0.5], [1]])
    #expect(y.ticks(5).map(\.label) == ["0.01", "0.1", "1", "10", "100"])
    #expect(y.ticks(3).map(\.label) == ["0.01", "1", "100"])
  }

  @Test(
    "what cannot be drawn says why",
    arguments: [
      ([Double](), false, "there is nothing to draw: no points"),
      ([Double.nan, -Double.infinity], false, "there is nothing to draw: no point is finite"),
      ([0, -1], true, "a logarithmic axis needs positive values, and y has none"),
    ])
  func mistakes(_ y: [Double], _ isLogarithmic: Bool, _ expected: String) {
    var chart = Chart(series: [line(y)])
    chart.isYLogarithmic = isLogarithmic
    #expect(throws: Chart.Mistake(message: expected)) { try chart.axes() }
  }

  @Test("one point, a constant, numbers of any size: a picture without a crash") func extremes() throws {
    let tiny = Double.leastNonzeroMagnitude
    let lines: [[Double]] = [
      [7], [0], [5, 5, 5], [-6000 * tiny, tiny], [1e308, -1e308], [1, 1 + 1e-15], [.nan, 2], [1000 * tiny, 1e300],
    ]
    for y in lines {
      for isLogarithmic in [false, true] {
        for isUnicode in [false, true] {
          var chart = Chart(series: [line(y, label: "a rather long label for a line")])
          chart.isYLogarithmic = isLogarithmic
          if isLogarithmic, !y.contains(where: { $0 > 0 }) { continue }
          let text = try picture(chart, isUnicode: isUnicode)
          let marks = isUnicode ? text.contains { ("\u{2801}"..."\u{28FF}").contains($0) } : text.contains("*")
          #expect(marks, "\(y)")
        }
      }
    }
  }

  @Test(arguments: [
    (0.0, 1.0, 6, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]), (0.0, 1.0, 3, ["0", "0.5", "1.0"]),
    (-5.0, 5.0, 5, ["-4", "-2", "0", "2", "4"]), (1.0, 12.0, 7, ["2", "4", "6", "8", "10", "12"]),
    (0.0, 3e7, 4, ["0", "1e+07", "2e+07", "3e+07"]), (0.00001, 0.00004, 4, ["1e-05", "2e-05", "3e-05", "4e-05"]),
    (0.123, 0.129, 3, ["0.124", "0.126", "0.128"]),
  ])
  func ticks(_ low: Double, _ high: Double, _ count: Int, _ expected: [String]) {
    #expect(Axis(holding: [low, high]).ticks(count).map(\.label) == expected)
  }

  @Test("titles cannot speak to the terminal") func escapes() {
    var grid = TextGrid(width: 8, height: 1)
    grid.write("a\u{1B}[31m\n", row: 0, column: 0)
    #expect(grid.text(.none) == "a [31m\n")
  }

  @Test("paint, only where colours are") func paint() {
    var grid = TextGrid(width: 3, height: 1)
    grid.write("ab", row: 0, column: 0, .series(0))
    grid[0, 2] = TextGrid.Cell(character: "▀", paint: .colors(RGB(255, 0, 0), on: RGB(gray: 1)))
    #expect(grid.text(.none) == "ab▀\n")
    #expect(grid.text(.palette) == "\u{1B}[36mab\u{1B}[0m\u{1B}[38;5;196;48;5;231m▀\u{1B}[0m\n")
    #expect(grid.text(.full) == "\u{1B}[36mab\u{1B}[0m\u{1B}[38;2;255;0;0;48;2;255;255;255m▀\u{1B}[0m\n")
  }

  @Test(
    "Unicode: what the locale says, unless the terminal cannot",
    arguments: [
      (["LANG": "de_DE.UTF-8", "TERM": "xterm"], true), (["LANG": "C.utf8", "TERM": "screen"], true),
      (["LANG": "C", "TERM": "xterm"], false), (["TERM": "xterm"], false),
      (["LANG": "C.UTF-8", "LC_ALL": "C", "TERM": "xterm"], false), (["LANG": "C.UTF-8", "TERM": "dumb"], false),
      (["LC_CTYPE": "C.UTF-8", "LANG": "C", "TERM": "xterm"], true), (["LANG": "C.UTF-8", "TERM": "linux"], false),
    ])
  func unicode(_ variables: [String: String], _ expected: Bool) {
    #expect(Terminal.usesUnicode(Environment(variables)) == expected)
  }
}

@Suite("gnuplot") struct GnuplotTests {
  @Test("strings have no meaning beyond themselves") func quoting() {
    #expect(Gnuplot.quoted("it's `x` \"\\n\" @y\n!ls") == "'it''s `x` \"\\n\" @y !ls'")
  }

  @Test("formats by the file's name", arguments: ["a.svg", "b/c.PNG", "x.tar.pdf"]) func formats(_ file: String) throws
  {
    #expect(file.lowercased().hasSuffix(try Gnuplot.Format(file: file).rawValue))
  }

  @Test("other names are errors", arguments: ["a", "svg", "a.jpg", "a.svg/b", "", "a."]) func otherNames(_ file: String)
  {
    #expect(throws: Gnuplot.Mistake.self) { try Gnuplot.Format(file: file) }
  }

  @Test("gaps interrupt the data") func data() throws {
    let chart = Chart(series: [Chart.Series(label: "a'b", x: [1, 2, 3], y: [0.1, .nan, 5])])
    let text = try ChartCommands.text([chart])
    #expect(text.contains("$line0 << END_OF_DATA\n1.0 0.1\n\n3.0 5.0\nEND_OF_DATA\n"))
    #expect(text.contains("title 'a''b'"))
  }
}
