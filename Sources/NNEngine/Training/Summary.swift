extension Model {
  /// TensorFlow 2.1's table of layers, output shapes and numbers of parameters, without a line break at its end.
  public func summary() throws(NNError) -> String {
    guard isBuilt else {
      throw NNError(
        .state, "summary: the model is not built yet; give the first layer an input_shape, or call build or fit",
        path: [name])
    }
    let rows = layers.map { layer in
      SummaryTable.Row(
        name: layer.name, className: layer.className, outputShape: layer.outputShape?.batched ?? "?",
        parameterCount: layer.variables.reduce(0) { $0 + $1.shape.count })
    }
    let trainable = trainableVariables.reduce(0) { $0 + $1.shape.count }
    return SummaryTable.text(
      name: name, rows: rows, trainable: trainable, nonTrainable: parameterCount - trainable)
  }
}
