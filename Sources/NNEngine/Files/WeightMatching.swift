/// Which of a file's tensors belong to which of a model's variables.
struct WeightMatching {
  private let model: Model

  init(_ model: Model) { self.model = model }

  /// A layer's variables in the order of a record.
  private func variables(_ layer: Layer, _ record: ModelRecord.LayerRecord) -> [Variable] {
    if let nested = layer.nested, !record.inner.isEmpty {
      return zip(nested.layers, record.inner).flatMap { variables($0, $1) }
    }
    return layer.variablesInFiles
  }

  func match(
    _ records: [ModelRecord.LayerRecord], _ source: ByteSource, _ byName: Bool, _ skipMismatch: Bool
  ) throws(NNError) -> (pairs: [(Variable, StoredTensor)], skipped: [String]) {
    var couples: [(layer: Layer, record: ModelRecord.LayerRecord)] = []
    if byName {
      var known: [String: ModelRecord.LayerRecord] = [:]
      for record in records { known[record.name] = record }
      couples = model.layers.compactMap { layer in known[layer.name].map { (layer, $0) } }
      guard !couples.isEmpty || model.variables.isEmpty else {
        throw NNError(
          .notFound,
          "\(source.name) has none of the model's layers by name; it has: \(records.prefix(8).map(\.name).joined(separator: ", "))"
        )
      }
    } else {
      let layers = model.layers.filter { !$0.variables.isEmpty }
      let filled = records.filter { !$0.weights.isEmpty }
      guard layers.count == filled.count || skipMismatch else {
        throw NNError(
          .shape,
          "\(source.name) has weights for \(filled.count) layers, but the model '\(model.name)' has \(layers.count) layers with weights"
        )
      }
      couples = zip(layers, filled).map { ($0, $1) }
    }
    var pairs: [(Variable, StoredTensor)] = []
    var skipped: [String] = []
    for (layer, record) in couples {
      let variables = variables(layer, record)
      if let reason = mismatch(layer, variables, record) {
        guard skipMismatch else { throw NNError(.shape, "\(source.name): \(reason)", path: [model.name]) }
        skipped.append(layer.name)
        continue
      }
      pairs += zip(variables, record.weights).map { ($0, $1) }
    }
    return (pairs, skipped)
  }

  private func mismatch(
    _ layer: Layer, _ variables: [Variable], _ record: ModelRecord.LayerRecord
  ) -> String? {
    guard variables.count == record.weights.count else {
      return
        "layer '\(layer.name)' has \(variables.count) weight arrays, but the file's '\(record.name)' has \(record.weights.count)"
    }
    for (variable, tensor) in zip(variables, record.weights) where variable.shape != tensor.shape {
      return "\(variable.path) has shape \(variable.shape), but the file's '\(tensor.name)' has shape \(tensor.shape)"
    }
    return nil
  }
}
