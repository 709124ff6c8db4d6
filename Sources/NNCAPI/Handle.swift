internal import CNN
internal import Glibc
internal import NNEngine

/// The types of handles, in the low bits of every handle.
enum Kind: UInt {
  case tensor = 1
  case layer = 2
  case optimizer = 3
  case model = 4
  case history = 5

  /// For messages.
  var text: String {
    switch self {
    case .tensor: "a tensor"
    case .layer: "a layer"
    case .optimizer: "an optimizer"
    case .model: "a model"
    case .history: "a history"
    }
  }
}

/// What a run recorded, and how it ended.
struct Record {
  let history: History
  let wasCancelled: Bool
}

/// What a handle stands for, and the memory that its getters lent.
///
/// Unchecked: the table's lock guards the lent memory; for the objects, nn.h's sentence on threads holds.
final class Handle: @unchecked Sendable {
  enum Content {
    case tensor(Tensor)
    case layer(Layer)
    case optimizer(Optimizer)
    case model(ModelBox)
    case history(Record)

    var kind: Kind {
      switch self {
      case .tensor: .tensor
      case .layer: .layer
      case .optimizer: .optimizer
      case .model: .model
      case .history: .history
      }
    }
  }

  let content: Content
  private var lent: [String: UnsafeMutableRawPointer] = [:]

  init(_ content: Content) { self.content = content }

  deinit { for pointer in lent.values { free(pointer) } }

  /// Memory that lives as long as the handle, made at the first request with this key.
  func lend(_ key: String, byteCount: Int, _ fill: (UnsafeMutableRawPointer) -> Void) throws(NNError) -> UnsafeRawPointer
  {
    Handles.lock.lock()
    defer { Handles.lock.unlock() }
    if let present = lent[key] { return UnsafeRawPointer(present) }
    guard let memory = malloc(max(byteCount, 1)) else {
      throw NNError(.outOfMemory, "out of memory: \(byteCount) bytes could not be allocated")
    }
    fill(memory)
    lent[key] = memory
    return UnsafeRawPointer(memory)
  }

  /// A text as C sees it, living as long as the handle.
  func lend(_ text: String) throws(NNError) -> UnsafePointer<CChar> {
    let bytes = Array(text.utf8) + [0]
    return try lend("text " + text, byteCount: bytes.count) { $0.copyMemory(from: bytes, byteCount: bytes.count) }
      .assumingMemoryBound(to: CChar.self)
  }
}

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
    guard case .tensor(let tensor) = try find(pointer, .tensor, argument).content else { throw mixedUp }
    return tensor
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

  private static var mixedUp: NNError { NNError(.internal, "a handle's kind and content differ") }
}
