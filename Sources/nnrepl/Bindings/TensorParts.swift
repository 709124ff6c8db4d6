import CLua
import NNEngine

/// `nn.split`: a tensor as a list of parts.
enum TensorParts {
  static func install(_ lua: LuaState, _ help: Help) {
    lua.define(
      "split", in: "nn", help: help, "(x, parts, {axis=1})",
      "A list of so many equal parts along an axis; or, given a list, the parts that end at these positions, and the rest.",
      split)
  }

  static func split(_ lua: LuaState) throws(LuaError) -> Int32 {
    let operand = try lua.operand(1, "x")
    let given = try lua.constructorArguments(from: 3)
    let shape = operand.shape
    var call = Arguments([], given.named)
    call.positional = [lua.isNil(2) ? .null : try lua.value(2)] + given.positional
    let names = ["parts", "axis"]
    let arguments = try CallArguments("split", names, Axes.fromLua(call, names, for: shape))
    guard shape.rank > 0 else { throw .message("a scalar has no axes") }
    let signed: Int = try arguments.get("axis") ?? 0
    let axis = signed < 0 ? signed + shape.rank : signed
    guard axis >= 0, axis < shape.rank else { throw .message("axis \(signed) does not exist in shape \(shape)") }
    let extent = shape[axis]
    let ends = try ends(arguments, extent)
    lua.pushTable(array: ends.count)
    var first = 0
    for (position, end) in ends.enumerated() {
      let count = max(end - first, 0)
      switch operand {
      case .tensor(let tensor):
        let part = try engine { () throws(NNError) in try tensor.slice(axis: axis, first: first, count: count) }
        axis == 0 ? lua.push(view: part) : lua.push(part)
      case .symbol(let symbol):
        try lua.push(symbol) { (x) throws(NNError) in try x.slice(axis: axis, first: first, count: count) }
      }
      lua.rawSet(position + 1, in: -2)
      first = max(first, end)
    }
    return 1
  }

  /// Where each part ends: the positions given, and the end of the axis.
  private static func ends(_ arguments: CallArguments, _ extent: Int) throws(LuaError) -> [Int] {
    if let positions = try? arguments.get("parts", as: [Int].self) {
      for (offset, position) in positions.enumerated() {
        guard position >= 0, position <= extent, offset == 0 || positions[offset - 1] <= position else {
          throw .message("positions must rise from 0 to \(extent), got \(position)")
        }
      }
      return positions + [extent]
    }
    let parts: Int = try arguments.require("parts")
    guard parts > 0, extent % parts == 0 else {
      throw .message("an axis of \(extent) cannot be divided into \(parts) equal parts")
    }
    // A million empty parts are nobody's wish.
    guard extent > 0 || parts <= 1024 else { throw .message("\(parts) parts of nothing") }
    let size = extent / parts
    return (1...parts).map { $0 * size }
  }
}
