/// An operation that can be written as nodes of ONNX.
protocol ONNXForm: Operation {
  /// Adds the nodes, and says by `define` what the result is called.
  func write(_ step: InferenceGraph.Step, _ graph: inout ONNXBuilder) throws(NNError)
}
