/// Writes each epoch's logs as a line of a file, in Keras 2's format: Python's csv, with lines that end in CR LF.
public final class CSVLogger: ConfiguredCallback<CSVLogger.Options>, Callback {
  /// Keras's arguments.
  public struct Options: Configurable {
    var filename = ""
    var separator = ","
    var append = false

    /// Keras's defaults.
    public init() {}
    /// Keras's name.
    public static let className = "CSVLogger"
    /// One paragraph.
    public static let doc = """
      Writes a line for each epoch to a file: its number from 0, and what was recorded, in alphabetical order; NA where an epoch has no \
      value. Example: CSVLogger("training.csv")
      """
    /// Keras's arguments in Keras's order.
    public static let fields: [Field<Options>] = [
      Field("filename", \.filename, required: true, check: Check("a path") { !$0.isEmpty }, "The file."),
      Field(
        "separator", \.separator,
        check: Check("one character, not a quotation mark or a line break") {
          $0.utf8.count == 1 && !["\"", "\n", "\r"].contains($0)
        }, "What stands between two values."),
      Field("append", \.append, "Whether to go on with an existing file; else it is replaced."),
    ]
  }

  private var file: TextFile?
  private var columns: [String]?
  private var needsHeader = true

  /// Opens the file: what cannot be written is an error before the first batch.
  public func trainBegan(_ run: TrainingRun) throws(NNError) {
    columns = nil
    try named { () throws(NNError) in
      let file = try TextFile(options.filename, appending: options.append)
      self.file = file
      needsHeader = try file.isEmpty
    }
  }

  /// Goes on with the file.
  public func trainResumed(_ run: TrainingRun) throws(NNError) {
    try named { () throws(NNError) in file = try TextFile(options.filename, appending: true) }
  }

  /// How far the file was, and its columns.
  public func backup(_ run: TrainingRun) throws(NNError) -> Value? {
    guard let file else { return nil }
    let size = try named { () throws(NNError) in try file.size }
    return .table(
      Value.Table([
        ("size", .integer(size)), ("needs_header", .bool(needsHeader)),
        ("columns", columns.map { .list($0.map { .string($0) }) } ?? .null),
      ]))
  }
  /// Goes on with the file, as it was then: lines of epochs that will come again are taken away.
  public func trainRestored(_ backup: Value, _ run: TrainingRun) throws(NNError) {
    let memory = try Remembered(backup, className)
    (columns, needsHeader) = (try [String].decode(memory["columns"]), try memory.bool("needs_header"))
    let size = try memory.count("size")
    try named { () throws(NNError) in
      let file = try TextFile(options.filename, appending: true)
      self.file = file
      // A file that was taken away begins anew, with its header.
      if try file.size < size { needsHeader = try file.isEmpty } else { try file.truncate(to: size) }
    }
  }

  /// Writes a line.
  public func epochEnded(_ epoch: Int, _ logs: Logs, _ run: TrainingRun) throws(NNError) {
    let names = columns ?? Set(logs.names + run.epochNames).sorted()
    columns = names
    var text = ""
    if needsHeader { text += line(["epoch"] + names) }
    needsHeader = false
    text += line(["\(epoch)"] + names.map { name in logs[name].map { "\($0)" } ?? "NA" })
    try named { () throws(NNError) in try file?.write(text) }
  }

  /// Closes the file.
  public func trainEnded(_ run: TrainingRun) throws(NNError) {
    let file = file
    self.file = nil
    try named { () throws(NNError) in try file?.close() }
  }

  private func line(_ cells: [String]) -> String {
    cells.map(quoted).joined(separator: options.separator) + "\r\n"
  }

  private func quoted(_ cell: String) -> String {
    let special: Set<Character> = [Character(options.separator), "\"", "\n", "\r", "\r\n"]
    guard cell.contains(where: { special.contains($0) }) else { return cell }
    return "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}
