import CLua
import Glibc
import NNEngine

/// Shows the values of an expression: strings and numbers as `print` does, objects by `__tostring`, tables one level deep.
struct Printer {
  let lua: LuaState
  let terminal: Terminal
  /// Knows the names of functions.
  var help: Help?

  /// As many elements of one table as are worth reading.
  private static let limit = 100

  /// Prints the values from `first` to the top of the stack, each on a line of its own when there is a table among them.
  func print(from first: Int32) throws(LuaError) {
    guard first <= lua.top else { return }
    var pieces: [String] = []
    var isLong = false
    for index in first...lua.top {
      try lua.ensure(12)
      let piece = try text(index)
      isLong = isLong || piece.contains("\n") || lua.type(index) == .table || lua.type(index) == .userdata
      pieces.append(piece)
    }
    terminal.writeLine(pieces.joined(separator: isLong ? "\n" : "\t"))
  }

  func text(_ index: Int32) throws(LuaError) -> String {
    if lua.type(index) == .table {
      if luaL_getmetafield(lua.raw, index, "__tostring") == LUA_TNIL { return try table(index) }
      lua.pop()
      return wrapped(try lua.text(at: index))
    }
    if let name = functionName(index) { return name }
    defer { lua.pop() }
    return try lua.pushText(index)
  }

  /// A value in a few words, on one line.
  func brief(_ index: Int32) throws(LuaError) -> String {
    try lua.ensure(12)
    let index = lua.absolute(index)
    if lua.type(index) == .table {
      guard luaL_getmetafield(lua.raw, index, "__tostring") == LUA_TNIL else {
        lua.pop()
        return String(try lua.text(at: index).prefix(max(terminal.width - 20, 20)))
      }
      let count = lua.rawLength(index)
      return count > 0 ? "table of \(count) element\(count == 1 ? "" : "s")" : isEmpty(index) ? "{}" : "table"
    }
    return String(try element(index).prefix(max(terminal.width - 20, 20)))
  }

  private func functionName(_ index: Int32) -> String? {
    guard lua.type(index) == .function, let entry = help?.entry(for: index, in: lua) else { return nil }
    return "function " + entry.name
  }

  /// A table's own text; modules have long ones.
  private func wrapped(_ text: String) -> String {
    text.contains("\n") || !text.contains(": ") ? text : TextWrap.wrap(text, width: terminal.width, indent: 2)
  }

  private func table(_ index: Int32) throws(LuaError) -> String {
    let count = lua.rawLength(index)
    var elements: [String] = []
    for position in stride(from: 1, through: min(count, Printer.limit), by: 1) {
      lua.rawGet(position, in: index)
      defer { lua.pop() }
      elements.append(try element(-1))
    }
    if count > Printer.limit { elements.append("… \(count - Printer.limit) more") }
    elements += try fields(index, after: count)
    return layOut(elements)
  }

  private func fields(_ index: Int32, after count: Int) throws(LuaError) -> [String] {
    var named: [(name: String, text: String)] = []
    var others: [(key: Double, text: String)] = []
    var left = 0
    try lua.forEachPair(of: index) { () throws(LuaError) in
      if let position = lua.integer(-2), (1...max(count, 1)).contains(position), count > 0 { return true }
      guard named.count + others.count < 10 * Printer.limit else {
        left += 1
        return true
      }
      if let name = lua.string(-2) {
        named.append((name, "\(LuaCursor.isIdentifier(name) ? name : "[\(quoted(name))]") = \(try element(-1))"))
      } else {
        others.append((lua.number(-2) ?? .infinity, "[\(try element(-2))] = \(try element(-1))"))
      }
      return true
    }
    named.sort { $0.name < $1.name }
    others.sort { ($0.key, $0.text) < ($1.key, $1.text) }
    let all = others.map(\.text) + named.map(\.text)
    left += max(all.count - Printer.limit, 0)
    return all.prefix(Printer.limit) + (left > 0 ? ["… \(left) more"] : [])
  }

  /// A value inside a table: tables in it stay closed, so that cycles end.
  private func element(_ index: Int32) throws(LuaError) -> String {
    let index = lua.absolute(index)
    if let text = lua.string(index) { return quoted(text) }
    if let tensor = lua.tensor(index) { return "tensor \(tensor.shape) \(tensor.dtype.name)" }
    if let model = lua.object(index, Model.self) { return "\(model.className) '\(model.name)'" }
    if let history = lua.object(index, History.self) {
      return "history of \(history.epochs.count) epoch\(history.epochs.count == 1 ? "" : "s")"
    }
    if let name = functionName(index) { return name }
    if lua.type(index) == .table {
      guard luaL_getmetafield(lua.raw, index, "__tostring") != LUA_TNIL else { return closed(index) }
      lua.pop()
    }
    defer { lua.pop() }
    let text = try lua.pushText(index)
    let lines = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    return lines.count > 1 ? "\(lines[0]) …" : text
  }

  private func closed(_ table: Int32) -> String {
    let count = lua.rawLength(table)
    if count > 0 { return "{… \(count) element\(count == 1 ? "" : "s")}" }
    return isEmpty(table) ? "{}" : "{…}"
  }

  private func isEmpty(_ index: Int32) -> Bool {
    lua.pushNil()
    guard clua_next(lua.raw, index) == LUA_OK else { return false }
    defer { lua.pop(2) }
    return lua.isNil(-2)
  }

  private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars.prefix(200) {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case _ where scalar.value < 32 || scalar.value == 127: result += "\\\(scalar.value)"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + (text.unicodeScalars.count > 200 ? "…\"" : "\"")
  }

  /// On one line if it fits, otherwise one element a line.
  private func layOut(_ elements: [String]) -> String {
    let line = "{" + elements.joined(separator: ", ") + "}"
    if line.count < terminal.width { return line }
    let isArray = elements.allSatisfy { $0.count < 12 }
    return "{\n" + (isArray ? wrapped(elements) : elements.map { "  \($0)" }.joined(separator: ",\n")) + "\n}"
  }

  /// Short elements fill the lines.
  private func wrapped(_ elements: [String]) -> String {
    var lines: [String] = []
    var line = " "
    for (number, element) in elements.enumerated() {
      let piece = " " + element + (number + 1 < elements.count ? "," : "")
      if line.count + piece.count >= terminal.width, line != " " {
        lines.append(line)
        line = " "
      }
      line += piece
    }
    return (lines + [line]).joined(separator: "\n")
  }
}
