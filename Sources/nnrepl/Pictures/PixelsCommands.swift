/// Pictures and matrices in gnuplot's language.
enum PixelsCommands {
  private static func title(_ text: String?) -> String {
    text.map { "set title \(Gnuplot.quoted($0)) noenhanced\n" } ?? "unset title\n"
  }

  static func text(_ pictures: [Pixels], columns: Int, title heading: String?) -> String {
    var text = "unset key\nunset tics\nunset border\nset size ratio -1\n"
    if pictures.count > 1 {
      let rows = (pictures.count + columns - 1) / columns
      let title = heading.map { " title \(Gnuplot.quoted($0)) noenhanced" } ?? ""
      text += "set multiplot layout \(rows),\(columns)\(title)\nset margins 1, 1, 1, \(heading == nil ? 2 : 3)\n"
    }
    for picture in pictures {
      text += title(picture.title ?? (pictures.count == 1 ? heading : nil))
      text += "set xrange [-0.5:\(Double(picture.width) - 0.5)]\nset yrange [\(Double(picture.height) - 0.5):-0.5]\n"
      text += "$pixels << END_OF_DATA\n"
      for row in 0..<picture.height {
        for column in 0..<picture.width {
          let color = picture[row, column]
          text += "\(column) \(row) \(color.red) \(color.green) \(color.blue)\n"
        }
      }
      // gnuplot draws no image of a single row or column.
      let isThin = min(picture.width, picture.height) < 2
      text += "END_OF_DATA\nplot $pixels using "
      text +=
        isThin
        ? "1:2:(0.5):(0.5):(65536*$3+256*$4+$5) with boxxyerror fillstyle solid noborder linecolor rgb variable\n"
        : "1:2:3:4:5 with rgbimage\n"
    }
    return text + (pictures.count > 1 ? "unset multiplot\n" : "")
  }

  static func text(_ matrix: Matrix) -> String {
    var text = "unset key\nset size ratio -1\nset tics scale 0\n" + title(matrix.title)
    if let label = matrix.xLabel { text += "set xlabel \(Gnuplot.quoted(label)) noenhanced\n" }
    if let label = matrix.yLabel { text += "set ylabel \(Gnuplot.quoted(label)) noenhanced\n" }
    text += "set xrange [-0.5:\(Double(matrix.columns) - 0.5)]\nset yrange [\(Double(matrix.rows) - 0.5):-0.5]\n"
    func ticks(_ count: Int) -> String {
      (0..<count).map { "\(Gnuplot.quoted(matrix.label($0))) \($0)" }.joined(separator: ", ")
    }
    let turned = (0..<matrix.columns).contains { matrix.label($0).count > 4 } ? " rotate by 45 right" : ""
    text += "set xtics noenhanced\(turned) (\(ticks(matrix.columns)))\nset ytics noenhanced (\(ticks(matrix.rows)))\n"
    text += "$cells << END_OF_DATA\n"
    for row in 0..<matrix.rows {
      for column in 0..<matrix.columns {
        text += "\(column) \(row) \(matrix.color(row, column).hex) \(matrix.ink(row, column).hex) "
        text += "\"\(matrix.text(row, column))\"\n"
      }
    }
    text += "END_OF_DATA\nplot $cells using 1:2:(0.5):(0.5):3 with boxxyerror fillstyle solid noborder "
    return text + "linecolor rgb variable, $cells using 1:2:5:4 with labels textcolor rgb variable\n"
  }
}
