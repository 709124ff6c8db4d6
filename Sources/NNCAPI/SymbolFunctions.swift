// Names and documentation are those of include/nn.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

public import CNN
internal import NNEngine
internal import Synchronization

/// A C function of symbols. Files know it by the name under which it is registered.
private final class CFunction: NamedFunction {
  private let function: nn_function
  private let user: UserPointer

  init(_ function: @escaping nn_function, _ user: UserPointer) {
    self.function = function
    self.user = user
  }

  private struct Identity: Hashable {
    let function: UInt
    let user: UInt
  }
  private var identity: Identity {
    Identity(function: unsafeBitCast(function, to: UInt.self), user: UInt(bitPattern: user.pointer))
  }

  private static let names = Mutex<[String: Identity]>([:])

  var name: String? {
    let identity = identity
    return CFunction.names.withLock { names in names.filter { $0.value == identity }.keys.min() }
  }

  /// Makes a function known by a name; nil forgets it.
  static func register(_ name: String, _ function: CFunction?) {
    let identity = function?.identity
    names.withLock { $0[name] = identity }
    CustomFunctions.register(name, function)
  }

  /// Arguments: a symbol or a list of symbols, then a table with `training`.
  func call(_ arguments: [Value]) throws(NNError) -> Value {
    var training = false
    if let options = arguments.last?.table, case .bool(let flag)? = options["training"] { training = flag }
    var inputs: [Value] = []
    switch arguments.first {
    case .list(let symbols)?: inputs = symbols
    case let symbol?: inputs = [symbol]
    case nil: break
    }
    var handles: [OpaquePointer?] = []
    for case .object(let object) in inputs {
      if let symbol = object as? ScopedSymbol { handles.append(Handles.new(.symbol(symbol))) }
    }
    var result: OpaquePointer?
    let status = handles.withUnsafeBufferPointer { handles in
      function(&result, handles.baseAddress, Int32(clamping: handles.count), training ? 1 : 0, user.pointer)
    }
    defer {
      Handles.free(result, .tensor)
      for handle in handles { Handles.free(handle, .tensor) }
    }
    guard status == 0 else { throw LastError.error(status, of: "the function") }
    switch try Handles.operand(result, "result") {
    case .symbol(let symbol): return .object(symbol)
    case .tensor(let tensor): return .object(Boxed(tensor))
    }
  }
}

@c @implementation
public func nn_lambda(
  _ layer: UnsafeMutablePointer<OpaquePointer?>?, _ function: nn_function?,
  _ release: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?, _ user: UnsafeMutableRawPointer?,
  _ config: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_lambda") { () throws(NNError) in
    let out = try Given.handle(layer, "layer")
    guard let function else { throw Given.isNull("function") }
    var arguments = try Given.object(config, "config")
    guard arguments["function"] == nil else {
      throw NNError(.invalidArgument, "argument 'config' must not name a 'function': it is an argument of its own")
    }
    let pointer = UserPointer(user, release)
    arguments["function"] = .object(CFunction(function, pointer))
    do throws(NNError) {
      out.pointee = Handles.new(.layer(try Layer.make("Lambda", Arguments([], arguments))))
    } catch {
      pointer.giveUp()
      throw error
    }
  }
}

@c @implementation
public func nn_register_function(
  _ name: UnsafePointer<CChar>?, _ function: nn_function?,
  _ release: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?, _ user: UnsafeMutableRawPointer?
) -> nn_status {
  entry("nn_register_function") { () throws(NNError) in
    let name = try Given.text(name, "name")
    guard !name.isEmpty else { throw NNError(.invalidArgument, "argument 'name' is empty") }
    CFunction.register(name, function.map { CFunction($0, UserPointer(user, release)) })
  }
}
