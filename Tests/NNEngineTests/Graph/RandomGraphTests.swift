import Testing

@testable import NNEngine

@Suite("Random graphs")
struct RandomGraphTests {
  /// Some values, the gradient of their sum, and an update of every variable in one program, computed with all optimisations and by
  /// the reference.
  @Test("rewrites, shared memory, in-place updates and threads change nothing", arguments: 0..<150)
  func optimisedIsReference(_ seed: Int) throws {
    var graph = try RandomGraph(UInt64(seed), nodes: 30)
    var outputs: [Symbol] = []
    for _ in 0..<3 { outputs.append(graph.pick()) }
    var loss = try Symbol.fill(0, .scalar)
    for _ in 0..<2 { loss = try loss + graph.pick().mean() }
    outputs.append(loss)
    let reads = Array(graph.values.prefix(graph.variables.count))
    let gradients = try Symbol.gradients(of: loss, for: reads)
    var assignments: [(Variable, Symbol)] = []
    for (variable, (read, gradient)) in zip(graph.variables, zip(reads, gradients)) {
      guard let gradient else { continue }
      if graph.choose(3) == 0 { outputs.append(gradient) }
      assignments.append((variable, try read - 0.1 * gradient))
    }
    var results: [[[Float]]] = []
    for options in [Program.Options.reference, .standard] {
      try graph.reset()
      let program = try Program(outputs: outputs, assignments: assignments, options: options)
      var values: [[Float]] = []
      for _ in 0..<3 {  // what one run leaves behind must not disturb the next
        program.run()
        values += try outputs.indices.map { try program.value($0).values }
      }
      values += try graph.variables.map { try $0.value().values }
      results.append(values)
    }
    for i in results[0].indices {
      expectClose(results[1][i], results[0][i], relative: 2e-5, absolute: 2e-5, "seed \(seed), value \(i)")
    }
  }

  @Test("compiling twice gives the same program, line by line", arguments: 0..<20)
  func sameListing(_ seed: Int) throws {
    let listings = try (0..<2).map { _ in
      let graph = try RandomGraph(UInt64(seed), nodes: 40)
      let loss = try #require(graph.values.last).mean()
      let gradients = try Symbol.gradients(of: loss, for: Array(graph.values.prefix(6)))
      return try Program(outputs: [loss] + gradients.compactMap { $0 }).explain()
    }
    #expect(listings[0] == listings[1])
  }
}
