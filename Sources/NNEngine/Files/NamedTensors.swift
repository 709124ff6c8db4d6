/// Models as flat lists of named tensors with some texts beside them: what safetensors and npz files hold.
enum NamedTensors {
  struct Contents {
    var tensors: [StoredTensor] = []
    var texts: [(name: String, text: String)] = []
    func text(_ name: String) -> String? { texts.first { $0.name == name }?.text }
  }

  /// In front of the names of an optimizer's arrays.
  private static let optimizerPrefix = "__optimizer__/"
  /// In front of the numbers of a backup's arrays.
  private static let trainingPrefix = "__training__/"
  /// The npz array in which the texts are, as JSON.
  private static let metadataName = "__metadata__"

  static func contents(_ record: ModelRecord) -> Contents {
    var contents = Contents()
    contents.texts.append(("format", "nn"))
    if let configuration = record.configuration {
      contents.texts.append(("model_config", JSON.text(configuration)))
      contents.texts.append(("layout", "kernels are (inputs, outputs), images channels last"))
    }
    if let compilation = record.compilation {
      contents.texts.append(("training_config", JSON.text(.table(compilation))))
    }
    if let own = record.own { contents.texts.append((OwnState.key, own.text)) }
    contents.tensors = names(record.layers).flatMap { $0 }
    if let optimizer = record.optimizer {
      contents.texts.append(("optimizer_iterations", String(optimizer.iterations)))
      var known: Set<String> = []
      for var tensor in optimizer.tensors {
        tensor.name = unique(
          optimizerPrefix + (tensor.name.hasSuffix(":0") ? String(tensor.name.dropLast(2)) : tensor.name), &known)
        contents.tensors.append(tensor)
      }
    }
    for var tensor in record.trainingTensors {
      tensor.name = trainingPrefix + tensor.name
      contents.tensors.append(tensor)
    }
    return contents
  }

  /// Each layer's tensors under their names in the file: "dense/kernel", in a model in the model "encoder/dense/kernel".
  private static func names(_ layers: [ModelRecord.LayerRecord]) -> [[StoredTensor]] {
    var known: Set<String> = []
    return layers.map { layer in
      layer.weights.map { weight in
        var named = weight
        let name = weight.name.hasPrefix(layer.name + "/") ? weight.name : layer.name + "/" + weight.name
        named.name = unique(name, &known)
        return named
      }
    }
  }

  private static func unique(_ name: String, _ known: inout Set<String>) -> String {
    var (result, count) = (name, 0)
    while !known.insert(result).inserted {
      count += 1
      result = "\(name)_\(count)"
    }
    return result
  }

  /// The record of a file, whose layers are those of the model. Without `strict` the file may lack some.
  static func record(
    _ contents: Contents, _ source: ByteSource, for layers: [ModelRecord.LayerRecord], strict: Bool
  ) throws(NNError) -> ModelRecord {
    var record = ModelRecord()
    record.own = try OwnState(contents.text(OwnState.key))
    var found: [String: StoredTensor] = [:]
    var state: [StoredTensor] = []
    for tensor in contents.tensors {
      if tensor.name.hasPrefix(optimizerPrefix) {
        state.append(tensor)
      } else if tensor.name.hasPrefix(trainingPrefix) {
        var named = tensor
        named.name.removeFirst(trainingPrefix.count)
        record.trainingTensors.append(named)
      } else {
        found[tensor.name] = tensor
      }
    }
    let names = names(layers)
    if strict {
      for (name, tensor) in inOrder(names.flatMap { $0 }, contents.tensors, found) { found[name] = tensor }
    }
    for (layer, wanted) in zip(layers, names) {
      var own = ModelRecord.LayerRecord(name: layer.name, weights: [])
      for weight in wanted {
        if let tensor = found[weight.name] {
          own.weights.append(tensor)
        } else if strict {
          throw NNError(
            .notFound,
            "\(source.name) has no '\(weight.name)'"
              + Suggestion.hint(for: weight.name, among: Array(found.keys.sorted().prefix(200))))
        }
      }
      if !own.weights.isEmpty || wanted.isEmpty { record.layers.append(own) }
    }
    if let text = contents.text("optimizer_iterations"), let iterations = Int(text) {
      record.optimizer = OptimizerRecord(order: .bySlot, iterations: iterations, tensors: state)
    }
    return record
  }

  /// The weights of another model of the same make: where no name is the file's, but number, kinds and shapes are the same one by
  /// one, order decides, as in Keras's files. (A second model in a process has layers of other names, dense_2 for dense.)
  private static func inOrder(
    _ wanted: [StoredTensor], _ stored: [StoredTensor], _ found: [String: StoredTensor]
  ) -> [(String, StoredTensor)] {
    func kind(_ name: String) -> Substring { name.split(separator: "/").last ?? "" }
    let weights = stored.filter { !$0.name.hasPrefix(optimizerPrefix) && !$0.name.hasPrefix(trainingPrefix) }
    guard weights.count == wanted.count, !wanted.contains(where: { found[$0.name] != nil }),
      zip(wanted, weights).allSatisfy({ kind($0.name) == kind($1.name) && $0.shape == $1.shape })
    else { return [] }
    return zip(wanted, weights).map { ($0.name, $1) }
  }

  // MARK: Formats

  static func writeSafetensors(_ contents: Contents, to sink: any ByteSink) throws(NNError) {
    try Safetensors.write(contents.tensors, metadata: contents.texts.map { ($0.name, $0.text) }, to: sink)
  }

  static func readSafetensors(_ source: ByteSource) throws(NNError) -> Contents {
    let (tensors, metadata) = try Safetensors.read(source)
    return Contents(tensors: tensors, texts: metadata.sorted { $0.key < $1.key }.map { (name: $0.key, text: $0.value) })
  }

  static func writeNPZ(_ contents: Contents, to sink: any ByteSink) throws(NNError) {
    var zip = ZipWriter()
    for tensor in contents.tensors {
      try zip.add(tensor.name + ".npy", NPY.header(tensor))
      try tensor.withBytes { (bytes) throws(NNError) in zip.append(bytes) }
    }
    if !contents.texts.isEmpty {
      let json = Array(
        JSON.text(.table(Value.Table(distinct: contents.texts.map { ($0.name, .string($0.text)) }))).utf8)
      let shape = StoredTensor(metadataName, try Shape([json.count]), .uint8, try Storage(byteCount: 0))
      try zip.add(metadataName + ".npy", NPY.header(shape) + json)
    }
    try zip.write(to: sink)
    // The pieces are the tensors' memory.
    withExtendedLifetime(contents.tensors) {}
  }

  static func readNPZ(_ zip: ZipReader, _ source: ByteSource) throws(NNError) -> Contents {
    var contents = Contents()
    for name in zip.names where name.hasSuffix(".npy") {
      let entry = try zip.entry(name)
      let tensor = try NPY.read(entry, name: String(name.dropLast(4)))
      // Checksums are compared at the end.
      guard tensor.endsItsSource else { throw entry.error("is damaged: there are bytes behind its array") }
      guard tensor.name == metadataName else {
        contents.tensors.append(tensor)
        continue
      }
      let bytes = try tensor.tensor()
      guard bytes.dtype == .uint8 else { throw source.error("has metadata that are no text") }
      let text = Array(UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.byteCount))
      for (name, value) in try JSONReader.parse(text, source.name).table?.entries ?? [] {
        contents.texts.append((name, value.string ?? ""))
      }
    }
    return contents
  }
}
