import KernelTable
import Testing

@testable import NNEngine

/// What holds for every operation that can stand in a model's function of inference: it can be written in C, and computes there what it
/// computes here.
@Suite("C form laws")
struct CFormLaws {
  /// Operations without a form, and why none is needed. An operation that is missing here and has no form fails the suite.
  static let without = TrainingOperations.and([
    "Read": "weights become constants, feeds parameters", "Fill": "a constant", "Literal": "a constant",
    "Keep": "taken away", "StopGradient": "taken away", "Reshape": "a view: the same memory",
  ])

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
      for n in [1, 19] {
        let sample = try law.sample(n)
        let variables = try sample.map { try Variable("in", $0.shape, role: .feed) }
        let results = try law.build(variables.map { try .read($0) })
        let graph = try InferenceGraph(variables, results, rules: CSource.rules)
        // A product times f′ is one of training.
        if graph.steps.contains(where: { ($0.operation as? any CForm)?.hasForm == false }) {
          #expect(law.label.contains("′"))
          continue
        }
        let (name, title) = (program.nextName, "\(law.testDescription), n = \(n)")
        let source = try CSource(graph, CSamples(graph, sample), prefix: name, title: title, for: "law")
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
