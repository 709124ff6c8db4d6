// Names and documentation are those of include/nn.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

public import CNN
internal import Glibc
internal import NNEngine

/// The fields of an options text, each known and of its kind.
private struct Options {
  private let table: Value.Table

  init(_ json: UnsafePointer<CChar>?, _ known: [String]) throws(NNError) {
    table = try Given.object(json, "options")
    for (name, _) in table.entries where !known.contains(name) {
      throw NNError(
        .invalidArgument, "argument 'options': unknown name '\(name)'" + Suggestion.hint(for: name, among: known))
    }
  }

  func flag(_ name: String, _ usual: Bool) throws(NNError) -> Bool {
    guard let value = table[name] else { return usual }
    guard case .bool(let flag) = value else {
      throw NNError(.invalidArgument, "argument 'options': '\(name)' must be true or false, got \(value.text)")
    }
    return flag
  }

  func integer(_ name: String) throws(NNError) -> Int? {
    guard let value = table[name] else { return nil }
    guard case .integer(let number) = value else {
      throw NNError(.invalidArgument, "argument 'options': '\(name)' must be a whole number, got \(value.text)")
    }
    return number
  }

  func text(_ name: String) throws(NNError) -> String? {
    guard let value = table[name] else { return nil }
    guard let text = value.string else {
      throw NNError(.invalidArgument, "argument 'options': '\(name)' must be a string, got \(value.text)")
    }
    return text
  }
}

private func bytes(_ bytes: UnsafeRawPointer?, _ size: Int) throws(NNError) -> UnsafeRawBufferPointer {
  guard let bytes else { throw Given.isNull("bytes") }
  guard size >= 0 else { throw NNError(.invalidArgument, "argument 'size' is too large") }
  return UnsafeRawBufferPointer(start: bytes, count: size)
}

/// Gives the bytes away, for nn_free; with a zero behind them, so that text is a string.
private func give(
  _ bytes: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ size: UnsafeMutablePointer<Int>?,
  _ make: () throws(NNError) -> MemorySink
) throws(NNError) {
  let (out, count) = (try Given.pointer(bytes, "bytes"), try Given.pointer(size, "size"))
  (out.pointee, count.pointee) = (nil, 0)
  let made = try make()
  let written = made.position
  try withUnsafeBytes(of: 0 as UInt8) { (zero) throws(NNError) in try made.write(zero) }
  (out.pointee, count.pointee) = (made.take(), written)
}

@c @implementation
public func nn_model_save(
  _ model: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_model_save") { () throws(NNError) in
    let (box, path) = (try Handles.model(model), try Given.text(path, "path"))
    let options = try Options(options, ["format", "include_optimizer"])
    let (format, optimizer) = (try options.text("format"), try options.flag("include_optimizer", true))
    try box.read { (model) throws(NNError) in
      try model.save(path, includeOptimizer: optimizer, format: format)
    }
  }
}

@c @implementation
public func nn_model_save_buffer(
  _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ size: UnsafeMutablePointer<Int>?, _ model: OpaquePointer?,
  _ format: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_model_save_buffer") { () throws(NNError) in
    let (box, given) = (try Handles.model(model), try Given.text(format, "format"))
    var (format, optimizer) = (given, true)
    if given.hasPrefix("{") {
      let options = try Options(given, ["format", "include_optimizer"])
      (format, optimizer) = (try options.text("format") ?? "", try options.flag("include_optimizer", true))
    }
    try give(out, size) { () throws(NNError) in
      try box.read { (model) throws(NNError) in
        try model.inMemory(format: format, includeOptimizer: optimizer)
      }
    }
  }
}

@c @implementation
public func nn_model_load(
  _ model: UnsafeMutablePointer<OpaquePointer?>?, _ path: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_model_load") { () throws(NNError) in
    let out = try Given.handle(model, "model")
    let path = try Given.text(path, "path")
    let compile = try Options(options, ["compile"]).flag("compile", true)
    out.pointee = newHandle(try Model.load(path, compile: compile))
  }
}

@c @implementation
public func nn_model_load_buffer(
  _ model: UnsafeMutablePointer<OpaquePointer?>?, _ memory: UnsafeRawPointer?, _ size: Int,
  _ options: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_model_load_buffer") { () throws(NNError) in
    let out = try Given.handle(model, "model")
    let compile = try Options(options, ["compile"]).flag("compile", true)
    out.pointee = newHandle(try Model.load(bytes: bytes(memory, size), compile: compile))
  }
}

