// Names and documentation are those of include/nn.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

internal import CNN
internal import NNEngine

@c @implementation
public func nn_history_free(_ history: OpaquePointer?) { Handles.free(history, .history) }

@c @implementation
public func nn_history_epoch_count(_ history: OpaquePointer?) -> Int64 {
  getter("nn_history_epoch_count", -1) { () throws(NNError) in Int64(try Handles.history(history).history.epochs.count)
  }
}

@c @implementation
public func nn_history_key_count(_ history: OpaquePointer?) -> Int32 {
  getter("nn_history_key_count", -1) { () throws(NNError) in
    Int32(clamping: try Handles.history(history).history.keys.count)
  }
}

@c @implementation
public func nn_history_key(_ history: OpaquePointer?, _ index: Int32) -> UnsafePointer<CChar>? {
  getter("nn_history_key", nil) { () throws(NNError) in
    let keys = try Handles.history(history).history.keys
    let position = try Given.index(index, below: keys.count, "recorded quantities")
    return try Handles.find(history, .history, "history").lend(keys[position])
  }
}

@c @implementation
public func nn_history_values(
  _ count: UnsafeMutablePointer<Int64>?, _ history: OpaquePointer?, _ key: UnsafePointer<CChar>?
) -> UnsafePointer<Double>? {
  getter("nn_history_values", nil) { () throws(NNError) in
    count?.pointee = 0
    let record = try Handles.history(history).history
    let key = try Given.text(key, "key")
    let values = try record.values(key)
    count?.pointee = Int64(values.count)
    let size = values.count * MemoryLayout<Double>.stride
    return try Handles.find(history, .history, "history").lend("values " + key, byteCount: size) {
      $0.copyMemory(from: values, byteCount: size)
    }.assumingMemoryBound(to: Double.self)
  }
}

@c @implementation
public func nn_history_was_cancelled(_ history: OpaquePointer?) -> Int32 {
  getter("nn_history_was_cancelled", -1) { () throws(NNError) in try Handles.history(history).wasCancelled ? 1 : 0 }
}
