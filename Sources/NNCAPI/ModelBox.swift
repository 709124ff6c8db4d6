internal import CNN
internal import NNEngine

/// A model behind its handle: calls from several threads take turns, and a callback cannot pull the model away from under the
/// training that called it.
final class ModelBox {
  private let model: Model
  private let lock = Lock()
  private var isTraining = false

  init(_ model: Model) { self.model = model }

  /// For calls that only read; a callback may make them.
  func read<T>(_ body: (Model) throws(NNError) -> T) throws(NNError) -> T {
    lock.lock()
    defer { lock.unlock() }
    return try body(model)
  }

  /// For calls that change or run the model; from a callback of its own training they are errors.
  func change<T>(_ body: (Model) throws(NNError) -> T) throws(NNError) -> T {
    lock.lock()
    defer { lock.unlock() }
    guard !isTraining else {
      throw NNError(.state, "not possible from a callback while the model '\(model.name)' is training")
    }
    return try body(model)
  }

  /// For what nn_cancel can stop, training and evaluation: `body` also gets the word in which a cancellation shows.
  func train<T>(_ handle: OpaquePointer?, _ body: (Model, Int) throws(NNError) -> T) throws(NNError) -> T {
    try change { (model) throws(NNError) in
      let word = try Cancellation.begin(UInt(bitPattern: handle))
      isTraining = true
      defer {
        isTraining = false
        Cancellation.end(word)
      }
      return try body(model, word)
    }
  }
}
