import CLua
import NNEngine

/// The arguments of nn.plot and nn.imshow: things by position, then options by name; all in one table or the options in a table of their own.
struct PictureArguments {
  /// Places on the stack.
  private(set) var items: [Int32] = []
  /// The only thing is the list of numbers that holds the options, too: nn.plot{1, 4, 9, title="…"}.
  private(set) var isTableItself = false
  let options: CallArguments

  /// `reading`: names that stand for things; they come after those by position.
  init(_ lua: LuaState, _ call: String, options names: [String], reading: [String]) throws(LuaError) {
    var table: Int32?
    let last = lua.top
    if last == 1, lua.type(1) == .table, PictureArguments.isCallTable(lua, 1) {
      table = 1
      if PictureArguments.isNumber(lua, 1, 1) {
        items = [1]
        isTableItself = true
      } else {
        let count = lua.rawLength(1)
        try lua.ensure(Int32(clamping: count) &+ 20)
        for position in stride(from: 1, through: count, by: 1) {
          lua.rawGet(position, in: 1)
          items.append(lua.top)
        }
      }
    } else {
      for index in stride(from: 1, through: last, by: 1) {
        if index == last, index > 1, lua.type(index) == .table, lua.rawLength(index) == 0 {
          table = index
        } else {
          items.append(index)
        }
      }
    }
    var named = Value.Table()
    if let table {
      for name in reading where lua.rawGetField(name, in: table) != .nil { items.append(lua.top) }
      var found: [String] = []
      try lua.forEachPair(of: table) { () throws(LuaError) in
        if let key = lua.string(-2) { found.append(key) }
        return true
      }
      try lua.ensure(20)
      for name in found.sorted() where !reading.contains(name) {
        lua.rawGetField(name, in: table)
        defer { lua.pop() }
        named[name] = try lua.value(-1)
      }
    }
    options = try CallArguments(call, names, Arguments([], named))
  }

  /// A table with names, or one that holds no numbers: not a list of numbers given as the only argument.
  private static func isCallTable(_ lua: LuaState, _ index: Int32) -> Bool {
    !isNumber(lua, index, 1) || hasNames(lua, index)
  }

  static func isNumber(_ lua: LuaState, _ table: Int32, _ position: Int) -> Bool {
    defer { lua.pop() }
    return [.number, .boolean].contains(lua.rawGet(position, in: table))
  }

  static func hasNames(_ lua: LuaState, _ index: Int32) -> Bool {
    var result = false
    try? lua.forEachPair(of: index) { () throws(LuaError) in
      result = lua.type(-2) == .string
      return !result
    }
    return result
  }

  /// A list of texts; numbers count as such, and so do the elements of a tensor.
  func texts(_ name: String) throws(LuaError) -> [String]? {
    guard let given: AnyValue = try options.get(name) else { return nil }
    switch given.value {
    case .list(let items):
      var texts: [String] = []
      for item in items {
        switch item {
        case .string(let text): texts.append(text)
        case .integer(let number): texts.append(String(number))
        case .number(let number): texts.append(Axis.format("%.6g", number))
        default: throw .message("'\(name)' must be a list of strings, got \(item.text) in it")
        }
      }
      return texts
    case .object(let object):
      if let tensor = (object as? Boxed<Tensor>)?.value, tensor.shape.rank == 1 {
        return (0..<tensor.shape.count).map { Axis.format("%.6g", tensor.element($0)) }
      }
      fallthrough
    default: throw .message("'\(name)' must be a list of strings, got \(given.value.text)")
    }
  }

  /// A size in characters or pixels.
  func size(_ name: String, _ range: ClosedRange<Int>) throws(LuaError) -> Int? {
    guard let size: Int = try options.get(name) else { return nil }
    guard range.contains(size) else {
      throw .message("'\(name)' must be from \(range.lowerBound) to \(range.upperBound), got \(size)")
    }
    return size
  }
}

/// An option that may have several types.
struct AnyValue: ConfigValue {
  let value: Value

  static var kind: String { "a value" }
  static func decode(_ value: Value) -> AnyValue? { AnyValue(value: value) }
  var encoded: Value { value }
}

extension LuaState {
  /// The rows of a tensor or of nested lists as numbers in double precision: what nn.tensor would round stays whole.
  func numberArray(_ index: Int32, _ name: String) throws(LuaError) -> (shape: [Int], values: [Double]) {
    if let tensor = tensor(index) {
      return (tensor.shape.dimensions, (0..<tensor.shape.count).map(tensor.element))
    }
    guard type(index) == .table else {
      throw .message("'\(name)' must be a tensor or a list of numbers, got \(typeName(index))")
    }
    do throws(LuaError) {
      let numbers = try numbers(index)
      return (numbers.shape, numbers.values)
    } catch {
      guard case .message(let text) = error else { throw error }
      throw .message("'\(name)': \(text)")
    }
  }
}
