import NNEngine

/// What fit recorded as charts: a quantity and its validation value share one, since a loss and an accuracy have no common scale.
enum HistoryCharts {
  static func make(_ history: History, keys wanted: [String]?) throws(LuaError) -> [Chart] {
    let keys = wanted ?? history.keys
    var charts: [Chart] = []
    var names: [String] = []
    for key in keys {
      let values = try engine { () throws(NNError) in try history.values(key) }
      let name = key.hasPrefix("val_") && key.count > 4 ? String(key.dropFirst(4)) : key
      let line = Chart.Series(label: key, x: epochs(of: values, history), y: values)
      if let position = names.firstIndex(of: name) {
        charts[position].series.append(line)
      } else {
        names.append(name)
        charts.append(Chart(series: [line]))
      }
    }
    guard !charts.isEmpty else { throw .message("the history has no epochs yet") }
    charts[charts.count - 1].xLabel = "epoch"
    return charts
  }

  /// Counted from 1, as the progress lines do. A validation every n epochs has fewer values.
  private static func epochs(of values: [Double], _ history: History) -> [Double] {
    values.indices.map { i in
      let position = (i + 1) * history.epochs.count / max(values.count, 1) - 1
      return Double(history.epochs.indices.contains(position) ? history.epochs[position] + 1 : i + 1)
    }
  }
}
