import CLua
import NNEngine

/// `nn.plot`.
struct PlotFunction {
  let output: Terminal

  static let fields: [HelpEntry.Field] = [
    field("x", "Positions: a tensor or a list; 1, 2, … when only y is given."),
    field(
      "y", "Values; of a tensor {n, k}, each column is a line. Instead of x and y: a history, or lists {x, y, label=…}."
    ),
    field("title", "Stands above."), field("xlabel", "Stands below."), field("ylabel", "Names the vertical axis."),
    field("label", "What the legend calls the line."), field("labels", "The same for several lines."),
    field("legend", "Whether to show it.", "true"), field("keys", "Of a history: which quantities to show."),
    field("log", "Logarithmic axes: \"x\", \"y\" or \"xy\"; xlog=true and ylog=true say the same."),
    field("width", "In characters; in a file, in pixels."), field("height", "In lines; in a file, in pixels."),
    field("file", "A .svg, .png or .pdf, drawn by gnuplot. Without it: drawn in the terminal, nothing elsewhere."),
    field("xlog", "A logarithmic x axis.", "false"), field("ylog", "A logarithmic y axis.", "false"),
  ]

  private static func field(_ name: String, _ doc: String, _ value: String = "nil") -> HelpEntry.Field {
    HelpEntry.Field(name: name, defaultValue: value, summary: doc)
  }

  func callAsFunction(_ lua: LuaState) throws(LuaError) -> Int32 {
    let names = PlotFunction.fields.map(\.name).filter { !["x", "y"].contains($0) }
    let arguments = try PictureArguments(lua, "plot", options: names, reading: ["x", "y"])
    var charts = try charts(arguments, lua)
    try decorate(&charts, arguments)
    if let file: String = try arguments.options.get("file") {
      let width = try arguments.size("width", 50...10000) ?? 800
      let height = try arguments.size("height", 50...10000) ?? (charts.count > 1 ? 320 * charts.count : 500)
      try picture { () throws(Chart.Mistake) in
        try ChartCommands.text(charts)
      } drawnAs: { (text) throws(Gnuplot.Mistake) in
        try Gnuplot.write(text, to: file, width: width, height: height)
      }
      return 0
    }
    let style = ChartText(
      isUnicode: output.usesUnicode, hasColors: output.usesColor,
      width: try arguments.size("width", ChartText.widths)
        ?? min(max(output.width - 1, ChartText.widths.lowerBound), 100),
      height: try arguments.size("height", ChartText.heights) ?? (charts.count > 1 ? 9 : 16))
    var text = ""
    for chart in charts {
      do throws(Chart.Mistake) { text += try style.draw(chart).text(output.colorDepth) } catch {
        throw .message(error.message)
      }
    }
    if output.isTerminal { output.write(text) }
    return 0
  }

  private func picture(
    _ commands: () throws(Chart.Mistake) -> String, drawnAs draw: (String) throws(Gnuplot.Mistake) -> Void
  ) throws(LuaError) {
    let text: String
    do throws(Chart.Mistake) { text = try commands() } catch { throw .message(error.message) }
    do throws(Gnuplot.Mistake) { try draw(text) } catch { throw .message(error.message) }
  }

  private func charts(_ arguments: PictureArguments, _ lua: LuaState) throws(LuaError) -> [Chart] {
    let items = arguments.items
    guard let first = items.first else { throw .message("expected a history, x and y, or lists {x, y, label=…}") }
    let keys = try arguments.texts("keys")
    if let history = lua.object(first, History.self) {
      guard items.count == 1 else { throw .message("a history is drawn alone; got \(items.count) things") }
      return try HistoryCharts.make(history, keys: keys)
    }
    guard keys == nil else { throw .message("'keys' chooses from a history; there is none") }
    if !arguments.isTableItself, isSeries(first, lua) {
      var series: [Chart.Series] = []
      for (offset, item) in items.enumerated() {
        guard isSeries(item, lua) else {
          throw .message("line \(offset + 1): expected {x, y, label=…}, got \(lua.typeName(item))")
        }
        series += try lines(in: item, "line \(offset + 1)", lua)
      }
      return [Chart(series: series)]
    }
    return [Chart(series: try lines(items, lua))]
  }

