import Synchronization

/// Users' functions by name (Keras's custom objects): what a file's loss, metric or activation means that is a function of the user's. A file
/// itself carries no code.
public enum CustomFunctions {
  private struct Known: @unchecked Sendable { var functions: [String: any UserFunction] = [:] }
  private static let known = Mutex(Known())

  /// Makes a function known by a name; nil forgets it.
  public static func register(_ name: String, _ function: (any UserFunction)?) {
    let reference = Known(functions: function.map { [name: $0] } ?? [:])
    // What is forgotten may have the last word of a user's object: not under the lock.
    _ = known.withLock { known in
      let before = Known(functions: known.functions)
      known.functions[name] = reference.functions[name]
      return before
    }
  }

  static func function(_ name: String) -> (any UserFunction)? {
    known.withLock { Known(functions: $0.functions) }.functions[name]
  }
}
