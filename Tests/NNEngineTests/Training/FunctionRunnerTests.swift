import Testing

@testable import NNEngine

@Suite("Functions outside of models") struct FunctionRunnerTests {
  /// scale · Σ x² and its gradient.
  private func run(
    _ runner: FunctionRunner, _ x: [Float], _ scale: Float
  ) throws -> (value: Float, gradient: [Float]) {
    let scope = runner.begin()
    defer { scope.end() }
    let target = try scope.constant(Tensor(x))
    let loss = try target.with { (x) throws(NNError) in try x.square().sum() * scale }
    let gradients = try scope.gradients(of: loss, for: [target])
    let results = try runner.run(scope, [loss] + gradients)
    return (Float(results[0].element(0)), (0..<x.count).map { Float(results[1].element($0)) })
  }

  @Test("one program serves all recordings of one form") func form() throws {
    let runner = try FunctionRunner()
    for x: [Float] in [[1, 2], [3, -4], [0.5, 0]] {
      let (value, gradient) = try run(runner, x, 3)
      #expect(value == 3 * x.map { $0 * $0 }.reduce(0, +))
      #expect(gradient == x.map { 6 * $0 })
    }
    #expect(runner.compilations == 1)
    #expect(try run(runner, [1, 2, 3], 3).gradient == [6, 12, 18])
    #expect(runner.compilations == 2)
    // A number in the function itself belongs to the form.
    #expect(try run(runner, [1, 2], 2).value == 10)
    #expect(runner.compilations == 3)
    #expect(try run(runner, [2, 2], 3).value == 24)
    #expect(runner.compilations == 3)
  }

  @Test("programs are bounded in number") func bounded() throws {
    let runner = try FunctionRunner()
    for scale in 0..<40 { _ = try run(runner, [1], Float(scale)) }
    #expect(try run(runner, [1], 39).value == 39)
    #expect(runner.compilations == 40)
    #expect(try run(runner, [1], 0).value == 0)
    #expect(runner.compilations == 41)
  }

  @Test("a variable that is read twice has one gradient") func reads() throws {
    let w = try Variable("w", Shape([2]))
    try w.set(Tensor([2, 3]))
    let (a, b): (Symbol, Symbol) = (try .read(w), try .read(w))
    let gradients = try Symbol.gradients(of: (a * b).sum() + b.sum(), for: [a])
    let program = try Program(outputs: gradients.compactMap { $0 })
    program.run()
    // Σ w² + w
    #expect(program.pointer(0)[0] == 5)
    #expect(program.pointer(0)[1] == 7)
  }
}
