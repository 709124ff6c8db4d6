// Names and documentation are those of include/nn.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

public import CNN
internal import NNEngine

@c @implementation
public func nn_sequential_new(
  _ model: UnsafeMutablePointer<OpaquePointer?>?, _ name: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_sequential_new") { () throws(NNError) in
    let out = try Given.handle(model, "model")
    let made = try Model(name: Given.optionalText(name, "name"))
    out.pointee = newHandle(made)
  }
}

@c @implementation
public func nn_model_from_json(
  _ model: UnsafeMutablePointer<OpaquePointer?>?, _ json: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_model_from_json") { () throws(NNError) in
    let out = try Given.handle(model, "model")
    _ = try Given.text(json, "json")
    var configuration = try Given.object(json, "json")
    // The inner object alone will do: there is one class of model.
    if configuration["class_name"] == nil {
      configuration = Value.Table([("class_name", .string("Sequential")), ("config", .table(configuration))])
    }
    let made = try Model(configuration: .table(configuration))
    out.pointee = newHandle(made)
  }
}

func newHandle(_ model: Model) -> OpaquePointer? {
  Cancellation.prepare()
  return Handles.new(.model(ModelBox(model)))
}

@c @implementation
public func nn_model_free(_ model: OpaquePointer?) { Handles.free(model, .model) }

@c @implementation
public func nn_model_name(_ model: OpaquePointer?) -> UnsafePointer<CChar>? {
  getter("nn_model_name", nil) { () throws(NNError) in
    try Handles.find(model, .model, "model").lend(Handles.model(model).read { $0.name })
  }
}

@c @implementation
public func nn_model_config_json(
  _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ model: OpaquePointer?
) -> nn_status {
  entry("nn_model_config_json") { () throws(NNError) in
    let out = try Given.text(json, "json")
    let configuration = try Handles.model(model).read { $0.configuration }
    try Taken.text(out, JSON.text(configuration))
  }
}

@c @implementation
public func nn_model_fold_batch_normalization(
  _ folded: UnsafeMutablePointer<OpaquePointer?>?, _ model: OpaquePointer?
) -> nn_status {
  entry("nn_model_fold_batch_normalization") { () throws(NNError) in
    let out = try Given.handle(folded, "folded")
    let result = try Handles.model(model).change { (model) throws(NNError) in try model.foldingBatchNormalization() }
    out.pointee = newHandle(result)
  }
}

@c @implementation
public func nn_model_add(_ model: OpaquePointer?, _ layer: OpaquePointer?) -> nn_status {
  entry("nn_model_add") { () throws(NNError) in
    let (box, layer) = (try Handles.model(model), try Handles.layer(layer))
    try box.change { (model) throws(NNError) in try model.add(layer) }
  }
}

@c @implementation
public func nn_model_pop(_ model: OpaquePointer?) -> nn_status {
  entry("nn_model_pop") { () throws(NNError) in
    try Handles.model(model).change { (model) throws(NNError) in _ = try model.pop() }
  }
}

@c @implementation
public func nn_model_layer_count(_ model: OpaquePointer?) -> Int32 {
  getter("nn_model_layer_count", -1) { () throws(NNError) in
    try Handles.model(model).read { Int32(clamping: $0.layers.count) }
  }
}

@c @implementation
public func nn_model_layer(
  _ layer: UnsafeMutablePointer<OpaquePointer?>?, _ model: OpaquePointer?, _ index: Int32
) -> nn_status {
  entry("nn_model_layer") { () throws(NNError) in
    let out = try Given.handle(layer, "layer")
    let layers = try Handles.model(model).read { $0.layers }
    let position = index < 0 ? Int(index) + layers.count : Int(index)
    guard layers.indices.contains(position) else {
      throw NNError(.notFound, "argument 'index' is \(index), but the model has \(layers.count) layers")
    }
    out.pointee = Handles.new(.layer(layers[position]))
  }
}

@c @implementation
public func nn_model_layer_named(
  _ layer: UnsafeMutablePointer<OpaquePointer?>?, _ model: OpaquePointer?, _ name: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_model_layer_named") { () throws(NNError) in
    let out = try Given.handle(layer, "layer")
    let box = try Handles.model(model)
    let name = try Given.text(name, "name")
    let found = try box.read { (model) throws(NNError) in try model.layer(named: name) }
    out.pointee = Handles.new(.layer(found))
  }
}

@c @implementation
public func nn_model_get_trainable(_ model: OpaquePointer?) -> Int32 {
  getter("nn_model_get_trainable", -1) { () throws(NNError) in
    try Handles.model(model).read { $0.trainable ? 1 : 0 }
  }
}

@c @implementation
public func nn_model_set_trainable(_ model: OpaquePointer?, _ trainable: Int32) -> nn_status {
  entry("nn_model_set_trainable") { () throws(NNError) in
    let box = try Handles.model(model)
    let flag = try Given.flag(trainable, "trainable")
    try box.change { $0.trainable = flag }
  }
}
