/// Keras 3's files of weights (.weights.h5), also those inside .keras archives: layers are found by their classes, counted.
enum KerasWeights {
  static func group(_ record: ModelRecord) -> HDF5Group {
    var root = HDF5Group()
    _ = root.add("layers", .group(layers(record.layers)))
    _ = root.add("vars", .group(HDF5Group()))
    if let optimizer = record.optimizer {
      var tensors = optimizer.tensors
      if let count = try? StoredTensor("iteration", integer: optimizer.iterations) { tensors.insert(count, at: 0) }
      var group = HDF5Group()
      _ = group.add("vars", .group(numbered(tensors)))
      _ = root.add("optimizer", .group(group))
    }
    if let own = record.own { root.set(OwnState.key, text: own.text) }
    return root
  }

  private static func layers(_ layers: [ModelRecord.LayerRecord]) -> HDF5Group {
    var group = HDF5Group()
    var counter = Counter()
    for layer in layers {
      var own = HDF5Group()
      if !layer.inner.isEmpty { _ = own.add("layers", .group(self.layers(layer.inner))) }
      var variables = numbered(layer.inner.isEmpty ? layer.weights : [])
      variables.set("name", text: layer.name)
      _ = own.add("vars", .group(variables))
      _ = group.add(counter.next(layer.className ?? "Layer"), .group(own))
    }
    return group
  }

  private static func numbered(_ tensors: [StoredTensor]) -> HDF5Group {
    var group = HDF5Group()
    for (i, tensor) in tensors.enumerated() { _ = group.add("\(i)", .dataset(tensor)) }
    return group
  }

  /// "dense", "dense_1": Keras 3's counters of a list of layers.
  private struct Counter {
    private var counts: [String: Int] = [:]

    mutating func next(_ className: String) -> String {
      let base = LayerNames.snakeCase(className == "Model" ? "Functional" : className)
      defer { counts[base, default: 0] += 1 }
      return counts[base].map { "\(base)_\($0)" } ?? base
    }
  }

  static func isKerasWeights(_ root: HDF5Group) -> Bool { layersGroup(root) != nil }

  /// tf_keras had another name for it at first.
  private static func layersGroup(_ group: HDF5Group) -> HDF5Group? {
    group.group(at: "layers") ?? group.group(at: "_layer_checkpoint_dependencies")
  }

  static func record(_ root: HDF5Group, _ source: ByteSource, for model: Model) throws(NNError) -> ModelRecord {
    var record = ModelRecord()
    record.layersAreAnonymous = true
    record.layers = try layers(layersGroup(root) ?? HDF5Group(), model.layers, source)
    record.own = try OwnState(root.text(OwnState.key))
    if let variables = root.group(at: "optimizer/vars"), !variables.children.isEmpty {
      let tensors = try tensors(variables, source)
      record.optimizer = OptimizerRecord(
        order: .byWeight, iterations: try tensors[0].integer(), tensors: Array(tensors.dropFirst()))
    }
    return record
  }

  private static func layers(
    _ group: HDF5Group, _ layers: [Layer], _ source: ByteSource
  ) throws(NNError) -> [ModelRecord.LayerRecord] {
    var counter = Counter()
    var result: [ModelRecord.LayerRecord] = []
    for layer in layers {
      let place = counter.next(layer.className)
      let own = group.group(at: place)
      guard own != nil || layer.variables.isEmpty else {
        throw NNError(
          .notFound,
          "\(source.name) has no weights for the layer '\(layer.name)' (no '\(place)'): such files find layers by their classes, in order"
        )
      }
      var record = ModelRecord.LayerRecord(name: layer.name, weights: [], className: layer.className)
      if let own {
        if let nested = layer.nested {
          record.inner = try self.layers(layersGroup(own) ?? HDF5Group(), nested.layers, source)
          record.weights = record.inner.flatMap(\.weights)
        } else {
          record.weights = try tensors(own.group(at: "vars") ?? HDF5Group(), source)
        }
        for i in record.weights.indices { record.weights[i].name = "\(layer.name)/\(i)" }
      }
      result.append(record)
    }
    return result
  }

  /// "0", "1", … in order.
  private static func tensors(_ group: HDF5Group, _ source: ByteSource) throws(NNError) -> [StoredTensor] {
    var result: [StoredTensor] = []
    for i in group.children.indices {
      guard let tensor = group.dataset(at: "\(i)") else {
        throw source.error("has no '\(i)' among an object's variables")
      }
      result.append(tensor)
    }
    return result
  }
}

extension KerasWeights {
  /// All layers by the names that Keras 3 and this engine write beside their variables.
  static func named(_ root: HDF5Group, _ source: ByteSource) throws(NNError) -> [ModelRecord.LayerRecord] {
    var result: [ModelRecord.LayerRecord] = []
    for (place, node) in layersGroup(root)?.children ?? [] {
      guard case .group(let group) = node, let variables = group.group(at: "vars") else { continue }
      guard let name = variables.text("name") else {
        throw NNError(
          .notSupported, "\(source.name) does not tell its layers' names ('\(place)'); load it without by_name")
      }
      result.append(.init(name: name, weights: try tensors(variables, source)))
    }
    return result
  }
}
