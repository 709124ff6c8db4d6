/// A colour of the screen.
struct RGB: Equatable {
  var red: UInt8
  var green: UInt8
  var blue: UInt8

  init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) { (self.red, self.green, self.blue) = (red, green, blue) }

  /// From 0, black, to 1, white.
  init(gray: Double) {
    let level = UInt8((min(max(gray.isNaN ? 0 : gray, 0), 1) * 255).rounded())
    self.init(level, level, level)
  }

  /// As the eye sees it: from 0 to 1.
  var brightness: Double { (0.299 * Double(red) + 0.587 * Double(green) + 0.114 * Double(blue)) / 255 }
  var hex: Int { Int(red) << 16 | Int(green) << 8 | Int(blue) }

  /// The nearest of the 256 colours: a cube of 6 × 6 × 6, and 24 grays.
  var paletteIndex: Int {
    if red == green, green == blue {
      switch red {
      case ..<4: return 16
      case 247...: return 231
      default: return 232 + min((Int(red) - 3) / 10, 23)
      }
    }
    func level(_ value: UInt8) -> Int { value < 48 ? 0 : value < 115 ? 1 : (Int(value) - 35) / 40 }
    return 16 + 36 * level(red) + 6 * level(green) + level(blue)
  }
}

/// Which colours a terminal shows.
enum ColorDepth {
  case none, palette, full
}

/// How one character is painted.
enum Paint: Equatable {
  case dim
  case bold
  /// The colour of a line, by its number.
  case series(Int)
  case colors(RGB, on: RGB)

  /// The numbers of Select Graphic Rendition.
  func code(_ depth: ColorDepth) -> String {
    switch self {
    case .dim: return "2"
    case .bold: return "1"
    case .series(let number): return ["36", "33", "35", "32", "31", "34"][number % 6]
    case .colors(let ink, let ground):
      if depth == .full {
        return "38;2;\(ink.red);\(ink.green);\(ink.blue);48;2;\(ground.red);\(ground.green);\(ground.blue)"
      }
      return "38;5;\(ink.paletteIndex);48;5;\(ground.paletteIndex)"
    }
  }
}

/// Characters in rows and columns, some of them painted.
struct TextGrid {
  struct Cell: Equatable {
    var character: Character = " "
    var paint: Paint?
  }

  private(set) var rows: [[Cell]]
  let width: Int

  init(width: Int, height: Int) {
    self.width = width
    rows = Array(repeating: Array(repeating: Cell(), count: width), count: height)
  }

  /// What is outside is nowhere.
  subscript(row: Int, column: Int) -> Cell {
    get { rows.indices.contains(row) && (0..<width).contains(column) ? rows[row][column] : Cell() }
    set { if rows.indices.contains(row), (0..<width).contains(column) { rows[row][column] = newValue } }
  }

  mutating func write(_ text: String, row: Int, column: Int, _ paint: Paint? = nil) {
    for (offset, character) in text.enumerated() {
      // A line break or an escape in a title must not reach the terminal.
      let isControl = character.unicodeScalars.contains { $0.value < 32 || (127..<160).contains($0.value) }
      self[row, column + offset] = Cell(character: isControl ? " " : character, paint: paint)
    }
  }

  mutating func write(_ text: String, row: Int, centeredAt column: Int, _ paint: Paint? = nil) {
    write(text, row: row, column: max(0, min(column - text.count / 2, width - text.count)), paint)
  }

  /// Lines with a line break at the end of each; without colours also without spaces at the end.
  func text(_ depth: ColorDepth) -> String {
    rows.map { row in line(row[..<((row.lastIndex { $0 != Cell() } ?? -1) + 1)], depth) + "\n" }.joined()
  }

  private func line(_ cells: ArraySlice<Cell>, _ depth: ColorDepth) -> String {
    if depth == .none {
      let text = cells.map(\.character)
      return String(text[..<((text.lastIndex { $0 != " " } ?? -1) + 1)])
    }
    var text = ""
    var current: Paint?
    for cell in cells {
      if cell.paint != current {
        if current != nil { text += "\u{1B}[0m" }
        if let paint = cell.paint { text += "\u{1B}[\(paint.code(depth))m" }
        current = cell.paint
      }
      text.append(cell.character)
    }
    return text + (current == nil ? "" : "\u{1B}[0m")
  }

  /// Cut to a number of characters.
  static func fitting(_ text: String, _ width: Int, isUnicode: Bool = true) -> String {
    if text.count <= width { return text }
    let ellipsis = isUnicode ? "…" : "."
    return width < 1 ? "" : String(text.prefix(width - 1)) + ellipsis
  }
}
