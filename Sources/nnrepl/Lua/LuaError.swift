import NNEngine

/// Why a call into or out of Lua failed.
enum LuaError: Error {
  /// A value that the running function cannot use; `function` and the position are added on the way out.
  case argument(Int, String)
  /// A finished sentence.
  case message(String)
  /// The error value, of any Lua type, was set aside: `LuaState.pushRaised`.
  case raised
}

extension LuaError {
  /// Turns any error of the engine into a Lua error: its description is one line already.
  init(_ error: some Error) { self = (error as? LuaError) ?? .message("\(error)") }
}

/// "unknown field 'actvation'; did you mean 'activation'?"
func unknownName(_ name: String, kind: String, among known: [String]) -> String {
  "unknown \(kind) '\(name)'" + Suggestion.hint(for: name, among: known)
}
