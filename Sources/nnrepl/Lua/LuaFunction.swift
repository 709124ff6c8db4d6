import CLua

/// A Swift body that Lua can call: reads arguments at 1…top, pushes results, returns their number.
typealias LuaBody = (LuaState) throws(LuaError) -> Int32

/// Keeps a body alive for as long as Lua keeps the function.
private final class LuaFunctionBox {
  let name: String
  let body: LuaBody

  init(_ name: String, _ body: @escaping LuaBody) {
    self.name = name
    self.body = body
  }
}

extension LuaState {
  /// Pushes a Swift function. Its errors begin with the place of the call and the name.
  func pushFunction(_ name: String, _ body: @escaping LuaBody) {
    pushBox(LuaFunctionBox(name, body), metatable: "nnrepl.function")
    clua_pushfunction(raw) { raw in
      guard let raw else { return 0 }
      return LuaState(raw).runBox()
    }
  }

  private func runBox() -> Int32 {
    guard let storage = clua_context(raw)?.load(as: UnsafeRawPointer?.self) else { return 0 }
    let box = Unmanaged<LuaFunctionBox>.fromOpaque(storage).takeUnretainedValue()
    let hasEntered = Background.enter()
    defer { Background.leave(hasEntered) }
    do throws(LuaError) {
      return try box.body(self)
    } catch {
      pushError(error, in: box.name)
      return Int32(CLUA_RAISE)
    }
  }

  /// Leaves the error value on the stack: one line, "file:line: call: what is wrong".
  private func pushError(_ error: LuaError, in name: String) {
    let call = name.split { ".:".contains($0) }.last.map(String.init) ?? name
    let text: String
    switch error {
    case .raised: return pushRaised()
    case .message(let message): text = message.naming(call)
    case .argument(let index, let message):
      // A method's object is not counted.
      text = "argument \(name.contains(":") ? index - 1 : index): \(message)".naming(call)
    }
    guard lua_checkstack(raw, 4) != 0 else { return setTop(1) }
    clua_where(raw)
    push((string(-1) ?? "") + text.split(separator: "\n").joined(separator: "; "))
  }
}

extension String {
  /// "call: text", unless the text names the call already or there is no name.
  func naming(_ call: String) -> String { call.isEmpty || contains("\(call): ") ? self : "\(call): \(self)" }
}

// MARK: - Arguments

extension LuaState {
  /// A sentence for an argument of the wrong type.
  func mismatch(_ index: Int32, _ expected: String) -> LuaError {
    .argument(Int(index), "expected \(expected), got \(typeName(index))")
  }

  func requireString(_ index: Int32) throws(LuaError) -> String {
    guard let value = string(index) else { throw mismatch(index, "a string") }
    return value
  }

  func requireNumber(_ index: Int32) throws(LuaError) -> Double {
    guard let value = number(index) else { throw mismatch(index, "a number") }
    return value
  }

  func requireInteger(_ index: Int32) throws(LuaError) -> Int {
    if let value = integer(index) { return value }
    guard let number = number(index) else { throw mismatch(index, "an integer") }
    throw .argument(Int(index), "expected an integer, got \(number)")
  }

  func requireFunction(_ index: Int32) throws(LuaError) {
    guard type(index) == .function else { throw mismatch(index, "a function") }
  }
}
