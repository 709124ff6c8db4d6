/// One picture: rows of colours.
struct Pixels: Equatable {
  var title: String?
  let width: Int
  let height: Int
  private let colors: [RGB]

  init(title: String? = nil, width: Int, height: Int, colors: [RGB]) {
    (self.title, self.width, self.height, self.colors) = (title, width, height, colors)
  }

  subscript(row: Int, column: Int) -> RGB { colors[row * width + column] }

  /// Another size: each new pixel is the mean of what it covers, or a copy where the new ones are smaller.
  func resized(width newWidth: Int, height newHeight: Int) -> Pixels {
    if (newWidth, newHeight) == (width, height) { return self }
    var result: [RGB] = []
    result.reserveCapacity(newWidth * newHeight)
    for row in 0..<newHeight {
      let rows = Pixels.covered(row, newHeight, height)
      for column in 0..<newWidth { result.append(mean(rows, Pixels.covered(column, newWidth, width))) }
    }
    return Pixels(title: title, width: newWidth, height: newHeight, colors: result)
  }

  private static func covered(_ index: Int, _ count: Int, _ oldCount: Int) -> Range<Int> {
    let first = index * oldCount / count
    return first..<max(first + 1, (index + 1) * oldCount / count)
  }

  private func mean(_ rows: Range<Int>, _ columns: Range<Int>) -> RGB {
    var (red, green, blue) = (0, 0, 0)
    for row in rows {
      for column in columns {
        let color = self[row, column]
        red += Int(color.red)
        green += Int(color.green)
        blue += Int(color.blue)
      }
    }
    let count = rows.count * columns.count
    func rounded(_ sum: Int) -> UInt8 { UInt8((sum + count / 2) / count) }
    return RGB(rounded(red), rounded(green), rounded(blue))
  }
}
