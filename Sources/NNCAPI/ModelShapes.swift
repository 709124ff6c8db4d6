// Names and documentation are those of include/nn.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

public import CNN
internal import NNEngine

@c @implementation
public func nn_model_build(_ model: OpaquePointer?, _ rank: Int32, _ shape: UnsafePointer<Int64>?) -> nn_status {
  entry("nn_model_build") { () throws(NNError) in
    let box = try Handles.model(model)
    let shape = try Given.shape(rank, shape)
    try box.change { (model) throws(NNError) in try model.build(inputShape: shape.dimensions) }
  }
}

@c @implementation
public func nn_model_is_built(_ model: OpaquePointer?) -> Int32 {
  getter("nn_model_is_built", -1) { () throws(NNError) in try Handles.model(model).read { $0.isBuilt ? 1 : 0 } }
}

/// What a model that has no weights yet cannot tell.
func notBuilt(_ model: Model) -> NNError {
  NNError(
    .state, "the model '\(model.name)' is not built yet: give its first layer an input_shape, or call nn_model_build")
}

@c @implementation
public func nn_model_input_shape(
  _ shape: UnsafeMutablePointer<Int64>?, _ rank: UnsafeMutablePointer<Int32>?, _ model: OpaquePointer?
) -> nn_status {
  entry("nn_model_input_shape") { () throws(NNError) in
    let known = try Handles.model(model).read { (model) throws(NNError) in
      guard let shape = model.inputShape else { throw notBuilt(model) }
      return shape
    }
    try Taken.shape(shape, rank, known)
  }
}

@c @implementation
public func nn_model_output_shape(
  _ shape: UnsafeMutablePointer<Int64>?, _ rank: UnsafeMutablePointer<Int32>?, _ model: OpaquePointer?
) -> nn_status {
  entry("nn_model_output_shape") { () throws(NNError) in
    let known = try Handles.model(model).read { (model) throws(NNError) in
      guard let shape = model.outputShape else { throw notBuilt(model) }
      return shape
    }
    try Taken.shape(shape, rank, known)
  }
}

@c @implementation
public func nn_model_summary(
  _ text: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ model: OpaquePointer?
) -> nn_status {
  entry("nn_model_summary") { () throws(NNError) in
    let out = try Given.text(text, "text")
    try Taken.text(out, Handles.model(model).read { (model) throws(NNError) in try model.summary() })
  }
}

@c @implementation
public func nn_model_count_params(_ count: UnsafeMutablePointer<Int64>?, _ model: OpaquePointer?) -> nn_status {
  entry("nn_model_count_params") { () throws(NNError) in
    let out = try Given.pointer(count, "count")
    out.pointee = try Handles.model(model).read { (model) throws(NNError) in
      guard model.isBuilt else { throw notBuilt(model) }
      return Int64(model.parameterCount)
    }
  }
}

@c @implementation
public func nn_model_explain(
  _ text: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ model: OpaquePointer?
) -> nn_status {
  entry("nn_model_explain") { () throws(NNError) in
    let out = try Given.text(text, "text")
    try Taken.text(out, Handles.model(model).change { (model) throws(NNError) in try model.explain() })
  }
}
