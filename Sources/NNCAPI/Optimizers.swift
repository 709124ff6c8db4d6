// Names and documentation are those of include/nn.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

public import CNN
internal import NNEngine

@c @implementation
public func nn_optimizer_new(
  _ optimizer: UnsafeMutablePointer<OpaquePointer?>?, _ name: UnsafePointer<CChar>?, _ config: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_optimizer_new") { () throws(NNError) in
    let out = try Given.handle(optimizer, "optimizer")
    let entry = try Optimizer.registry.entry(Given.text(name, "name"))
    out.pointee = Handles.new(.optimizer(try entry.make(Arguments([], Given.object(config, "config")))))
  }
}

@c @implementation
public func nn_optimizer_free(_ optimizer: OpaquePointer?) { Handles.free(optimizer, .optimizer) }

@c @implementation
public func nn_optimizer_get_learning_rate(
  _ rate: UnsafeMutablePointer<Double>?, _ optimizer: OpaquePointer?
) -> nn_status {
  entry("nn_optimizer_get_learning_rate") { () throws(NNError) in
    try Given.pointer(rate, "rate").pointee = Handles.optimizer(optimizer).learningRate
  }
}

@c @implementation
public func nn_optimizer_set_learning_rate(_ optimizer: OpaquePointer?, _ rate: Double) -> nn_status {
  entry("nn_optimizer_set_learning_rate") { () throws(NNError) in
    let optimizer = try Handles.optimizer(optimizer)
    guard rate.isFinite, rate >= 0 else {
      throw NNError(.invalidArgument, "argument 'rate' must be a finite number that is not negative, got \(rate)")
    }
    try optimizer.setLearningRate(rate)
  }
}

@c @implementation
public func nn_optimizer_set_schedule(
  _ optimizer: OpaquePointer?, _ schedule: nn_schedule?,
  _ release: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?, _ user: UnsafeMutableRawPointer?
) -> nn_status {
  entry("nn_optimizer_set_schedule") { () throws(NNError) in
    let optimizer = try Handles.optimizer(optimizer)
    guard let schedule else { throw Given.isNull("schedule") }
    optimizer.setSchedule(Schedule(ScheduleInC(schedule, UserPointer(user, release))))
  }
}

@c @implementation
public func nn_optimizer_set(
  _ optimizer: OpaquePointer?, _ field: UnsafePointer<CChar>?, _ value: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_optimizer_set") { () throws(NNError) in
    let optimizer = try Handles.optimizer(optimizer)
    let (field, text) = (try Given.text(field, "field"), try Given.text(value, "value"))
    try optimizer.set(field, Given.parsed(text, "value"))
  }
}

@c @implementation
public func nn_optimizer_iterations(_ optimizer: OpaquePointer?) -> Int64 {
  getter("nn_optimizer_iterations", -1) { () throws(NNError) in Int64(try Handles.optimizer(optimizer).iterations) }
}

@c @implementation
public func nn_optimizer_config_json(
  _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ optimizer: OpaquePointer?
) -> nn_status {
  entry("nn_optimizer_config_json") { () throws(NNError) in
    let out = try Given.text(json, "json")
    try Taken.text(out, JSON.text(.table(Handles.optimizer(optimizer).configuration)))
  }
}
