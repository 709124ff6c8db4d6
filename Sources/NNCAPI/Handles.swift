internal import CNN
internal import NNEngine

/// All live handles.
///
/// A handle is a number that looks like a pointer: a counter that never returns, the kind, and a low bit that no aligned
/// address has. So a freed, foreign or mistaken handle is recognised, and nothing is ever read through it.
enum Handles {
  static let lock = Lock()
  nonisolated(unsafe) private static var live: [UInt: Handle] = [:]
  nonisolated(unsafe) private static var counter: UInt = 0

  static func new(_ content: Handle.Content) -> OpaquePointer? {
    lock.lock()
    defer { lock.unlock() }
    counter &+= 1
    let bits = counter << 4 | content.kind.rawValue << 1 | 1
    live[bits] = Handle(content)
    return OpaquePointer(bitPattern: bits)
  }

  /// Forgets a handle; what is not a live handle of this kind is left alone.
  static func free(_ pointer: OpaquePointer?, _ kind: Kind) {
    let bits = UInt(bitPattern: pointer)
    guard Handles.kind(bits) == kind else { return }
    lock.lock()
    let handle = live.removeValue(forKey: bits)
    lock.unlock()
    // Outside the lock: the last reference may run the caller's release function, which may call us again.
    _ = consume handle
  }

  static func find(_ pointer: OpaquePointer?, _ kind: Kind, _ argument: String) throws(NNError) -> Handle {
    guard let pointer else { throw Given.isNull(argument) }
    let bits = UInt(bitPattern: pointer)
    lock.lock()
    let handle = live[bits]
    lock.unlock()
    guard let handle else {
      throw NNError(
        .invalidArgument, "argument '\(argument)' must be \(kind.text), but it was freed, or never was a handle")
    }
    guard handle.content.kind == kind else {
      throw NNError(.invalidArgument, "argument '\(argument)' is \(handle.content.kind.text), expected \(kind.text)")
    }
    return handle
  }

  /// What kind of handle these bits would be; nil when they cannot be one.
  static func kind(_ bits: UInt) -> Kind? { bits & 1 == 1 ? Kind(rawValue: bits >> 1 & 7) : nil }

  static func tensor(_ pointer: OpaquePointer?, _ argument: String = "tensor") throws(NNError) -> Tensor {
    switch try operand(pointer, argument) {
    case .tensor(let tensor): return tensor
    case .symbol(let symbol): throw symbol.hasNoNumbers(for: "argument '\(argument)'")
    }
  }

  /// A tensor, or a symbol that stands for one.
  static func operand(_ pointer: OpaquePointer?, _ argument: String = "tensor") throws(NNError) -> SymbolOperand {
    switch try find(pointer, .tensor, argument).content {
    case .tensor(let tensor): return .tensor(tensor)
    case .symbol(let symbol): return .symbol(symbol)
    default: throw mixedUp
    }
  }

  static func layer(_ pointer: OpaquePointer?, _ argument: String = "layer") throws(NNError) -> Layer {
    guard case .layer(let layer) = try find(pointer, .layer, argument).content else { throw mixedUp }
    return layer
  }

  static func optimizer(_ pointer: OpaquePointer?, _ argument: String = "optimizer") throws(NNError) -> Optimizer {
    guard case .optimizer(let optimizer) = try find(pointer, .optimizer, argument).content else { throw mixedUp }
    return optimizer
  }

  static func model(_ pointer: OpaquePointer?, _ argument: String = "model") throws(NNError) -> ModelBox {
    guard case .model(let model) = try find(pointer, .model, argument).content else { throw mixedUp }
    return model
  }

  static func history(_ pointer: OpaquePointer?, _ argument: String = "history") throws(NNError) -> Record {
    guard case .history(let record) = try find(pointer, .history, argument).content else { throw mixedUp }
    return record
  }

  static func output(_ pointer: OpaquePointer?, _ argument: String) throws(NNError) -> LayerOutput {
    guard case .output(let output) = try find(pointer, .output, argument).content else { throw mixedUp }
    return output
  }

  static func callback(_ pointer: OpaquePointer?, _ argument: String = "callback") throws(NNError) -> any Callback {
    guard case .callback(let callback) = try find(pointer, .callback, argument).content else { throw mixedUp }
    return callback
  }

  private static var mixedUp: NNError { NNError(.internal, "a handle's kind and content differ") }
}
