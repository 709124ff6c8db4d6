/// A function of the user's, in whatever language it is written. It travels through configurations as `Value.object`.
public protocol UserFunction: AnyObject {
  /// Calls it. `Logs` among the arguments may come back with other values. An error ends what called it.
  func call(_ arguments: [Value]) throws(NNError) -> Value
}

/// A Swift closure as a user's function.
public final class SwiftFunction: UserFunction {
  private let body: ([Value]) throws(NNError) -> Value

  /// The closure, to give to a configuration as `.object`.
  public init(_ body: @escaping ([Value]) throws(NNError) -> Value) { self.body = body }

  /// Calls the closure.
  public func call(_ arguments: [Value]) throws(NNError) -> Value { try body(arguments) }
}

/// A user's function in a configuration.
struct FunctionReference: ConfigValue {
  let function: any UserFunction

  static let kind = "a function"
  static func decode(_ value: Value) -> FunctionReference? {
    guard case .object(let object) = value, let function = object as? any UserFunction else { return nil }
    return FunctionReference(function: function)
  }
  var encoded: Value { .object(function) }

  @discardableResult
  func callAsFunction(_ arguments: Value...) throws(NNError) -> Value { try function.call(arguments) }
}

extension Check where V == FunctionReference? {
  /// For a field that must be given: its placeholder is nil.
  static var function: Check { Check(FunctionReference.kind) { $0 != nil } }
}
