// Names and documentation are those of include/nn.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

public import CNN
internal import NNEngine

/// The variables of a built model.
private func variables(_ model: Model) throws(NNError) -> [Variable] {
  guard model.isBuilt else { throw notBuilt(model) }
  return model.variables
}

/// The variable at an index that comes from outside.
private func variable(_ model: OpaquePointer?, _ index: Int32) throws(NNError) -> Variable {
  try Handles.model(model).read { (model) throws(NNError) in
    let all = try variables(model)
    return all[try Given.index(index, below: all.count, "weight arrays")]
  }
}

@c @implementation
public func nn_model_weight_count(_ model: OpaquePointer?) -> Int32 {
  getter("nn_model_weight_count", -1) { () throws(NNError) in
    try Handles.model(model).read { (model) throws(NNError) in Int32(clamping: try variables(model).count) }
  }
}

@c @implementation
public func nn_model_weight_name(_ model: OpaquePointer?, _ index: Int32) -> UnsafePointer<CChar>? {
  getter("nn_model_weight_name", nil) { () throws(NNError) in
    try Handles.find(model, .model, "model").lend(variable(model, index).path + ":0")
  }
}

@c @implementation
public func nn_model_weight_shape(
  _ shape: UnsafeMutablePointer<Int64>?, _ rank: UnsafeMutablePointer<Int32>?, _ model: OpaquePointer?, _ index: Int32
) -> nn_status {
  entry("nn_model_weight_shape") { () throws(NNError) in try Taken.shape(shape, rank, variable(model, index).shape) }
}

@c @implementation
public func nn_model_get_weight(
  _ weight: UnsafeMutablePointer<OpaquePointer?>?, _ model: OpaquePointer?, _ index: Int32
) -> nn_status {
  entry("nn_model_get_weight") { () throws(NNError) in
    let out = try Given.handle(weight, "weight")
    let value = try Handles.model(model).read { (_) throws(NNError) in try variable(model, index).value() }
    out.pointee = Handles.new(.tensor(value))
  }
}

@c @implementation
public func nn_model_set_weight(_ model: OpaquePointer?, _ index: Int32, _ weight: OpaquePointer?) -> nn_status {
  entry("nn_model_set_weight") { () throws(NNError) in
    let (box, weight) = (try Handles.model(model), try Handles.tensor(weight, "weight"))
    try box.change { (_) throws(NNError) in try variable(model, index).set(weight) }
  }
}

@c @implementation
public func nn_model_get_weight_trainable(_ model: OpaquePointer?, _ index: Int32) -> Int32 {
  getter("nn_model_get_weight_trainable", -1) { () throws(NNError) in try variable(model, index).trainable ? 1 : 0 }
}

@c @implementation
public func nn_model_set_weight_trainable(_ model: OpaquePointer?, _ index: Int32, _ trainable: Int32) -> nn_status {
  entry("nn_model_set_weight_trainable") { () throws(NNError) in
    let box = try Handles.model(model)
    let flag = try Given.flag(trainable, "trainable")
    try box.change { (_) throws(NNError) in
      let variable = try variable(model, index)
      guard variable.role == .weight || !flag else {
        throw NNError(.invalidArgument, "'\(variable.path):0' is kept by its layer, and never trained")
      }
      variable.trainable = flag
    }
  }
}

@c @implementation
public func nn_model_get_weights(
  _ weights: UnsafeMutablePointer<OpaquePointer?>?, _ capacity: Int32, _ model: OpaquePointer?
) -> nn_status {
  entry("nn_model_get_weights") { () throws(NNError) in
    try giveWeights(weights, capacity) { () throws(NNError) in
      try Handles.model(model).read { (model) throws(NNError) in
        _ = try variables(model)
        return try model.getWeights()
      }
    }
  }
}

@c @implementation
public func nn_model_set_weights(
  _ model: OpaquePointer?, _ weights: UnsafePointer<OpaquePointer?>?, _ count: Int32
) -> nn_status {
  entry("nn_model_set_weights") { () throws(NNError) in
    let box = try Handles.model(model)
    guard let weights else { throw Given.isNull("weights") }
    try box.change { (model) throws(NNError) in
      try model.setWeights(takenWeights(weights, count, variables(model).count, "the model has"))
    }
  }
}

@c @implementation
public func nn_model_optimizer_weight_count(_ model: OpaquePointer?) -> Int32 {
  getter("nn_model_optimizer_weight_count", -1) { () throws(NNError) in
    let values = try Handles.model(model).read { (model) throws(NNError) in try model.getOptimizerWeights() }
    return Int32(clamping: values.count)
  }
}

@c @implementation
public func nn_model_get_optimizer_weights(
  _ weights: UnsafeMutablePointer<OpaquePointer?>?, _ capacity: Int32, _ model: OpaquePointer?
) -> nn_status {
  entry("nn_model_get_optimizer_weights") { () throws(NNError) in
    try giveWeights(weights, capacity) { () throws(NNError) in
      try Handles.model(model).read { (model) throws(NNError) in try model.getOptimizerWeights() }
    }
  }
}

@c @implementation
public func nn_model_set_optimizer_weights(
  _ model: OpaquePointer?, _ weights: UnsafePointer<OpaquePointer?>?, _ count: Int32
) -> nn_status {
  entry("nn_model_set_optimizer_weights") { () throws(NNError) in
    let box = try Handles.model(model)
    guard let weights else { throw Given.isNull("weights") }
    try box.change { (model) throws(NNError) in
      let expected = try model.getOptimizerWeights().count
      try model.setOptimizerWeights(takenWeights(weights, count, expected, "the optimizer keeps"))
    }
  }
}

// MARK: Lists of weights

/// Hands out copies, each of which the caller frees.
func giveWeights(
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ capacity: Int32, _ values: () throws(NNError) -> [Tensor]
) throws(NNError) {
  let out = try Given.pointer(out, "weights")
  let values = try values()
  guard Int(capacity) >= values.count else {
    throw NNError(.invalidArgument, "argument 'capacity' is \(capacity), but there are \(values.count) weight arrays")
  }
  for (i, value) in values.enumerated() { out[i] = Handles.new(.tensor(value)) }
}

/// `owner`: who wants how many, as the error says it.
private func takenWeights(
  _ weights: UnsafePointer<OpaquePointer?>, _ count: Int32, _ expected: Int, _ owner: String
) throws(NNError) -> [Tensor] {
  guard Int(count) == expected else {
    throw NNError(.shape, "argument 'count' is \(count), but \(owner) \(expected) weight arrays")
  }
  var tensors: [Tensor] = []
  for i in 0..<expected { tensors.append(try Handles.tensor(weights[i], "weights[\(i)]")) }
  return tensors
}
