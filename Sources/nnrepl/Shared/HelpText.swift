import CLua
import Glibc
import NNEngine

/// Help as it is shown.
enum HelpText {
  /// Signature, paragraph, shapes, arguments, example; no line is longer than the terminal is wide.
  static func of(_ entry: HelpEntry, _ terminal: Terminal) -> String {
    let width = terminal.width
    let (paragraph, example) = parts(entry.summary)
    let signature = entry.signature ?? signature(of: entry.fields)
    // Wrapped as it looks without colours, which have no width.
    let head = TextWrap.wrap(entry.name + signature, width: width, indent: 4)
    var text = terminal.styled(entry.name, .bold) + head.dropFirst(entry.name.count) + "\n"
    text += "\n  " + TextWrap.wrap(paragraph, width: width, indent: 2) + "\n"
    if let shapes = entry.shapes {
      text += "\n  " + TextWrap.wrap("Shapes: " + shapes, width: width, indent: 10) + "\n"
    }
    if !entry.fields.isEmpty { text += "\n" }
    let column = entry.fields.map(\.name.count).max() ?? 0
    for field in entry.fields {
      let name = field.name + String(repeating: " ", count: column - field.name.count)
      var line = "  \(name)  \(field.summary)"
      if !field.choices.isEmpty { line += " One of: \(field.choices.joined(separator: ", "))." }
      if let value = field.defaultValue {
        line += " Default: \(value)."
      } else if entry.signature == nil {
        line += " Required."
      }
      // The name's spaces must survive.
      let wrapped = TextWrap.wrap(String(line.dropFirst(column + 4)), width: width, indent: column + 4)
      text += line.prefix(column + 4) + wrapped + "\n"
    }
    if let example = entry.example ?? example {
      text += "\n  Example:\n" + example.split(separator: "\n").map { "    \($0)\n" }.joined()
    }
    return text
  }

  /// The paragraph, and the example that it ends in.
  private static func parts(_ summary: String) -> (paragraph: String, example: String?) {
    guard let range = summary.firstRange(of: "Example: ") else { return (summary, nil) }
    let before = summary[..<range.lowerBound]
    return (String(before.reversed().drop { $0 == " " }.reversed()), String(summary[range.upperBound...]))
  }

  private static func signature(of fields: [HelpEntry.Field]) -> String {
    let parts = fields.map { field in
      guard let value = field.defaultValue else { return field.name }
      return "\(field.name)=\(value)"
    }
    return "{" + parts.joined(separator: ", ") + "}"
  }

  /// What can be said of a function that the user has written; nil for other things.
  static func ofUserFunction(_ index: Int32, _ lua: LuaState) -> String? {
    guard lua.type(index) == .function, lua_iscfunction(lua.raw, index) == 0 else { return nil }
    let (source, line) = place(index, lua)
    lua.copy(index)
    var names: [String] = []
    while let name = lua_getlocal(lua.raw, nil, Int32(names.count) + 1) {
      names.append(String(cString: name))
      if names.count > 200 { break }
    }
    lua.pop()
    return "a function of your own: f(\(names.joined(separator: ", "))), from \(source):\(line)\n"
  }

  /// Where a value comes from, and the text of a function of a file.
  static func origin(of index: Int32, _ lua: LuaState) throws(LuaError) -> String {
    guard lua.type(index) == .function, lua_iscfunction(lua.raw, index) == 0 else {
      return "\n  Part of nnrepl; \(lua.typeName(index)).\n"
    }
    lua.copy(index)
    var frame = lua_Debug()
    lua_getinfo(lua.raw, ">S", &frame)
    let source = frame.source.map { String(cString: $0) } ?? ""
    guard source.hasPrefix("@"), let lines = lines(ofFile: String(source.dropFirst())) else { return "" }
    let range = max(Int(frame.linedefined) - 1, 0)..<min(max(Int(frame.lastlinedefined), 1), lines.count)
    guard range.lowerBound < range.upperBound else { return "" }
    return "\n" + lines[range].map { "  \($0)\n" }.joined()
  }

  private static func lines(ofFile path: String) -> [Substring]? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count < 1 << 22 {
      let count = fread(&chunk, 1, chunk.count, file)
      guard count > 0 else { break }
      bytes += chunk[..<count]
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
  }

  private static func place(_ index: Int32, _ lua: LuaState) -> (source: String, line: Int) {
    lua.copy(index)
    var frame = lua_Debug()
    lua_getinfo(lua.raw, ">S", &frame)
    return (String(cString: clua_short_source(&frame)), Int(frame.linedefined))
  }

  static func general(width: Int) -> String {
    let rows = [
      ("_, _1, _2, …", "the values of the last expression"),
      ("? name, help(x)", "documentation of a function, a class, a name; ?? name also tells where it comes from"),
      ("who()", "your global variables"),
      ("%time code", "how long something takes; what takes more than a second tells by itself"),
      ("nn.plot(history)", "draws a training; nn.plot{x, y}, nn.imshow(image), model:plot() other things"),
      ("! command", "runs a command of the system ($ command does, too)"),
      ("Tab", "completes names, fields, options, their values, and file names"),
      ("Ctrl-C", "ends a running fit after its batch, or anything else with an error; drops a half-typed line"),
      ("Ctrl-R, arrows", "search and walk the history"),
      ("Ctrl-D", "leaves"),
    ]
    let first = "Type Lua. An expression's value is printed; a line that ends in ; prints nothing."
    return TextWrap.wrap(first, width: width) + "\n"
      + rows.map { row in
        "  " + row.0 + String(repeating: " ", count: 18 - row.0.count)
          + TextWrap.wrap(row.1, width: width, indent: 20) + "\n"
      }.joined()
  }
}
