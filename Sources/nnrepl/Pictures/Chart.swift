/// Lines over two axes, before anybody knows where they are drawn.
struct Chart {
  struct Series {
    var label: String?
    var x: [Double]
    var y: [Double]
  }

  var title: String?
  var xLabel: String?
  var yLabel: String?
  var series: [Series]
  var hasLegend = true
  var isXLogarithmic = false
  var isYLogarithmic = false

  struct Mistake: Error, Equatable {
    let message: String
  }

  /// The axes that hold every point that can be drawn; an error when there is none.
  func axes() throws(Mistake) -> (x: Axis, y: Axis) {
    var (x, y): ([Double], [Double]) = ([], [])
    var isEmpty = true
    for line in series {
      isEmpty = isEmpty && line.y.isEmpty
      for (a, b) in zip(line.x, line.y) where a.isFinite && b.isFinite {
        x.append(a)
        y.append(b)
      }
    }
    if isEmpty { throw Mistake(message: "there is nothing to draw: no points") }
    if x.isEmpty { throw Mistake(message: "there is nothing to draw: no point is finite") }
    let visible = zip(x, y).filter { (!isXLogarithmic || $0.0 > 0) && (!isYLogarithmic || $0.1 > 0) }
    if visible.isEmpty {
      let name = isXLogarithmic && !x.contains { $0 > 0 } ? "x" : "y"
      throw Mistake(message: "a logarithmic axis needs positive values, and \(name) has none")
    }
    return (
      Axis(holding: visible.map(\.0), isLogarithmic: isXLogarithmic),
      Axis(holding: visible.map(\.1), isLogarithmic: isYLogarithmic)
    )
  }
}

extension Chart.Series {
  /// The parts of the line between points that cannot be drawn, as positions from 0 to 1 on the axes.
  func runs(_ xAxis: Axis, _ yAxis: Axis) -> [[(x: Double, y: Double)]] {
    var runs: [[(x: Double, y: Double)]] = []
    var isOpen = false
    for (a, b) in zip(x, y) {
      guard let px = xAxis.position(a), let py = yAxis.position(b) else {
        isOpen = false
        continue
      }
      if !isOpen { runs.append([]) }
      isOpen = true
      runs[runs.count - 1].append((px, py))
    }
    return runs
  }
}
