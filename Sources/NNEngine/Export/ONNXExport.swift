/// The model as ONNX.
extension Model {
  /// Writes the model in the Open Neural Network Exchange format (operator set 17, https://onnx.ai), which other programs run. The file is there
  /// whole or not at all.
  ///
  /// Recorded is what the model computes in inference: users' layers and functions are in it, dropout is not, batch normalization is inside
  /// the kernels beside it. Inputs and outputs are float32 and have the model's names; weights have those of their layers. An embedding takes
  /// class indices as float32, too; a number that is no row is an error of the program that runs the file, or counts from the end. Errors: a model that
  /// is not built, or that is random in inference; more than 2 GiB; without `batch` whatever depends on the batch size, such as a mean over samples.
  ///
  /// - Parameters:
  ///   - path: Ends in .onnx.
  ///   - batch: How many samples the file takes; nil: any number.
  public func exportONNX(_ path: String, batch: Int? = nil) throws(NNError) {
    // So that no model's file is taken for one.
    guard path.hasSuffix(".onnx") else {
      throw .invalid("export_onnx: the file's name must end in .onnx, got '\(path)'")
    }
    let contents = try onnx(batch)
    let file = try AtomicFile(path)
    try contents.write(to: file)
    try file.commit()
  }

  /// The bytes of such a file.
  public func exportedONNX(batch: Int? = nil) throws(NNError) -> [UInt8] { try onnxInMemory(batch: batch).bytes }

  /// The same, without a copy.
  package func onnxInMemory(batch: Int? = nil) throws(NNError) -> MemorySink {
    let sink = MemorySink()
    try onnx(batch).write(to: sink)
    return sink
  }

  private func onnx(_ batch: Int?) throws(NNError) -> ProtobufMessage {
    let call = "export_onnx"
    let batched = try BatchedGraph(self, batch: batch, for: call)
    var graph: ONNX.Graph
    do throws(NNError) { graph = try ONNXBuilder.graph(batched, name: name, for: call) } catch {
      throw error.within(name)
    }
    graph.documentation = "\(className) '\(name)', \(parameterCount) parameters"
    return try graph.file(for: call)
  }
}
