// Names and documentation are those of include/nn.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

public import CNN
internal import NNEngine
internal import Synchronization

/// The handles of the models that train now, in words that are never freed, so that a signal handler can mark one: it takes
/// no lock, allocates nothing, and cannot touch a model that is just being freed.
enum Cancellation {
  private static let capacity = 256
  private static let mark: UInt = 1 << 63
  nonisolated(unsafe) private static let words: UnsafeMutablePointer<Atomic<UInt>> = {
    let words = UnsafeMutablePointer<Atomic<UInt>>.allocate(capacity: capacity)
    for i in 0..<capacity { (words + i).initialize(to: Atomic(0)) }
    return words
  }()

  /// Creates the words, before there is a model that could be cancelled.
  static func prepare() { _ = words }

  /// A word for a model that begins to train.
  static func begin(_ handle: UInt) throws(NNError) -> Int {
    for i in 0..<capacity where words[i].compareExchange(expected: 0, desired: handle, ordering: .acquiring).exchanged {
      return i
    }
    throw NNError(.notSupported, "\(capacity) models are training at the same time already")
  }

  static func end(_ word: Int) { words[word].store(0, ordering: .releasing) }

  static func isRequested(_ word: Int) -> Bool { words[word].load(ordering: .relaxed) & mark != 0 }

  static func request(_ handle: UInt) {
    for i in 0..<capacity {
      _ = words[i].compareExchange(expected: handle, desired: handle | mark, ordering: .relaxed)
    }
  }
}

@c @implementation
public func nn_cancel(_ model: OpaquePointer?) -> nn_status {
  // No entry(): it could set the last error, which allocates. A model's handle exists only where the engine can run.
  let bits = UInt(bitPattern: model)
  guard Handles.kind(bits) == .model else { return -1 }
  Cancellation.request(bits)
  return 0
}
