// Names and documentation are those of include/nn.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

public import CNN
internal import NNEngine

/// A layer by its class name, as a new handle.
private func make(
  _ layer: UnsafeMutablePointer<OpaquePointer?>?, _ className: String, _ arguments: Value.Table
) throws(NNError) {
  let out = try Given.handle(layer, "layer")
  out.pointee = Handles.new(.layer(try Layer.make(className, Arguments([], arguments))))
}

@c @implementation
public func nn_layer_new(
  _ layer: UnsafeMutablePointer<OpaquePointer?>?, _ className: UnsafePointer<CChar>?, _ config: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_layer_new") { () throws(NNError) in
    _ = try Given.handle(layer, "layer")
    try make(layer, Given.text(className, "class_name"), Given.object(config, "config"))
  }
}

@c @implementation
public func nn_input(
  _ layer: UnsafeMutablePointer<OpaquePointer?>?, _ rank: Int32, _ shape: UnsafePointer<Int64>?
) -> nn_status {
  entry("nn_input") { () throws(NNError) in
    _ = try Given.handle(layer, "layer")
    let extents = try Given.extents(rank, shape).map { Value.integer($0) }
    try make(layer, "InputLayer", Value.Table([("input_shape", .list(extents))]))
  }
}

@c @implementation
public func nn_flatten(_ layer: UnsafeMutablePointer<OpaquePointer?>?) -> nn_status {
  entry("nn_flatten") { () throws(NNError) in try make(layer, "Flatten", Value.Table()) }
}

@c @implementation
public func nn_dense(
  _ layer: UnsafeMutablePointer<OpaquePointer?>?, _ units: Int64, _ activation: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_dense") { () throws(NNError) in
    _ = try Given.handle(layer, "layer")
    var arguments = Value.Table([("units", .integer(Int(units)))])
    if let activation = try Given.optionalText(activation, "activation") {
      arguments["activation"] = .string(activation)
    }
    try make(layer, "Dense", arguments)
  }
}

@c @implementation
public func nn_activation(
  _ layer: UnsafeMutablePointer<OpaquePointer?>?, _ function: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_activation") { () throws(NNError) in
    _ = try Given.handle(layer, "layer")
    try make(layer, "Activation", Value.Table([("activation", .string(Given.text(function, "function")))]))
  }
}

@c @implementation
public func nn_layer_free(_ layer: OpaquePointer?) { Handles.free(layer, .layer) }

@c @implementation
public func nn_layer_name(_ layer: OpaquePointer?) -> UnsafePointer<CChar>? {
  getter("nn_layer_name", nil) { () throws(NNError) in
    try Handles.find(layer, .layer, "layer").lend(Handles.layer(layer).name)
  }
}

@c @implementation
public func nn_layer_class_name(_ layer: OpaquePointer?) -> UnsafePointer<CChar>? {
  getter("nn_layer_class_name", nil) { () throws(NNError) in
    try Handles.find(layer, .layer, "layer").lend(Handles.layer(layer).className)
  }
}

@c @implementation
public func nn_layer_config_json(
  _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ layer: OpaquePointer?
) -> nn_status {
  entry("nn_layer_config_json") { () throws(NNError) in
    let out = try Given.text(json, "json")
    try Taken.text(out, JSON.text(.table(Handles.layer(layer).configuration)))
  }
}

@c @implementation
public func nn_layer_adapt(_ layer: OpaquePointer?, _ x: OpaquePointer?) -> nn_status {
  entry("nn_layer_adapt") { () throws(NNError) in
    let layer = try Handles.layer(layer)
    try layer.adapt(Handles.tensor(x, "x"))
  }
}

@c @implementation
public func nn_layer_get_trainable(_ layer: OpaquePointer?) -> Int32 {
  getter("nn_layer_get_trainable", -1) { () throws(NNError) in try Handles.layer(layer).trainable ? 1 : 0 }
}

@c @implementation
public func nn_layer_set_trainable(_ layer: OpaquePointer?, _ trainable: Int32) -> nn_status {
  entry("nn_layer_set_trainable") { () throws(NNError) in
    try Handles.layer(layer).trainable = Given.flag(trainable, "trainable")
  }
}
