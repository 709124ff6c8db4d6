import CLua

/// Numbers or truths out of nested tables, as `nn.tensor{{1, 2}, {3, 4}}` gives them.
struct LuaNumbers {
  enum Kind { case boolean, integer, number }

  var shape: [Int]
  /// Row by row; truths are 0 and 1. Integers beyond 2⁵³ are rounded.
  var values: [Double]
  /// The narrowest kind that holds them all. An empty table holds numbers.
  var kind: Kind
}

extension LuaState {
  /// Reads a number, a truth, or evenly nested tables of them; a ragged table is an error that says where.
  func numbers(_ index: Int32) throws(LuaError) -> LuaNumbers {
    let start = absolute(index)
    var reader = NumberReader(shape: try shape(ofNested: start))
    try reader.read(self, start, depth: 0)
    return LuaNumbers(shape: reader.shape, values: reader.values, kind: reader.kind ?? .number)
  }

  /// The lengths along the first elements. That path also ends when a table contains itself: by the limit of 32.
  private func shape(ofNested index: Int32) throws(LuaError) -> [Int] {
    try ensure(40)
    let base = top
    defer { setTop(base) }
    var shape: [Int] = []
    copy(index)
    while type(-1) == .table {
      if shape.count == 32 { throw .message("tables nested more than 32 deep") }
      shape.append(rawLength(-1))
      if rawGet(1, in: -1) == .nil { break }
    }
    return shape
  }
}

private struct NumberReader {
  let shape: [Int]
  var values: [Double] = []
  var kind: LuaNumbers.Kind?
  private var place: [Int] = []

  init(shape: [Int]) { self.shape = shape }

  mutating func read(_ state: LuaState, _ index: Int32, depth: Int) throws(LuaError) {
    guard depth < shape.count else { return try readNumber(state, index) }
    guard state.type(index) == .table else {
      throw .message("ragged:\(location) is \(state.typeName(index)) where the elements before are tables")
    }
    let count = state.rawLength(index)
    guard count == shape[depth] else {
      throw .message("ragged:\(location) has \(count) elements where those before have \(shape[depth])")
    }
    place.append(0)
    for position in stride(from: 1, through: count, by: 1) {
      place[depth] = position
      state.rawGet(position, in: index)
      defer { state.pop() }
      try read(state, state.top, depth: depth + 1)
    }
    place.removeLast()
  }

  private mutating func readNumber(_ state: LuaState, _ index: Int32) throws(LuaError) {
    let found: LuaNumbers.Kind
    switch state.type(index) {
    case .number:
      values.append(state.number(index) ?? .nan)
      found = state.isInteger(index) ? .integer : .number
    case .boolean:
      values.append(state.truth(index) ? 1 : 0)
      found = .boolean
    case .table: throw .message("ragged:\(location) is a table where the elements before are not")
    default: throw .message("expected numbers; element\(location) is \(state.typeName(index))")
    }
    switch (kind, found) {
    case (nil, _): kind = found
    case (.integer, .number), (.number, .integer): kind = .number
    case (.boolean, .boolean), (.integer, .integer), (.number, .number): break
    default: throw .message("numbers and booleans mixed: element\(location) is \(state.typeName(index))")
    }
  }

  private var location: String { place.isEmpty ? "" : " " + place.map { "[\($0)]" }.joined() }
}
