import CLua
import NNEngine

/// `nn.imshow`.
struct ImshowFunction {
  let output: Terminal

  /// More are no picture any more.
  private static let limit = 200
  private static let largestTable = 60

  static let fields: [HelpEntry.Field] = [
    field(
      "image",
      "{h, w} or {h, w, 1 or 3}; {n, h, w} or {n, h, w, 1 or 3} is a grid. Whole numbers are 0 … 255, others 0 … 1."),
    field("title", "Stands above."), field("titles", "One above each image of a grid."),
    field("columns", "Images in a row; as many as fit."),
    field("labels", "Names of classes: the image is a confusion matrix, shown as numbers."),
    field("annotate", "Whether to show the numbers of a matrix {h, w}.", "false"),
    field("xlabel", "Of a matrix: what its columns are."), field("ylabel", "Of a matrix: what its rows are."),
    HelpEntry.Field(
      name: "cmap", defaultValue: "\"gray\"", summary: "Gray values: gray has 0 black, binary has 0 white.",
      choices: ["gray", "binary"]),
    field("vmin", "The number that is shown as 0."), field("vmax", "The number that is shown as 1."),
    field("width", "Of each image in characters; in a file, of everything in pixels."),
    field("height", "Of everything in pixels, in a file."),
    field("file", "A .svg, .png or .pdf, drawn by gnuplot. Without it: drawn in the terminal, nothing elsewhere."),
  ]

  private static func field(_ name: String, _ doc: String, _ value: String = "nil") -> HelpEntry.Field {
    HelpEntry.Field(name: name, defaultValue: value, summary: doc)
  }

  func callAsFunction(_ lua: LuaState) throws(LuaError) -> Int32 {
    let names = ImshowFunction.fields.map(\.name).filter { $0 != "image" }
    let arguments = try PictureArguments(lua, "imshow", options: names, reading: ["image"])
    let options = arguments.options
    guard let first = arguments.items.first else { throw .message("expected an image") }
    // nn.imshow{{0, 1}, {1, 0}}: rows of numbers are the image itself.
    let isNested = lua.type(first) == .table && first > 1 && PictureArguments.isNumber(lua, first, 1)
    guard isNested || arguments.items.count == 1 else {
      throw .message("expected one image, got \(arguments.items.count) things")
    }
    let image = try lua.requireTensor(isNested ? 1 : first, "image")
    let labels = try arguments.texts("labels")
    let annotates: Bool? = try options.get("annotate")
    if labels != nil || annotates == true {
      guard annotates != false else {
        throw .message("'labels' name rows and columns of numbers; leave out annotate=false")
      }
      try show(matrix(image, labels, options), arguments)
    } else {
      for name in ["xlabel", "ylabel"] where try options.get(name, as: String.self) != nil {
        throw .message("'\(name)' belongs to a matrix with labels or annotate=true")
      }
      try show(pictures(image, arguments), arguments)
    }
    return 0
  }

  // MARK: Matrices

  private func matrix(_ image: Tensor, _ labels: [String]?, _ options: CallArguments) throws(LuaError) -> Matrix {
    let shape = image.shape
    guard shape.rank == 2, shape.count > 0 else {
      throw .message("a matrix with labels or numbers must have shape {h, w}, got \(shape)")
    }
    let (rows, columns) = (shape.dimensions[0], shape.dimensions[1])
    guard max(rows, columns) <= ImshowFunction.largestTable else {
      throw .message("\(shape) is too large for numbers: at most \(ImshowFunction.largestTable) rows and columns")
    }
    if let labels, labels.count != rows || labels.count != columns {
      throw .message("\(labels.count) labels for a matrix of shape \(shape)")
    }
    return Matrix(
      rows: rows, columns: columns, values: (0..<shape.count).map(image.element), labels: labels,
      title: try options.get("title"), xLabel: try options.get("xlabel"), yLabel: try options.get("ylabel"))
  }

  private func show(_ matrix: Matrix, _ arguments: PictureArguments) throws(LuaError) {
    if let file: String = try arguments.options.get("file") {
      let side = 50 * max(matrix.rows, matrix.columns)
      let width = try arguments.size("width", 50...10000) ?? max(480, side + 150)
      let height = try arguments.size("height", 50...10000) ?? max(480, side + 120)
      return try ImshowFunction.write(PixelsCommands.text(matrix), file, width, height)
    }
    let grid = matrix.draw(
      width: output.width - 1, isUnicode: output.usesUnicode, hasColors: output.colorDepth != .none)
    if output.isTerminal { output.write(grid.text(output.colorDepth)) }
  }

  // MARK: Images

