import NNEngine

/// The arguments of a call that has no schema: by position in the order of `names`, or by name.
struct CallArguments {
  private let call: String
  private var values: [String: Value] = [:]

  init(_ call: String, _ names: [String], _ arguments: Arguments) throws(LuaError) {
    self.call = call
    guard arguments.positional.count <= names.count else {
      let limit = names.isEmpty ? "no further arguments" : "at most \(names.count) arguments"
      throw .message("takes \(limit), got \(arguments.positional.count)")
    }
    for (name, value) in zip(names, arguments.positional) where !value.isNull { values[name] = value }
    for (name, value) in arguments.named.entries where !value.isNull {
      guard names.contains(name) else { throw .message(unknownName(name, kind: "argument", among: names)) }
      guard values[name] == nil else { throw .message("'\(name)' is given twice") }
      values[name] = value
    }
  }

  /// The value; nil where it was not given.
  func get<V: ConfigValue>(_ name: String, as _: V.Type = V.self) throws(LuaError) -> V? {
    guard let value = values[name] else { return nil }
    let decoded: V? = try engine { () throws(NNError) in try V.decode(value) }
    guard let decoded else { throw .message("'\(name)' must be \(V.kind), got \(value.text)") }
    return decoded
  }

  func require<V: ConfigValue>(_ name: String, as type: V.Type = V.self) throws(LuaError) -> V {
    guard let value = try get(name, as: type) else { throw .message("'\(name)' is required (\(V.kind))") }
    return value
  }

  func dtype() throws(LuaError) -> DType? {
    guard let name = try get("dtype", as: String.self) else { return nil }
    return try engine { () throws(NNError) in try DType(name: name) }
  }

  func seed() throws(LuaError) -> UInt64? { try get("seed", as: Int.self).map { UInt64(bitPattern: Int64($0)) } }

  func shape() throws(LuaError) -> Shape {
    let dimensions = try require("shape", as: [Int].self)
    return try engine { () throws(NNError) in try Shape(dimensions) }
  }
}

extension LuaState {
  /// Like `constructorArguments`; a lone list of whole numbers is one argument, a shape: `nn.zeros{3, 4}`.
  func shapedArguments() throws(LuaError) -> Arguments {
    let arguments = try constructorArguments()
    // zeros{3, 4}, zeros{3, 4, dtype="int32"} and zeros(3, 4): numbers alone are the shape. A float that is whole counts (n / 2).
    let isShape =
      !arguments.positional.isEmpty
      && arguments.positional.allSatisfy {
        switch $0 {
        case .integer, .number: true
        default: false
        }
      }
    return isShape ? Arguments([.list(arguments.positional)], arguments.named) : arguments
  }
}

/// Lua counts axes from 1, the engine from 0; from the end both count −1, −2, …
enum Axes {
  private static let names: Set<String> = ["axis", "axes"]

  /// With `shape`, an axis that it does not have is an error here: the engine would name the translated one.
  static func fromLua(
    _ arguments: Arguments, _ fields: [FieldInfo], for shape: Shape? = nil
  ) throws(LuaError) -> Arguments {
    try fromLua(arguments, fields.map(\.name), for: shape)
  }

  /// The same for a call whose arguments have these names.
  static func fromLua(
    _ arguments: Arguments, _ order: [String], for shape: Shape? = nil
  ) throws(LuaError) -> Arguments {
    var result = arguments
    for (index, name) in order.enumerated() where names.contains(name) {
      guard index < result.positional.count else { continue }
      result.positional[index] = try fromLua(result.positional[index], name, shape)
    }
    for name in names { if let value = result.named[name] { result.named[name] = try fromLua(value, name, shape) } }
    return result
  }

  /// The value of a field as Lua counts.
  static func toLua(_ value: Value, _ field: String) -> Value {
    guard names.contains(field) else { return value }
    switch value {
    case .integer(let axis): return .integer(axis >= 0 ? axis + 1 : axis)
    case .list(let items): return .list(items.map { toLua($0, field) })
    default: return value
    }
  }

  private static func fromLua(_ value: Value, _ name: String, _ shape: Shape?) throws(LuaError) -> Value {
    switch value {
    case .integer(0): throw .message("'\(name)': axes count from 1 (or from the end: -1), got 0")
    case .integer(let axis):
      if let shape, axis.magnitude > shape.rank { throw .message("axis \(axis) does not exist in shape \(shape)") }
      return .integer(axis > 0 ? axis - 1 : axis)
    case .number(let number):
      // 2.0 is an axis too, as where Lua divides.
      guard let axis = Int(exactly: number) else { return value }
      return try fromLua(.integer(axis), name, shape)
    case .list(let items):
      var axes: [Value] = []
      for item in items { axes.append(try fromLua(item, name, shape)) }
      return .list(axes)
    default: return value
    }
  }
}
