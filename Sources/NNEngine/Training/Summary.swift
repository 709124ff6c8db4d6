extension Model {
  /// TensorFlow 2.1's table of layers, output shapes and numbers of parameters, without a line break at its end. A functional model that is
  /// no mere stack has a column more: which layers each is connected to.
  public func summary() throws(NNError) -> String {
    guard isBuilt else {
      throw NNError(
        .state, "summary: the model is not built yet; give the first layer an input_shape, or call build or fit",
        path: [name])
    }
    let rows = visibleLayers.map { layer in
      SummaryTable.Row(
        name: layer.name, className: layer.className,
        outputShape: userLayer == nil ? Model.outputText(layer) : "multiple",
        parameterCount: layer.variables.reduce(0) { $0 + $1.shape.count }, connections: connections(of: layer))
    }
    let trainable = trainableVariables.reduce(0) { $0 + $1.shape.count }
    return SummaryTable.text(
      name: name, rows: rows, trainable: trainable, nonTrainable: parameterCount - trainable,
      style: network?.isStack ?? true ? .stack : .network)
  }

  private static func outputText(_ layer: Layer) -> String {
    let shapes = layer.outputShapes.map(\.batched)
    // Keras 2.1 gives inputs, and models with several outputs, lists.
    return layer.isInput || shapes.count > 1 ? "[\(shapes.joined(separator: ", "))]" : shapes.first ?? "?"
  }

  /// "dense[0][0]": layer, call, output of each input.
  private func connections(of layer: Layer) -> [String] {
    guard let network else { return [] }
    var numbers: [ObjectIdentifier: Int] = [:]
    var counts: [ObjectIdentifier: Int] = [:]
    for call in network.calls {
      numbers[ObjectIdentifier(call)] = counts[ObjectIdentifier(call.layer), default: 0]
      counts[ObjectIdentifier(call.layer), default: 0] += 1
    }
    return network.calls.filter { $0.layer === layer }.flatMap(\.inputs).map { input in
      "\(input.call.layer.name)[\(numbers[ObjectIdentifier(input.call)] ?? 0)][\(input.index)]"
    }
  }
}
