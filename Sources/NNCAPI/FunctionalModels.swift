// Names and documentation are those of include/nn.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

public import CNN
internal import NNEngine

@c @implementation
public func nn_output_input(
  _ output: UnsafeMutablePointer<OpaquePointer?>?, _ rank: Int32, _ shape: UnsafePointer<Int64>?,
  _ name: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_output_input") { () throws(NNError) in
    let out = try Given.handle(output, "output")
    let input = try LayerOutput.input(shape: Given.extents(rank, shape), name: Given.optionalText(name, "name"))
    out.pointee = Handles.new(.output(input))
  }
}

@c @implementation
public func nn_output_free(_ output: OpaquePointer?) { Handles.free(output, .output) }

@c @implementation
public func nn_output_shape(
  _ shape: UnsafeMutablePointer<Int64>?, _ rank: UnsafeMutablePointer<Int32>?, _ output: OpaquePointer?
) -> nn_status {
  entry("nn_output_shape") { () throws(NNError) in
    try Taken.shape(shape, rank, Handles.output(output, "output").shape)
  }
}

private func outputs(
  _ handles: UnsafePointer<OpaquePointer?>?, _ count: Int32, _ argument: String
) throws(NNError) -> [LayerOutput] {
  try Given.array(handles, count, argument) { (handle, name) throws(NNError) in try Handles.output(handle, name) }
}

@c @implementation
public func nn_layer_call(
  _ results: UnsafeMutablePointer<OpaquePointer?>?, _ capacity: Int32, _ layer: OpaquePointer?,
  _ inputs: UnsafePointer<OpaquePointer?>?, _ count: Int32
) -> nn_status {
  entry("nn_layer_call") { () throws(NNError) in
    let out = try Given.pointer(results, "outputs")
    let layer = try Handles.layer(layer)
    let made = try layer(outputs(inputs, count, "inputs"))
    guard Int(capacity) >= made.count else {
      throw NNError(
        .invalidArgument, "argument 'capacity' is \(capacity), but the layer has \(made.count) outputs")
    }
    for (i, output) in made.enumerated() { out[i] = Handles.new(.output(output)) }
  }
}

@c @implementation
public func nn_model_new(
  _ model: UnsafeMutablePointer<OpaquePointer?>?, _ name: UnsafePointer<CChar>?,
  _ inputs: UnsafePointer<OpaquePointer?>?, _ inputCount: Int32, _ results: UnsafePointer<OpaquePointer?>?,
  _ outputCount: Int32
) -> nn_status {
  entry("nn_model_new") { () throws(NNError) in
    let out = try Given.handle(model, "model")
    let made = try Model(
      name: Given.optionalText(name, "name"), inputs: outputs(inputs, inputCount, "inputs"),
      outputs: outputs(results, outputCount, "outputs"))
    out.pointee = newHandle(made)
  }
}

@c @implementation
public func nn_model_as_layer(_ layer: UnsafeMutablePointer<OpaquePointer?>?, _ model: OpaquePointer?) -> nn_status {
  entry("nn_model_as_layer") { () throws(NNError) in
    let out = try Given.handle(layer, "layer")
    let made = try Handles.model(model).read { $0.asLayer }
    out.pointee = Handles.new(.layer(made))
  }
}

@c @implementation
public func nn_model_clone(_ clone: UnsafeMutablePointer<OpaquePointer?>?, _ model: OpaquePointer?) -> nn_status {
  entry("nn_model_clone") { () throws(NNError) in
    let out = try Given.handle(clone, "clone")
    let made = try Handles.model(model).read { (model) throws(NNError) in try model.clone() }
    out.pointee = newHandle(made)
  }
}

@c @implementation
public func nn_model_input_count(_ model: OpaquePointer?) -> Int32 {
  getter("nn_model_input_count", -1) { () throws(NNError) in
    try Handles.model(model).read { Int32(clamping: $0.inputCount) }
  }
}

@c @implementation
public func nn_model_output_count(_ model: OpaquePointer?) -> Int32 {
  getter("nn_model_output_count", -1) { () throws(NNError) in
    try Handles.model(model).read { Int32(clamping: $0.outputNames.count) }
  }
}

@c @implementation
public func nn_model_input_name(_ model: OpaquePointer?, _ index: Int32) -> UnsafePointer<CChar>? {
  getter("nn_model_input_name", nil) { () throws(NNError) in
    let names = try Handles.model(model).read { $0.inputNames }
    let name = names[try Given.index(index, below: names.count, "inputs")]
    return try Handles.find(model, .model, "model").lend(name)
  }
}

@c @implementation
public func nn_model_output_name(_ model: OpaquePointer?, _ index: Int32) -> UnsafePointer<CChar>? {
  getter("nn_model_output_name", nil) { () throws(NNError) in
    let names = try Handles.model(model).read { $0.outputNames }
    let name = names[try Given.index(index, below: names.count, "outputs")]
    return try Handles.find(model, .model, "model").lend(name)
  }
}

@c @implementation
public func nn_model_input_shape_at(
  _ shape: UnsafeMutablePointer<Int64>?, _ rank: UnsafeMutablePointer<Int32>?, _ model: OpaquePointer?, _ index: Int32
) -> nn_status {
  entry("nn_model_input_shape_at") { () throws(NNError) in
    let known = try Handles.model(model).read { (model) throws(NNError) in
      guard model.inputShapes.count == model.inputCount else { throw notBuilt(model) }
      return model.inputShapes[try Given.index(index, below: model.inputCount, "inputs")]
    }
    try Taken.shape(shape, rank, known)
  }
}

@c @implementation
public func nn_model_output_shape_at(
  _ shape: UnsafeMutablePointer<Int64>?, _ rank: UnsafeMutablePointer<Int32>?, _ model: OpaquePointer?, _ index: Int32
) -> nn_status {
  entry("nn_model_output_shape_at") { () throws(NNError) in
    let known = try Handles.model(model).read { (model) throws(NNError) in
      guard model.isBuilt else { throw notBuilt(model) }
      return model.outputShapes[try Given.index(index, below: model.outputShapes.count, "outputs")]
    }
    try Taken.shape(shape, rank, known)
  }
}