  private func pictures(_ image: Tensor, _ arguments: PictureArguments) throws(LuaError) -> [Pixels] {
    let dimensions = image.shape.dimensions
    let hasChannels = dimensions.count == 4 || (dimensions.count == 3 && [1, 3].contains(dimensions[2]))
    let isGrid = dimensions.count - (hasChannels ? 1 : 0) == 3
    let channels = hasChannels ? dimensions[dimensions.count - 1] : 1
    guard (2...4).contains(dimensions.count), [1, 3].contains(channels), image.shape.count > 0 else {
      throw .message("expected {h, w}, {h, w, 1 or 3}, {n, h, w} or {n, h, w, 1 or 3}, got \(image.shape)")
    }
    let (count, first) = isGrid ? (dimensions[0], 1) : (1, 0)
    guard count <= ImshowFunction.limit else {
      throw .message("\(count) images; at most \(ImshowFunction.limit) are shown at once: take a slice")
    }
    let titles = try arguments.texts("titles")
    if let titles, titles.count != count { throw .message("\(titles.count) titles for \(count) images") }
    let (height, width) = (dimensions[first], dimensions[first + 1])
    guard max(height, width) <= 4096 else { throw .message("an image of shape \(image.shape) is too large to show") }
    let scale = try GrayScale(image, arguments.options)
    return (0..<count).map { number in
      let start = number * height * width * channels
      let colors = (0..<height * width).map { pixel in
        let place = start + pixel * channels
        return channels == 1
          ? scale.gray(image.element(place))
          : RGB(
            scale.level(image.element(place)), scale.level(image.element(place + 1)),
            scale.level(image.element(place + 2)))
      }
      return Pixels(title: titles?[number], width: width, height: height, colors: colors)
    }
  }

  private func show(_ pictures: [Pixels], _ arguments: PictureArguments) throws(LuaError) {
    let title: String? = try arguments.options.get("title")
    let columns = try arguments.size("columns", 1...ImshowFunction.limit)
    if let file: String = try arguments.options.get("file") {
      let perRow = min(columns ?? Int(Double(pictures.count).squareRoot().rounded(.up)), pictures.count)
      let rows = (pictures.count + perRow - 1) / perRow
      let width = try arguments.size("width", 50...10000) ?? (pictures.count == 1 ? 480 : max(300, 120 * perRow))
      let height = try arguments.size("height", 50...10000) ?? (pictures.count == 1 ? 480 : max(200, 140 * rows + 40))
      return try ImshowFunction.write(
        PixelsCommands.text(pictures, columns: perRow, title: title), file, width, height)
    }
    let style = PixelsText(
      isUnicode: output.usesUnicode, depth: output.colorDepth, width: max(20, output.width - 1), columns: columns,
      pictureWidth: try arguments.size("width", 1...1000))
    if output.isTerminal { output.write(style.draw(pictures, title: title).text(output.colorDepth)) }
  }

  private static func write(_ commands: String, _ file: String, _ width: Int, _ height: Int) throws(LuaError) {
    do throws(Gnuplot.Mistake) {
      try Gnuplot.write(commands, to: file, width: width, height: height)
    } catch { throw .message(error.message) }
  }
}

/// From an image's numbers to levels of brightness.
private struct GrayScale {
  private let low: Double
  private let high: Double
  private let isInverted: Bool

  /// 0 … 255 for uint8; else 0 … 1, or from the least to the greatest number when there are others.
  init(_ image: Tensor, _ options: CallArguments) throws(LuaError) {
    let map: String = try options.get("cmap") ?? "gray"
    guard ["gray", "binary"].contains(map) else {
      throw .message("'cmap' must be \"gray\" or \"binary\", got '\(map)'")
    }
    isInverted = map == "binary"
    var (low, high) = (0.0, image.dtype == .uint8 ? 255.0 : 1)
    if image.dtype == .float32 || image.dtype == .int32 {
      var (least, greatest) = (Double.infinity, -Double.infinity)
      for i in 0..<image.shape.count {
        let value = image.element(i)
        guard value.isFinite else { continue }
        least = min(least, value)
        greatest = max(greatest, value)
      }
      if least < 0 || greatest > 1 { (low, high) = (least, greatest) }
    }
    self.low = try options.get("vmin") ?? low
    self.high = try options.get("vmax") ?? high
    guard self.high >= self.low else { throw .message("'vmin' must not be greater than 'vmax'") }
  }

  func level(_ value: Double) -> UInt8 { RGB(gray: part(value)).red }

  func gray(_ value: Double) -> RGB { RGB(gray: isInverted ? 1 - part(value) : part(value)) }

  private func part(_ value: Double) -> Double {
    if value.isNaN { return 0 }
    return high > low ? min(max((value - low) / (high - low), 0), 1) : value > low ? 1 : 0
  }
}
