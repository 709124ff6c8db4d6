import KernelTable
import Testing

@testable import NNEngine

/// What holds for every operation that can stand in a model's function of inference: it can be written in C, and computes there what it
/// computes here.
@Suite("C form laws")
struct CFormLaws {
  /// Operations without a form, and why none is needed. An operation that is missing here and has no form fails the suite.
  static let without: [String: String] = [
    "Read": "weights become constants, feeds parameters", "Fill": "a constant", "Literal": "a constant",
    "Keep": "taken away", "StopGradient": "taken away", "Reshape": "a view: the same memory",
    "Assign": "gives a variable a value", "OptimizerStep": "an update", "ProductUpdateStep": "an update",
    "Dropout": "random", "RandomNumbers": "random", "DropoutProduct": "random",
    "BatchNormalizationOperation": "takes the statistics of a batch", "BatchNormalizationGradient": "a gradient",
    "MapGradient": "a gradient", "RowScatter": "a gradient", "ConvolutionGradient": "a gradient",
    "MaxPoolGradient": "a gradient", "AveragePoolGradient": "a gradient", "SoftmaxGradient": "a gradient",
    "LogSoftmaxGradient": "a gradient", "SoftmaxCrossEntropy": "a loss", "SigmoidCrossEntropy": "a loss",
    "SoftmaxCrossEntropyGradient": "a gradient", "SigmoidCrossEntropyGradient": "a gradient",
  ]

  @Test("every operation of the registry has a form in C, or a reason why not")
  func everyOperation() {
    for type in OperationRegistry.all {
      let name = String(describing: type)
      #expect((type is any CForm.Type) != (Self.without[name] != nil), "\(name)")
    }
    #expect(Set(Self.without.keys).isSubset(of: OperationRegistry.all.map { String(describing: $0) }))
  }

  @Test("every function of one variable is written")
  func everyFunction() {
    #expect(Set(CFunction.scalars.keys) == Set(ScalarFunctions.names))
  }

  /// Each case is a file with its own self-test, whose numbers are the engine's.
  @Test("compiled, an operation computes what the engine does")
  func values() throws {
    var program = try CProgram()
    var covered: Set<String> = []
    for law in OperationCases.all where Self.without[law.operation] == nil || law.operation == "Reshape" {
      covered.insert(law.operation)
      for n in [1, 5, 19] {
        let sample = try law.sample(n)
        let variables = try sample.map { try Variable("in", $0.shape, role: .feed) }
        let results = try law.build(variables.map { try .read($0) })
        let graph = try InferenceGraph(variables, results, rules: CSource.rules)
        let source = try CSource(
          graph, CSamples(graph, sample), prefix: program.nextName, title: "\(law.testDescription), n = \(n)", for: "law")
        let sink = MemorySink()
        try source.write(to: sink)
        try program.add(sink.bytes)
      }
    }
    try program.expectContent()
    for type in OperationRegistry.all where type is any CForm.Type {
      #expect(covered.contains(String(describing: type)), "\(type) has no case")
    }
  }
}
