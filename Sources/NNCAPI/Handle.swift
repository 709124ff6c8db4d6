internal import Glibc
internal import NNEngine

/// The types of handles, in the low bits of every handle.
enum Kind: UInt {
  case tensor = 1
  case layer = 2
  case optimizer = 3
  case model = 4
  case history = 5
  case callback = 6
  case output = 7

  /// For messages.
  var text: String {
    switch self {
    case .tensor: "a tensor"
    case .layer: "a layer"
    case .optimizer: "an optimizer"
    case .model: "a model"
    case .history: "a history"
    case .callback: "a callback"
    case .output: "an output of a layer"
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
    /// Inside a user's function: a tensor whose numbers come later.
    case symbol(ScopedSymbol)
    case layer(Layer)
    case optimizer(Optimizer)
    case model(ModelBox)
    case history(Record)
    case callback(any Callback)
    case output(LayerOutput)

    var kind: Kind {
      switch self {
      case .tensor, .symbol: .tensor
      case .layer: .layer
      case .optimizer: .optimizer
      case .model: .model
      case .history: .history
      case .callback: .callback
      case .output: .output
      }
    }
  }

  let content: Content
  private var lent: [String: UnsafeMutableRawPointer] = [:]

  init(_ content: Content) { self.content = content }

  deinit { for pointer in lent.values { free(pointer) } }

  /// Memory that lives as long as the handle, made at the first request with this key.
  func lend(_ key: String, byteCount: Int, _ fill: (UnsafeMutableRawPointer) -> Void) throws(NNError)
    -> UnsafeRawPointer
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
