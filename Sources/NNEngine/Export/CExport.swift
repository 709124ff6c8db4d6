/// How weights stand in an exported file.
public enum CWeights: String, Sendable, CaseIterable {
  /// As they are, to the last bit.
  case float32
  /// The kernels of Dense layers, convolutions and embeddings in eight bits, with a scale for each output; biases and all else as they are.
  case int8

  static func named(_ name: String, for call: String) throws(NNError) -> CWeights {
    if let known = CWeights(rawValue: name) { return known }
    throw .invalid(
      "\(call): 'weights' must be one of \(allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")), got '\(name)'")
  }
}

/// The model as C.
extension Model {
  /// Writes one file of C99 that needs nothing but the C library: the weights, a function that computes what `predict` does, and a test of
  /// itself. The file is there whole or not at all.
  ///
  /// Recorded is what the model computes in inference for one sample: users' layers and functions are in it, dropout is not, batch
  /// normalization and other factors are inside the kernels beside them. Errors: a model that is not built, or that is random in
  /// inference, or whose outputs depend on other samples of their batch; a name that is no identifier; samples of a wrong shape.
  ///
  /// - Parameters:
  ///   - name: What all names in the file begin with; by default the model's name, made an identifier.
  ///   - weights: "float32" or "int8".
  ///   - samples: What the file tests itself with, one tensor for each input; by default four samples of uniform numbers in −1 ..< 1 (of
  ///     class indices, where an embedding takes them).
  public func exportC(
    _ path: String, name: String? = nil, weights: String = "float32", samples: [Tensor]? = nil
  ) throws(NNError) {
    guard Model.endingsOfC.contains(where: { path.hasSuffix($0) }) else {
      // So that no model's file is taken for one.
      throw .invalid(
        "export_c: the file's name must end in \(Model.endingsOfC.joined(separator: ", ")), got '\(path)'")
    }
    let source = try CSource(self, name: name, weights: weights, samples: samples, for: "export_c")
    let file = try AtomicFile(path)
    try source.write(to: file)
    try file.commit()
  }

  private static let endingsOfC = [".c", ".cc", ".cpp", ".h"]

  /// The bytes of such a file.
  public func exportedC(
    name: String? = nil, weights: String = "float32", samples: [Tensor]? = nil
  ) throws(NNError) -> [UInt8] {
    try cInMemory(name: name, weights: weights, samples: samples).bytes
  }

  /// The same, without a copy.
  package func cInMemory(
    name: String? = nil, weights: String = "float32", samples: [Tensor]? = nil
  ) throws(NNError) -> MemorySink {
    let sink = MemorySink()
    try CSource(self, name: name, weights: weights, samples: samples, for: "export_c").write(to: sink)
    return sink
  }
}
