internal import CNN
internal import Glibc
internal import NNEngine

/// Makes events of a training for functions in C.
final class Events {
  private var names: [String: UnsafeMutablePointer<CChar>] = [:]
  var epoch = 0

  deinit { for name in names.values { free(name) } }

  /// Calls `function` with an event; gives its result.
  func send(
    _ kind: Int, _ run: TrainingRun, batch: Int = 0, _ logs: [(name: String, value: Double)] = [], open: Logs? = nil,
    message: String? = nil, to function: (UnsafePointer<nn_event>) -> Int32
  ) throws(NNError) -> Int32 {
    let logs = open?.entries ?? logs
    var texts: [UnsafePointer<CChar>?] = []
    for (name, _) in logs { texts.append(try text(name)) }
    let values = logs.map(\.value)
    var event = nn_event()
    event.struct_size = MemoryLayout<nn_event>.size
    event.kind = Int32(kind)
    event.value_count = Int32(clamping: values.count)
    event.epoch = Int64(epoch)
    event.epochs = Int64(run.epochs)
    event.batch = Int64(batch)
    event.batches = Int64(run.steps)
    event.sample = Int64(run.samplesSeen)
    event.samples = Int64(run.samples)
    return texts.withUnsafeBufferPointer { texts in
      values.withUnsafeBufferPointer { values in
        event.names = texts.baseAddress
        event.values = values.baseAddress
        func call(_ text: UnsafePointer<CChar>?) -> Int32 {
          event.message = text
          return withUnsafePointer(to: &event) { pointer in
            guard let open else { return function(pointer) }
            OpenEvents.begin(pointer, open)
            defer { OpenEvents.end(pointer) }
            return function(pointer)
          }
        }
        return message?.withCString(call) ?? call(nil)
      }
    }
  }

  /// The name as C sees it, the same pointer for the whole run.
  private func text(_ name: String) throws(NNError) -> UnsafePointer<CChar> {
    if let known = names[name] { return UnsafePointer(known) }
    guard let copy = strdup(name) else { throw NNError(.outOfMemory, "out of memory while an event was reported") }
    names[name] = copy
    return UnsafePointer(copy)
  }
}

/// The events of on_epoch_end whose functions are running: their logs can be added to. By address, so that any other pointer is
/// an error.
enum OpenEvents {
  nonisolated(unsafe) private static var logs: [UnsafePointer<nn_event>: Logs] = [:]

  static func begin(_ event: UnsafePointer<nn_event>, _ open: Logs) {
    Handles.lock.lock()
    defer { Handles.lock.unlock() }
    logs[event] = open
  }

  static func end(_ event: UnsafePointer<nn_event>) {
    Handles.lock.lock()
    defer { Handles.lock.unlock() }
    logs[event] = nil
  }

  static func find(_ event: UnsafePointer<nn_event>) -> Logs? {
    Handles.lock.lock()
    defer { Handles.lock.unlock() }
    return logs[event]
  }
}
