// Names and documentation are those of include/nn.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

public import CNN
internal import NNEngine

@c @implementation
public func nn_callback_new(
  _ callback: UnsafeMutablePointer<OpaquePointer?>?, _ name: UnsafePointer<CChar>?, _ config: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_callback_new") { () throws(NNError) in
    let out = try Given.handle(callback, "callback")
    let entry = try Callbacks.registry.entry(Given.text(name, "name"))
    out.pointee = Handles.new(.callback(try entry.make(Arguments([], Given.object(config, "config")))))
  }
}

@c @implementation
public func nn_callback_learning_rate_scheduler(
  _ callback: UnsafeMutablePointer<OpaquePointer?>?, _ function: nn_epoch_rate?,
  _ release: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?, _ user: UnsafeMutableRawPointer?
) -> nn_status {
  entry("nn_callback_learning_rate_scheduler") { () throws(NNError) in
    let out = try Given.handle(callback, "callback")
    guard let function else { throw Given.isNull("function") }
    let schedule = EpochRateInC(function, UserPointer(user, release))
    out.pointee = Handles.new(
      .callback(try Callbacks.make("LearningRateScheduler", Arguments([.object(schedule)]))))
  }
}

@c @implementation
public func nn_callback_model_checkpoint(
  _ callback: UnsafeMutablePointer<OpaquePointer?>?, _ config: UnsafePointer<CChar>?, _ function: nn_save?,
  _ release: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?, _ user: UnsafeMutableRawPointer?
) -> nn_status {
  entry("nn_callback_model_checkpoint") { () throws(NNError) in
    let out = try Given.handle(callback, "callback")
    var arguments = try Given.object(config, "config")
    let pointer = UserPointer(user, release)
    do throws(NNError) {
      if let function { arguments["on_save"] = .object(SaveInC(function, pointer)) }
      out.pointee = Handles.new(.callback(try Callbacks.make("ModelCheckpoint", Arguments([], arguments))))
    } catch {
      pointer.giveUp()
      throw error
    }
  }
}

@c @implementation
public func nn_callback_from_hooks(
  _ callback: UnsafeMutablePointer<OpaquePointer?>?, _ hooks: UnsafePointer<nn_hooks>?
) -> nn_status {
  entry("nn_callback_from_hooks") { () throws(NNError) in
    let out = try Given.handle(callback, "callback")
    guard let hooks else { throw Given.isNull("hooks") }
    let own = try nn_hooks(reading: hooks)
    guard (own.get_state == nil) == (own.set_state == nil) else {
      throw NNError(.invalidArgument, "get_state and set_state belong together; only one of them is there")
    }
    out.pointee = Handles.new(.callback(Hooks(own)))
  }
}

@c @implementation
public func nn_event_log(
  _ event: UnsafePointer<nn_event>?, _ name: UnsafePointer<CChar>?, _ value: Double
) -> nn_status {
  entry("nn_event_log") { () throws(NNError) in
    guard let event else { throw Given.isNull("event") }
    let name = try Given.text(name, "name")
    guard !name.isEmpty else { throw NNError(.invalidArgument, "argument 'name' is empty") }
    guard let logs = OpenEvents.find(event) else {
      throw NNError(.state, "only possible while on_epoch_end is running, with its event")
    }
    logs[name] = value
  }
}

@c @implementation
public func nn_callback_free(_ callback: OpaquePointer?) { Handles.free(callback, .callback) }

/// A callback that shows something of itself.
private func readable(_ callback: OpaquePointer?) throws(NNError) -> any ReadableCallback {
  guard let readable = try Handles.callback(callback) as? any ReadableCallback else {
    throw NNError(.notSupported, "a callback made of hooks has no state and no arguments")
  }
  return readable
}

@c @implementation
public func nn_callback_get(
  _ value: UnsafeMutablePointer<Double>?, _ callback: OpaquePointer?, _ name: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_callback_get") { () throws(NNError) in
    let out = try Given.pointer(value, "value")
    let callback = try readable(callback)
    let name = try Given.text(name, "name")
    let all = callback.state.entries + callback.configuration.entries
    guard let found = all.first(where: { $0.name == name }) else {
      throw NNError(
        .notFound, "\(callback.className) has no '\(name)'" + Suggestion.hint(for: name, among: all.map(\.name)))
    }
    switch found.value {
    case .number(let number): out.pointee = number
    case .integer(let number): out.pointee = Double(number)
    case .bool(let truth): out.pointee = truth ? 1 : 0
    case .null: throw NNError(.notFound, "\(callback.className): '\(name)' has no value yet")
    default: throw NNError(.notFound, "\(callback.className): '\(name)' is no number")
    }
  }
}

@c @implementation
public func nn_callback_state_json(
  _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ callback: OpaquePointer?
) -> nn_status {
  entry("nn_callback_state_json") { () throws(NNError) in
    let out = try Given.text(json, "json")
    let entries = try readable(callback).state.entries.filter { !$0.name.hasSuffix("weights") }
    try Taken.text(out, JSON.text(.table(Value.Table(entries.map { ($0.name, $0.value) }))))
  }
}

@c @implementation
public func nn_callback_config_json(
  _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ callback: OpaquePointer?
) -> nn_status {
  entry("nn_callback_config_json") { () throws(NNError) in
    let out = try Given.text(json, "json")
    try Taken.text(out, JSON.text(.table(readable(callback).configuration)))
  }
}

/// The weights that a callback keeps.
private func weights(_ callback: OpaquePointer?) throws(NNError) -> [Tensor] {
  guard let state = (try Handles.callback(callback) as? any ReadableCallback)?.state else { return [] }
  guard case .list(let items)? = state["weights"] ?? state["best_weights"] else { return [] }
  return items.compactMap { if case .object(let object) = $0 { (object as? Boxed<Tensor>)?.value } else { nil } }
}

@c @implementation
public func nn_callback_weight_count(_ callback: OpaquePointer?) -> Int32 {
  getter("nn_callback_weight_count", -1) { () throws(NNError) in Int32(clamping: try weights(callback).count) }
}

@c @implementation
public func nn_callback_get_weights(
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ capacity: Int32, _ callback: OpaquePointer?
) -> nn_status {
  entry("nn_callback_get_weights") { () throws(NNError) in
    try giveWeights(out, capacity) { () throws(NNError) in try weights(callback) }
  }
}
