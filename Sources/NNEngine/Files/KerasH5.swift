/// Keras's legacy HDF5 files: whole models, and weights alone.
enum KerasH5 {
  private static let (version, backend) = ("2.2.4-tf", "tensorflow")
  private static let hidden = "top_level_model_weights"

  /// The profile that TensorFlow 2.1, tf_keras and Keras 3 all read.
  static func group(_ record: ModelRecord) -> HDF5Group {
    guard let configuration = record.configuration else {
      var root = weights(record.layers)
      if let own = record.own { root.set(OwnState.key, text: own.text) }
      return root
    }
    var root = HDF5Group()
    root.set("keras_version", text: version)
    root.set("backend", text: backend)
    root.set("model_config", text: JSON.text(configuration))
    if let compilation = record.compilation { root.set("training_config", text: JSON.text(.table(compilation))) }
    if let own = record.own { root.set(OwnState.key, text: own.text) }
    _ = root.add("model_weights", .group(weights(record.layers)))
    if let optimizer = record.optimizer, let description = record.compilation?["optimizer_config"]?.table {
      let name = description["config"]?.table?["name"]?.string ?? description["class_name"]?.string ?? "optimizer"
      var group = HDF5Group()
      var names: Set<String> = []
      var tensors = optimizer.tensors
      if let count = try? StoredTensor("\(name)/iter:0", integer: optimizer.iterations) { tensors.insert(count, at: 0) }
      var list: [String] = []
      for tensor in tensors {
        let name = unique(tensor.name, &names)
        list.append(name)
        group.insert(tensor, at: name)
      }
      group.set("weight_names", texts: list)
      _ = root.add("optimizer_weights", .group(group))
    }
    return root
  }

  private static func weights(_ layers: [ModelRecord.LayerRecord]) -> HDF5Group {
    var root = HDF5Group()
    root.set("layer_names", texts: layers.map(\.name))
    root.set("backend", text: backend)
    root.set("keras_version", text: version)
    for layer in layers {
      var group = HDF5Group()
      var names: Set<String> = []
      var list: [String] = []
      for weight in layer.weights {
        let name = unique(weight.name + ":0", &names)
        list.append(name)
        group.insert(weight, at: name)
      }
      group.set("weight_names", texts: list)
      _ = root.add(layer.name, .group(group))
    }
    return root
  }

  /// Models in models may have layers of the same name.
  private static func unique(_ name: String, _ names: inout Set<String>) -> String {
    var (result, count) = (name, 0)
    while !names.insert(result).inserted {
      count += 1
      let base = name.hasSuffix(":0") ? String(name.dropLast(2)) : name
      result = "\(base)_\(count)" + (base == name ? "" : ":0")
    }
    return result
  }

  static func isKerasH5(_ root: HDF5Group) -> Bool {
    root["model_weights"] != nil || root.texts("layer_names") != nil || root.text("model_config") != nil
  }

  static func record(_ root: HDF5Group, _ source: ByteSource) throws(NNError) -> ModelRecord {
    var record = ModelRecord()
    let weights = root["model_weights"] == nil ? root : root.group(at: "model_weights") ?? HDF5Group()
    for name in weights.texts("layer_names") ?? [] where name != hidden {
      guard let group = weights.group(at: name) else { throw source.error("has no group for the layer '\(name)'") }
      record.layers.append(.init(name: name, weights: try list(group, source)))
    }
    record.own = try OwnState(root.text(OwnState.key))
    guard let text = root.text("model_config") else { return record }
    record.configuration = try JSONReader.parse(Array(text.utf8), "\(source.name): model_config")
    if let text = root.text("training_config") {
      record.compilation = try JSONReader.parse(Array(text.utf8), "\(source.name): training_config").table
    }
    if let group = root.group(at: "optimizer_weights") {
      let tensors = try list(group, source)
      if let first = tensors.first {
        let order: OptimizerRecord.Order = first.name.hasSuffix("/iter:0") ? .bySlot : .byWeight
        record.optimizer = OptimizerRecord(
          order: order, iterations: try first.integer(), tensors: Array(tensors.dropFirst()))
      }
    }
    return record
  }

  private static func list(_ group: HDF5Group, _ source: ByteSource) throws(NNError) -> [StoredTensor] {
    var result: [StoredTensor] = []
    for name in group.texts("weight_names") ?? [] {
      guard var tensor = group.dataset(at: name) else { throw source.error("has no data for '\(name)'") }
      tensor.name = name
      result.append(tensor)
    }
    return result
  }
}
