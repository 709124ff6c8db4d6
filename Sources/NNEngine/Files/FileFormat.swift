/// A format of model files.
struct FileFormat: Sendable {
  /// What {format=} says.
  let name: String
  /// How files' names end.
  let suffixes: [String]
  /// Whether it holds whole models, or weights alone.
  let holdsModels: Bool
  /// One line for help.
  let doc: String
  /// In which Keras's spelling configurations are written, and in which order an optimizer's state.
  fileprivate let generation: KerasConfiguration.Generation
  fileprivate let write: @Sendable (ModelRecord, any ByteSink) throws(NNError) -> Void

  /// All formats; a name's longest ending decides.
  static let registry: [FileFormat] = [
    FileFormat(
      name: "weights.h5", suffixes: [".weights.h5"], holdsModels: false,
      doc: "Keras 3's weights, found by the layers' classes; with the optimizer's state.", generation: .three
    ) { (record, sink) throws(NNError) in try HDF5Writer.write(KerasWeights.group(record), to: sink) },
    FileFormat(
      name: "h5", suffixes: [".h5", ".hdf5"], holdsModels: true,
      doc: "Keras's HDF5, which TensorFlow 2.1, tf_keras and Keras 3 all read.", generation: .two
    ) { (record, sink) throws(NNError) in try HDF5Writer.write(KerasH5.group(record), to: sink) },
    FileFormat(
      name: "keras", suffixes: [".keras"], holdsModels: true, doc: "Keras 3's archive.", generation: .three
    ) { (record, sink) throws(NNError) in try KerasArchive.write(record, to: sink) },
    FileFormat(
      name: "safetensors", suffixes: [".safetensors"], holdsModels: true,
      doc: "Named tensors; the model's structure is among the metadata.", generation: .two
    ) { (record, sink) throws(NNError) in try NamedTensors.writeSafetensors(NamedTensors.contents(record), to: sink) },
    FileFormat(
      name: "npz", suffixes: [".npz"], holdsModels: true,
      doc: "NumPy's arrays by name; the model's structure is in one of them, __metadata__.", generation: .two
    ) { (record, sink) throws(NNError) in try NamedTensors.writeNPZ(NamedTensors.contents(record), to: sink) },
  ]

  /// The format that a name ends in.
  static func named(by path: String) -> FileFormat? {
    registry.first { $0.suffixes.contains { path.utf8.count > $0.utf8.count && path.hasSuffix($0) } }
  }

  /// The format that a name or {format=} asks for.
  static func find(_ path: String?, format: String?, models: Bool) throws(NNError) -> FileFormat {
    let known = registry.map(\.name).map { "'\($0)'" }.joined(separator: ", ")
    var found: FileFormat?
    if let format {
      found = registry.first { $0.name == format || $0.suffixes.contains("." + format) }
      guard found != nil else {
        throw .invalid(
          "unknown format '\(format)'" + Suggestion.hint(for: format, among: registry.map(\.name))
            + "; known are \(known)")
      }
    } else if let path {
      found = named(by: path)
      guard found != nil || !path.hasSuffix(".onnx") else {
        throw .invalid("'\(path)': ONNX is written by export_onnx, and holds no model that can be loaded here")
      }
      guard found != nil else {
        throw .invalid(
          "the name '\(path)' does not say which format the file shall have; end it in .h5, .keras, .weights.h5, .safetensors or .npz, or give 'format' (\(known))"
        )
      }
    }
    guard let found else { throw .invalid("'format' is required (\(known))") }
    guard found.holdsModels || !models else {
      throw .invalid("the format \(found.name) holds weights only; use save_weights, or another name for a whole model")
    }
    return found
  }

  /// Writes a model, or its weights alone.
  func write(_ model: Model, _ contents: ModelContents, to sink: any ByteSink) throws(NNError) {
    try write(model.record(contents, KerasConfiguration(generation: generation), isLegacy: name == "h5"), sink)
  }
}

/// What of a model is written.
struct ModelContents {
  enum Kind {
    /// With the structure and how it is trained.
    case model
    case weights
    /// Weights, and all that a training needs to go on.
    case backup
  }
  var kind = Kind.model
  var includesOptimizer = true
  /// What a backup says of an interrupted training, and the tensors that it speaks of.
  var training: Value?
  var trainingTensors: [Tensor] = []
}

/// A file that was recognized; its weights are found once there is a model.
struct ModelFile {
  let source: ByteSource
  /// As the file has it.
  var configuration: Value?
  var compilation: Value.Table?
  var own: OwnState?
  /// By layers, for a model; `strict`: all that the model has must be there.
  let record: (Model, _ strict: Bool) throws(NNError) -> ModelRecord
  /// The layers by their own names, where a format tells them only on demand.
  var named: (() throws(NNError) -> [ModelRecord.LayerRecord])?

  /// Recognizes a file by its contents, whatever its name.
  static func open(_ source: ByteSource) throws(NNError) -> ModelFile {
    if try ZipReader.isZip(source) {
      let zip = try ZipReader(source)
      if zip.contains(KerasArchive.configName) { return try KerasArchive.open(zip, source) }
      return try flat(NamedTensors.readNPZ(zip, source), source)
    }
    guard source.count >= 8 else { throw source.error("is empty, or too short for a model file") }
    if try source.bytes(at: 0, count: 8) == HDF5Reader.signature { return try hdf5(source) }
    if source.count > 8, try source.bytes(at: 8, count: 1) == [UInt8(ascii: "{")] {
      return try flat(NamedTensors.readSafetensors(source), source)
    }
    throw source.error("is no model file: neither HDF5, nor a .keras or npz archive, nor safetensors")
  }

  static func hdf5(_ source: ByteSource) throws(NNError) -> ModelFile {
    let root = try HDF5Reader.read(source)
    if KerasH5.isKerasH5(root) {
      let record = try KerasH5.record(root, source)
      return ModelFile(
        source: source, configuration: record.configuration, compilation: record.compilation, own: record.own,
        record: { (_, _) throws(NNError) in record })
    }
    guard KerasWeights.isKerasWeights(root) else {
      throw source.error("is an HDF5 file, but not one of Keras's: it has neither 'model_weights' nor 'layers'")
    }
    return ModelFile(
      source: source, own: try OwnState(root.text(OwnState.key)),
      record: { (model, _) throws(NNError) in try KerasWeights.record(root, source, for: model) },
      named: { () throws(NNError) in try KerasWeights.named(root, source) })
  }

  private static func flat(_ contents: NamedTensors.Contents, _ source: ByteSource) throws(NNError) -> ModelFile {
    func parse(_ name: String) throws(NNError) -> Value? {
      try contents.text(name).map { (text) throws(NNError) in
        try JSONReader.parse(Array(text.utf8), "\(source.name): \(name)")
      }
    }
    return ModelFile(
      source: source, configuration: try parse("model_config"), compilation: try parse("training_config")?.table,
      own: try OwnState(contents.text(OwnState.key)),
      record: { (model, strict) throws(NNError) in
        try NamedTensors.record(contents, source, for: model.layers.map(\.record), strict: strict)
      })
  }
}
