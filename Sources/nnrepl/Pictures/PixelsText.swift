/// Pictures beside each other as characters: with colours, the upper half of a character and what is behind it are two pixels; without,
/// two characters make a pixel, from dark to bright.
struct PixelsText {
  var isUnicode: Bool
  var depth: ColorDepth
  /// Of all of it, in characters.
  var width: Int
  /// Pictures in a row; nil: as many as fit.
  var columns: Int?
  /// How wide each picture is; nil: a width that fits.
  var pictureWidth: Int?

  private static let shades = Array(" .:-=+*#%@")
  private static let gap = 2
  /// Small pictures are enlarged, until they are about this high.
  private static let comfortableHeight = 40

  private var hasHalfBlocks: Bool { isUnicode && depth != .none }
  private var charactersPerPixel: Int { hasHalfBlocks ? 1 : 2 }

  func draw(_ pictures: [Pixels], title: String?) -> TextGrid {
    guard let first = pictures.first else { return TextGrid(width: 0, height: 0) }
    let size = size(of: first, count: pictures.count)
    let perRow = columnCount(size.width, pictures.count)
    let tileWidth = size.width * charactersPerPixel + PixelsText.gap
    let isTitled = pictures.contains { $0.title != nil }
    let lines = (hasHalfBlocks ? (size.height + 1) / 2 : size.height) + (isTitled ? 1 : 0)
    let rowCount = (pictures.count + perRow - 1) / perRow
    let gapBelow = isTitled || pictures.count == 1 ? 0 : 1
    let title = title.map { TextGrid.fitting($0, max(width, 1), isUnicode: isUnicode) }
    let head = title == nil ? 0 : 1

    var grid = TextGrid(
      width: max(perRow * tileWidth - PixelsText.gap + 1, title?.count ?? 0),
      height: head + rowCount * (lines + gapBelow) - gapBelow)
    if let title {
      grid.write(title, row: 0, centeredAt: (perRow * tileWidth - PixelsText.gap) / 2, .bold)
    }
    for (number, picture) in pictures.enumerated() {
      var row = head + number / perRow * (lines + gapBelow)
      let column = number % perRow * tileWidth
      if isTitled {
        let text = TextGrid.fitting(picture.title ?? "", tileWidth - 1, isUnicode: isUnicode)
        let middle = column + max(0, (tileWidth - PixelsText.gap - text.count) / 2)
        grid.write(text, row: row, column: middle)
        row += 1
      }
      draw(picture.resized(width: size.width, height: size.height), on: &grid, row, column)
    }
    return grid
  }

  /// In pixels of the screen.
  private func size(of picture: Pixels, count: Int) -> (width: Int, height: Int) {
    let share = columns.map { max(1, (width + PixelsText.gap) / $0 - PixelsText.gap) } ?? width
    let most = max(1, min(share, width) / charactersPerPixel)
    var newWidth = min(picture.width, most)
    if let pictureWidth {
      newWidth = max(1, pictureWidth / charactersPerPixel)
    } else if count == 1, picture.width <= most {
      // Whole multiples, so that all pixels look the same.
      newWidth *= max(1, min(most / picture.width, PixelsText.comfortableHeight / max(picture.height, 1)))
    }
    return (newWidth, max(1, (picture.height * newWidth + picture.width / 2) / picture.width))
  }

  private func columnCount(_ pixels: Int, _ count: Int) -> Int {
    let fitting = max(1, (width + PixelsText.gap) / (pixels * charactersPerPixel + PixelsText.gap))
    return min(columns ?? fitting, count)
  }

  private func draw(_ picture: Pixels, on grid: inout TextGrid, _ row: Int, _ column: Int) {
    guard hasHalfBlocks else {
      for y in 0..<picture.height {
        for x in 0..<picture.width {
          let level = Int(picture[y, x].brightness * Double(PixelsText.shades.count - 1) + 0.5)
          let character = PixelsText.shades[min(level, PixelsText.shades.count - 1)]
          for i in 0..<2 { grid[row + y, column + 2 * x + i] = TextGrid.Cell(character: character) }
        }
      }
      return
    }
    for y in stride(from: 0, to: picture.height, by: 2) {
      for x in 0..<picture.width {
        let below = y + 1 < picture.height ? picture[y + 1, x] : RGB(0, 0, 0)
        grid[row + y / 2, column + x] = TextGrid.Cell(character: "▀", paint: .colors(picture[y, x], on: below))
      }
    }
  }
}
