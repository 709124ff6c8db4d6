import Synchronization
import Testing

@testable import NNEngine

/// Twenty steps with given gradients (one of them zero, one large) are Keras's.
@Suite("Optimizers against Keras")
struct OptimizerFixtureTests {
  @Test("every case of TensorFlow 2.1", arguments: try Fixtures.cases(.optimizers))
  func tf21(_ expected: FixtureTable) throws {
    try run(expected, Fixtures.file(.optimizers))
  }

  @Test(
    "what TensorFlow 2.1 does not have, as tf-keras has it", arguments: try Fixtures.cases(.optimizers, of: .tfkeras))
  func tfkeras(_ expected: FixtureTable) throws {
    try run(expected, Fixtures.file(.optimizers, of: .tfkeras))
  }

  @Test("how many cases ran, and that every optimizer has one")
  func count() throws {
    let cases = try Fixtures.cases(.optimizers) + Fixtures.cases(.optimizers, of: .tfkeras)
    let names = try Set(cases.map { try className($0) })
    #expect(names == Set(Optimizer.registry.entries.map(\.name)))
    #expect(cases.count == 47)
    print("optimizers: \(cases.count) cases of \(names.count) classes, 20 steps each")
  }

  private func className(_ fixture: FixtureTable) throws -> String {
    let name = try fixture.string("name")
    return String((name.hasPrefix("legacy.") ? name.dropFirst(7) : name[...]).prefix { $0 != "_" })
  }

  private func run(_ expected: FixtureTable, _ file: FixtureTable) throws {
    let optimizer = try Optimizer.make(className(expected), Make.arguments(expected.table("params")))
    let starts = try [file.array("W0"), file.array("b0")]
    let gradients = try [file.array("gradW"), file.array("gradb")]
    let run = try OptimizerRun(optimizer, zip(["W", "b"], starts).map { ($0, try Evaluate.tensor($1)) })
    for step in 0..<20 {
      try run.step(gradients.map { $0.row(step).floats })
      for (i, key) in ["W", "b"].enumerated() {
        let after = try expected.array(key).row(step).data
        let values = try run.values(i).map(Double.init)
        let what = "\(expected.path): \(key) after step \(step + 1)"
        let start = starts[i].data
        // Each step rounds a weight to float32, on both sides; it shows where a weight passes zero.
        let rounding = zip(start, after).map { 6e-8 * Double(step) * (max($0.magnitude, $1.magnitude)) }.max() ?? 0
        expectClose(values, after, relative: step == 0 ? 1e-5 : 1e-4, absolute: rounding, what)
        // The way from the start, too: small steps would hide in the weights.
        expectClose(
          zip(values, start).map { $0 - $1 }, zip(after, start).map { $0 - $1 }, relative: 1e-4,
          absolute: rounding + 1.2e-7 * (after.map(\.magnitude).max() ?? 0), what + ", way from the start")
      }
    }
    #expect(optimizer.iterations == 20)
  }

  @Test("Nadam's momentum grows as in Keras 2")
  func nadam() throws {
    let run = try OptimizerRun(Make.optimizer("nadam", #"{"learning_rate": 0.1}"#), [0])
    var before: Float = 0
    for expected in [0.105645, 0.078368, 0.073222] {
      try run.step([1])
      let now = try run.values()[0]
      expectClose(before - now, expected, absolute: 1e-6)
      before = now
    }
    // Neither does the rate decay, nor is a momentum's product lost when the count is set.
    #expect(try run.optimizer.learningRate == 0.1)
    let product = run.optimizer.momentumSoFar
    run.optimizer.iterations = 0
    #expect(run.optimizer.momentumSoFar == 1)
    run.optimizer.iterations = 3
    #expect(run.optimizer.momentumSoFar == product)
  }

  @Test("decay: rates 1, 1/2, 1/3")
  func decay() throws {
    let run = try OptimizerRun(Make.optimizer("SGD", #"{"lr": 1, "decay": 1}"#), [0])
    for sum in [-1.0, -1.5, -1.5 - 1 / 3.0] {
      try run.step([1])
      expectClose(try run.values()[0], sum, relative: 1e-6)
    }
  }
}
