import KernelTable
import Testing

@testable import NNEngine

/// What holds for every operation that can stand in a model's function of inference: it can be written as ONNX, and means there what it
/// computes here.
@Suite("ONNX form laws")
struct ONNXFormLaws {
  /// Operations without a form, and why none is needed. An operation that is missing here and has no form fails the suite.
  static let without = TrainingOperations.and([
    "Read": "weights become constants, feeds inputs", "Fill": "a constant", "Literal": "a constant",
  ])

  static let cases = OperationCases.all.filter { without[$0.operation] == nil }

  @Test("every operation of the registry has a form in ONNX, or a reason why not")
  func everyOperation() {
    for type in OperationRegistry.all {
      let name = String(describing: type)
      #expect((type is any ONNXForm.Type) != (Self.without[name] != nil), "\(name)")
      if type is any ONNXForm.Type { #expect(Self.cases.contains { $0.operation == name }, "\(name) has no case") }
    }
    #expect(Set(Self.without.keys).isSubset(of: OperationRegistry.all.map { String(describing: $0) }))
  }

  /// Interpreted in double precision, so what is left between the two is the engine's own rounding: the case's tolerance.
  @Test("interpreted, the file computes what the engine does", arguments: cases)
  func values(_ law: OperationCase) throws {
    for n in [1, 5, 19] {
      let sample = try law.sample(n)
      let variables = try sample.enumerated().map { try Variable("in\($0)", $1.shape, role: .feed) }
      // A gradient that was joined to a product is no inference.
      let results = try law.build(variables.map { try .read($0) })
      let graph = try InferenceGraph(variables, results, rules: BatchedGraph.rules)
      guard !graph.steps.contains(where: { Self.isGradient($0.operation) }) else { continue }
      let file = try Self.file(try ONNXBuilder.graph(BatchedGraph(fixed: graph), name: "law", for: "law"))
      let values = try ONNXInterpreter.run(
        file, sample.map { Array64($0.shape.dimensions, $0.values.map { Double($0) }) })
      for (value, right) in zip(values, try graph.results(sample)) {
        #expect(value.shape == right.shape.dimensions, "\(law.testDescription), n = \(n)")
        let expected = right.values.map { Double($0) }
        let tolerance = max(law.tolerance, 1e-6)
        expectClose(
          value.data, expected, relative: tolerance, absolute: tolerance * (expected.map(abs).max() ?? 0),
          "\(law.testDescription), n = \(n)")
      }
    }
  }

  private static func isGradient(_ operation: any Operation) -> Bool {
    if operation is MapGradient { return true }
    if let owner = operation as? any EpilogueOwner, case .gradient = owner.epilogue { return true }
    return false
  }

  static func file(_ graph: ONNX.Graph) throws -> ONNXFile {
    let sink = MemorySink()
    try graph.file(for: "law").write(to: sink)
    return try ONNXFile(sink.bytes)
  }
}
