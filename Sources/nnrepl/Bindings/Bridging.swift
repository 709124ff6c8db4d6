import CLua
import NNEngine

// What all bindings need: engine values as Lua objects, engine errors as Lua errors.

/// An engine value that Lua holds in a box.
protocol LuaNamed {
  static var luaName: String { get }
}

extension Boxed: LuaObject where T: LuaNamed {
  static var luaName: String { T.luaName }
}

extension Tensor: LuaNamed { static var luaName: String { "Tensor" } }
extension Initializer: LuaNamed { static var luaName: String { "Initializer" } }
extension Activation: LuaNamed { static var luaName: String { "Activation" } }
extension Regularizer: LuaNamed { static var luaName: String { "Regularizer" } }
extension Constraint: LuaNamed { static var luaName: String { "Constraint" } }
extension Schedule: LuaNamed { static var luaName: String { "Schedule" } }
extension Loss: LuaNamed { static var luaName: String { "Loss" } }
extension Metric: LuaNamed { static var luaName: String { "Metric" } }

/// Runs engine code; its errors are finished sentences.
func engine<Result>(_ body: () throws(NNError) -> Result) throws(LuaError) -> Result {
  do throws(NNError) { return try body() } catch { throw .message(error.description) }
}

extension LuaState {
  /// Pushes an object of any class that Lua knows; nil for others.
  func push(any object: AnyObject) {
    guard let object = object as? any LuaObject else { return pushNil() }
    pushOpened(object)
  }

  private func pushOpened(_ object: some LuaObject) { push(object) }

  func push<Object: LuaObject>(list objects: [Object]) {
    pushTable(array: objects.count)
    for (offset, object) in objects.enumerated() {
      push(object)
      rawSet(offset + 1, in: -2)
    }
  }

  func push(list numbers: [Int]) {
    pushTable(array: numbers.count)
    for (offset, number) in numbers.enumerated() {
      push(number)
      rawSet(offset + 1, in: -2)
    }
  }

  func push(list numbers: [Double]) {
    pushTable(array: numbers.count)
    for (offset, number) in numbers.enumerated() {
      push(number)
      rawSet(offset + 1, in: -2)
    }
  }

  func push(list texts: [String]) {
    pushTable(array: texts.count)
    for (offset, text) in texts.enumerated() {
      push(text)
      rawSet(offset + 1, in: -2)
    }
  }

  /// Pushes a sample's shape as Keras shows it, the batch axis in front: Lua has no None in tables, so it is "None".
  func push(batched shape: Shape?) {
    guard let shape else { return pushNil() }
    pushTable(array: shape.rank + 1)
    push("None")
    rawSet(1, in: -2)
    for (axis, extent) in shape.dimensions.enumerated() {
      push(extent)
      rawSet(axis + 2, in: -2)
    }
  }

  /// The shape of the only input or output, or a list of all.
  func push(batched shapes: [Shape], of count: Int) {
    guard count > 1 else { return push(batched: shapes.first) }
    pushTable(array: shapes.count)
    for (i, shape) in shapes.enumerated() {
      push(batched: shape)
      rawSet(i + 1, in: -2)
    }
  }

  /// Defines a function in the table on top, with its documentation.
  func define(
    _ name: String, in module: String, help: Help, _ signature: String, _ doc: String, _ body: @escaping LuaBody
  ) {
    let fullName = module.isEmpty ? name : "\(module).\(name)"
    pushFunction(fullName, body)
    help.add(HelpEntry(name: fullName, signature: signature, summary: doc), valueAt: -1)
    rawSetField(name, in: -2)
  }
}
