/// The text of `summary()`: TensorFlow 2.1's table, character for character.
enum SummaryTable {
  /// One layer.
  struct Row {
    /// The layer's name.
    let name: String
    /// Keras's class name.
    let className: String
    /// "(None, 300)"; see `Shape.batched`.
    let outputShape: String
    /// Numbers in its variables.
    let parameterCount: Int
    /// Where its inputs come from.
    var connections: [String] = []
  }

  /// How wide the table is, and its columns.
  enum Style {
    /// Layer, shape, parameters.
    case stack
    /// And what each layer is connected to.
    case network

    var lineLength: Int { self == .stack ? 65 : 98 }
    /// Where the columns end, in percent: Keras's relative positions.
    var ends: [Int] { self == .stack ? [45, 85, 100] : [33, 55, 67, 100] }
  }

  /// The table, without a line break at its end. `trainable` and `nonTrainable` count each variable once, also where layers
  /// are used twice.
  static func text(
    name: String, rows: [Row], trainable: Int, nonTrainable: Int, style: Style = .stack,
    lineLength: Int? = nil
  ) -> String {
    let lineLength = lineLength ?? style.lineLength
    let ends = style.ends.map { lineLength * $0 / 100 }
    let rule = String(repeating: "_", count: lineLength)
    let doubleRule = String(repeating: "=", count: lineLength)
    let titles = ["Layer (type)", "Output Shape", "Param #"] + (style == .network ? ["Connected to"] : [])
    var lines = ["Model: \"\(name)\"", rule, line(titles, ends), doubleRule]
    for (i, row) in rows.enumerated() {
      let cells = ["\(row.name) (\(row.className))", row.outputShape, String(row.parameterCount)]
      lines.append(line(cells + (style == .network ? [row.connections.first ?? ""] : []), ends))
      if style == .network {
        for connection in row.connections.dropFirst() { lines.append(line(["", "", "", connection], ends)) }
      }
      lines.append(i == rows.count - 1 ? doubleRule : rule)
    }
    lines += [
      "Total params: \(grouped(trainable + nonTrainable))", "Trainable params: \(grouped(trainable))",
      "Non-trainable params: \(grouped(nonTrainable))", rule,
    ]
    return lines.joined(separator: "\n")
  }

  /// Cells cut or filled to their columns' ends; the last place of a column stays a space where another follows.
  private static func line(_ cells: [String], _ ends: [Int]) -> String {
    var text = ""
    for (i, (cell, end)) in zip(cells, ends).enumerated() {
      if i > 0 { text = text.dropLast() + " " }
      text = String((text + cell).prefix(end))
      text += String(repeating: " ", count: end - text.count)
    }
    return text
  }

  /// 1234567 → "1,234,567"
  static func grouped(_ n: Int) -> String {
    var text = ""
    for (i, digit) in String(n).reversed().enumerated() {
      if i > 0, i % 3 == 0, digit != "-" { text.append(",") }
      text.append(digit)
    }
    return String(text.reversed())
  }
}