  /// A table that holds no numbers but tensors or lists: `{x, y, label=…}`.
  private func isSeries(_ index: Int32, _ lua: LuaState) -> Bool {
    guard lua.type(index) == .table else { return false }
    return !PictureArguments.isNumber(lua, index, 1) && lua.rawLength(index) > 0
      || PictureArguments.hasNames(lua, index)
  }

  private func lines(in table: Int32, _ place: String, _ lua: LuaState) throws(LuaError) -> [Chart.Series] {
    let base = lua.top
    defer { lua.setTop(base) }
    try lua.ensure(20)
    var items: [Int32] = []
    if PictureArguments.isNumber(lua, table, 1) {
      items = [table]  // {1, 4, 9, label="squares"}
    } else {
      for position in stride(from: 1, through: min(lua.rawLength(table), 3), by: 1) {
        lua.rawGet(position, in: table)
        items.append(lua.top)
      }
    }
    var named = Value.Table()
    var keys: [String] = []
    try lua.forEachPair(of: table) { () throws(LuaError) in
      if let key = lua.string(-2) { keys.append(key) }
      return true
    }
    for key in keys.sorted() {
      lua.rawGetField(key, in: table)
      if key == "x" || key == "y" { items.append(lua.top) } else { named[key] = try lua.value(-1) }
    }
    do throws(LuaError) {
      let label: String? = try CallArguments("plot", ["label"], Arguments([], named)).get("label")
      return try lines(items, lua).map { Chart.Series(label: label ?? $0.label, x: $0.x, y: $0.y) }
    } catch {
      guard case .message(let text) = error else { throw error }
      throw .message("\(place): \(text)")
    }
  }

  /// y, or x and y.
  private func lines(_ items: [Int32], _ lua: LuaState) throws(LuaError) -> [Chart.Series] {
    guard (1...2).contains(items.count) else { throw .message("expected y, or x and y, got \(items.count) things") }
    let (shape, values) = try lua.numberArray(items[items.count - 1], "y")
    guard (1...2).contains(shape.count) else {
      throw .message(
        "'y' must have one axis, or two (a line for each column), got shape {\(shape.map(String.init).joined(separator: ", "))}"
      )
    }
    let (count, columns) = (shape[0], shape.count == 2 ? shape[1] : 1)
    guard columns <= 20 else { throw .message("'y' has \(columns) columns; at most 20 lines can be told apart") }
    var x = (0..<count).map { Double($0 + 1) }
    if items.count == 2 {
      let given = try lua.numberArray(items[0], "x")
      guard given.values.count == count, given.shape.filter({ $0 != 1 }).count <= 1 else {
        throw .message("x and y must have the same length, got \(given.values.count) and \(count)")
      }
      x = given.values
    }
    return (0..<columns).map { column in
      Chart.Series(label: nil, x: x, y: (0..<count).map { values[$0 * columns + column] })
    }
  }

  private func decorate(_ charts: inout [Chart], _ arguments: PictureArguments) throws(LuaError) {
    let options = arguments.options
    let log: String = try options.get("log") ?? ""
    guard log.allSatisfy({ "xy".contains($0) }) else {
      throw .message("'log' must be \"x\", \"y\" or \"xy\", got '\(log)'")
    }
    let (xLog, yLog): (Bool?, Bool?) = (try options.get("xlog"), try options.get("ylog"))
    let (xLabel, yLabel): (String?, String?) = (try options.get("xlabel"), try options.get("ylabel"))
    let hasLegend: Bool? = try options.get("legend")
    charts[0].title = try options.get("title")
    if let xLabel { charts[charts.count - 1].xLabel = xLabel }
    for i in charts.indices {
      if let yLabel { charts[i].yLabel = yLabel }
      charts[i].hasLegend = hasLegend ?? true
      charts[i].isXLogarithmic = xLog ?? log.contains("x")
      charts[i].isYLogarithmic = yLog ?? log.contains("y")
    }
    let label: String? = try options.get("label")
    guard let labels = try arguments.texts("labels") ?? label.map({ [$0] }) else { return }
    let count = charts.reduce(0) { $0 + $1.series.count }
    guard labels.count == count else {
      throw .message("\(labels.count) label\(labels.count == 1 ? "" : "s") for \(count) line\(count == 1 ? "" : "s")")
    }
    var next = 0
    for i in charts.indices {
      for j in charts[i].series.indices {
        charts[i].series[j].label = labels[next]
        next += 1
      }
    }
  }
}
