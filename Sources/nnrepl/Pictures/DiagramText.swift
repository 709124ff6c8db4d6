/// A layout drawn with characters.
struct DiagramText {
  let isUnicode: Bool

  private static let up = 1, down = 2, left = 4, right = 8
  private static let glyphs: [Int: Character] = [
    1: "│", 2: "│", 3: "│", 4: "─", 8: "─", 12: "─", 5: "┘", 9: "└", 6: "┐", 10: "┌", 7: "┤", 11: "├", 13: "┴", 14: "┬",
    15: "┼",
  ]

  func draw(_ layout: DiagramLayout) -> TextGrid {
    var grid = TextGrid(width: layout.width, height: layout.height)
    for box in layout.boxes {
      let rule = String(repeating: isUnicode ? "─" : "-", count: box.width - 2)
      grid.write(isUnicode ? "┌\(rule)┐" : "+\(rule)+", row: box.y, column: box.x, .dim)
      grid.write(isUnicode ? "└\(rule)┘" : "+\(rule)+", row: box.y + box.height - 1, column: box.x, .dim)
      for (offset, line) in box.lines.enumerated() {
        let row = box.y + 1 + offset
        for column in [box.x, box.x + box.width - 1] {
          grid.write(isUnicode ? "│" : "|", row: row, column: column, .dim)
        }
        grid.write(line, row: row, column: box.x + 2, offset == 0 ? .bold : nil)
      }
    }
    draw(layout.wires, on: &grid)
    return grid
  }

  /// Directions that leave each character, by the wire's source: wires of different sources cross without meeting.
  private func draw(_ wires: [DiagramLayout.Wire], on grid: inout TextGrid) {
    var cells: [[Int]: [Int: Int]] = [:]
    func mark(_ x: Int, _ y: Int, _ direction: Int, _ source: Int) {
      cells[[x, y], default: [:]][source, default: 0] |= direction
    }
    for wire in wires {
      for y in stride(from: wire.from.y, through: wire.to.y, by: 1) {
        let x = y <= wire.turn ? wire.from.x : wire.to.x
        mark(
          x, y, y == wire.turn && wire.from.x != wire.to.x ? DiagramText.up : DiagramText.up | DiagramText.down,
          wire.source)
      }
      guard wire.from.x != wire.to.x else { continue }
      let (low, high) = (min(wire.from.x, wire.to.x), max(wire.from.x, wire.to.x))
      for x in low...high {
        if x > low { mark(x, wire.turn, DiagramText.left, wire.source) }
        if x < high { mark(x, wire.turn, DiagramText.right, wire.source) }
      }
      mark(wire.to.x, wire.turn, DiagramText.down, wire.source)
    }
    for (place, masks) in cells {
      let isCrossing = masks.count == 2 && Set(masks.values) == [3, 12]
      let mask = isCrossing ? 3 : masks.values.reduce(0, |)
      let glyph: Character = isUnicode ? DiagramText.glyphs[mask] ?? " " : mask < 4 ? "|" : mask & 3 == 0 ? "-" : "+"
      grid[place[1], place[0]] = TextGrid.Cell(character: glyph, paint: .dim)
    }
    for wire in wires where wire.hasArrow {
      grid[wire.to.y, wire.to.x] = TextGrid.Cell(character: isUnicode ? "▼" : "v", paint: .dim)
    }
  }
}