@c @implementation
public func nn_model_save_weights(
  _ model: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_model_save_weights") { () throws(NNError) in
    let (box, path) = (try Handles.model(model), try Given.text(path, "path"))
    let format = try Options(options, ["format"]).text("format")
    try box.read { (model) throws(NNError) in try model.saveWeights(path, format: format) }
  }
}

@c @implementation
public func nn_model_save_weights_buffer(
  _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ size: UnsafeMutablePointer<Int>?, _ model: OpaquePointer?,
  _ format: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_model_save_weights_buffer") { () throws(NNError) in
    let (box, format) = (try Handles.model(model), try Given.text(format, "format"))
    try give(out, size) { () throws(NNError) in
      try box.read { (model) throws(NNError) in try model.weightsInMemory(format: format) }
    }
  }
}

@c @implementation
public func nn_model_load_weights(
  _ model: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_model_load_weights") { () throws(NNError) in
    let (box, path) = (try Handles.model(model), try Given.text(path, "path"))
    let options = try Options(options, ["by_name", "skip_mismatch"])
    let (byName, skips) = (try options.flag("by_name", false), try options.flag("skip_mismatch", false))
    try box.change { (model) throws(NNError) in
      _ = try model.loadWeights(path, byName: byName, skipMismatch: skips)
    }
  }
}

@c @implementation
public func nn_model_load_weights_buffer(
  _ model: OpaquePointer?, _ memory: UnsafeRawPointer?, _ size: Int, _ options: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_model_load_weights_buffer") { () throws(NNError) in
    let box = try Handles.model(model)
    let memory = try bytes(memory, size)
    let options = try Options(options, ["by_name", "skip_mismatch"])
    let (byName, skips) = (try options.flag("by_name", false), try options.flag("skip_mismatch", false))
    try box.change { (model) throws(NNError) in
      _ = try model.loadWeights(bytes: memory, byName: byName, skipMismatch: skips)
    }
  }
}

/// What both exports take.
private struct CExportArguments {
  let name: String?
  let weights: String
  let samples: [Tensor]?

  init(
    _ options: UnsafePointer<CChar>?, _ samples: UnsafePointer<OpaquePointer?>?, _ count: Int32
  ) throws(NNError) {
    let options = try Options(options, ["name", "weights"])
    (name, weights) = (try options.text("name"), try options.text("weights") ?? "float32")
    self.samples = samples == nil && count == 0 ? nil : try Given.tensors(count, samples)
  }
}

@c @implementation
public func nn_model_export_c(
  _ model: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?,
  _ samples: UnsafePointer<OpaquePointer?>?, _ count: Int32
) -> nn_status {
  entry("nn_model_export_c") { () throws(NNError) in
    let (box, path) = (try Handles.model(model), try Given.text(path, "path"))
    let given = try CExportArguments(options, samples, count)
    try box.change { (model) throws(NNError) in
      try model.exportC(path, name: given.name, weights: given.weights, samples: given.samples)
    }
  }
}

@c @implementation
public func nn_model_export_c_buffer(
  _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ size: UnsafeMutablePointer<Int>?, _ model: OpaquePointer?,
  _ options: UnsafePointer<CChar>?, _ samples: UnsafePointer<OpaquePointer?>?, _ count: Int32
) -> nn_status {
  entry("nn_model_export_c_buffer") { () throws(NNError) in
    let box = try Handles.model(model)
    let given = try CExportArguments(options, samples, count)
    try give(out, size) { () throws(NNError) in
      try box.change { (model) throws(NNError) in
        try model.cInMemory(name: given.name, weights: given.weights, samples: given.samples)
      }
    }
  }
}

@c @implementation
public func nn_model_export_onnx(
  _ model: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_model_export_onnx") { () throws(NNError) in
    let (box, path) = (try Handles.model(model), try Given.text(path, "path"))
    let batch = try Options(options, ["batch"]).integer("batch")
    try box.change { (model) throws(NNError) in try model.exportONNX(path, batch: batch) }
  }
}

@c @implementation
public func nn_model_export_onnx_buffer(
  _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ size: UnsafeMutablePointer<Int>?, _ model: OpaquePointer?,
  _ options: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_model_export_onnx_buffer") { () throws(NNError) in
    let box = try Handles.model(model)
    let batch = try Options(options, ["batch"]).integer("batch")
    try give(out, size) { () throws(NNError) in
      try box.change { (model) throws(NNError) in try model.onnxInMemory(batch: batch) }
    }
  }
}
