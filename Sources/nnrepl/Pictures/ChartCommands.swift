/// A chart in gnuplot's language.
enum ChartCommands {
  /// Line colours that people who see few colours can tell apart.
  private static let colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"]

  /// Several charts stand below each other.
  static func text(_ charts: [Chart]) throws(Chart.Mistake) -> String {
    var text = charts.count > 1 ? "set multiplot layout \(charts.count),1\n" : ""
    for chart in charts { text += try commands(chart) }
    return text + (charts.count > 1 ? "unset multiplot\n" : "")
  }

  private static func commands(_ chart: Chart) throws(Chart.Mistake) -> String {
    let (xAxis, yAxis) = try chart.axes()
    func setting(_ name: String, _ text: String?) -> String {
      text.map { "set \(name) \(Gnuplot.quoted($0)) noenhanced\n" } ?? "unset \(name)\n"
    }
    var text = setting("title", chart.title) + setting("xlabel", chart.xLabel) + setting("ylabel", chart.yLabel)
    text += "set grid xtics ytics linetype 1 linecolor rgb '#dddddd'\nset border lc rgb '#444444'\n"
    text += chart.hasLegend ? "set key noenhanced\n" : "unset key\n"
    text += "unset logscale\n"
    if chart.isXLogarithmic { text += "set logscale x\n" }
    if chart.isYLogarithmic { text += "set logscale y\n" }
    text += "set xrange [\(Gnuplot.number(xAxis.low)):\(Gnuplot.number(xAxis.high))]\n"
    // A line along the frame is hard to see.
    let room = chart.isYLogarithmic ? 0 : (yAxis.high - yAxis.low) * 0.04
    text += "set yrange [\(Gnuplot.number(yAxis.low - room)):\(Gnuplot.number(yAxis.high + room))]\n"

    var plots: [String] = []
    for (number, series) in chart.series.enumerated() {
      let runs = segments(series, chart)
      guard !runs.isEmpty else { continue }
      text += "$line\(number) << END_OF_DATA\n"
      // An empty line interrupts the line that is drawn.
      text += runs.map { run in run.map { "\(Gnuplot.number($0.x)) \(Gnuplot.number($0.y))\n" }.joined() }
        .joined(separator: "\n")
      text += "END_OF_DATA\n"
      let isSparse = series.y.count <= 50 || runs.contains { $0.count == 1 }
      let style = isSparse ? "linespoints pointtype 7 pointsize 0.4" : "lines"
      let title = series.label.map { "title \(Gnuplot.quoted($0))" } ?? "notitle"
      plots.append("$line\(number) using 1:2 with \(style) lw 1.5 lc rgb '\(colors[number % colors.count])' \(title)")
    }
    return text + "plot " + plots.joined(separator: ", ") + "\n"
  }

  private static func segments(_ series: Chart.Series, _ chart: Chart) -> [[(x: Double, y: Double)]] {
    var runs: [[(x: Double, y: Double)]] = []
    var isOpen = false
    for (x, y) in zip(series.x, series.y) {
      let isVisible =
        x.isFinite && y.isFinite && (!chart.isXLogarithmic || x > 0) && (!chart.isYLogarithmic || y > 0)
      if isVisible {
        if !isOpen { runs.append([]) }
        runs[runs.count - 1].append((x, y))
      }
      isOpen = isVisible
    }
    return runs
  }
}
