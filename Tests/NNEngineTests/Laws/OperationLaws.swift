import Foundation
import KernelTable
import Testing

@testable import NNEngine

@Suite("Operation laws")
struct OperationLaws {
  static let extents = Array(1...17)
  /// Where a gradient is looked at: more than one lane, not a whole number of them.
  static let typical = 19

  // MARK: The registry

  @Test("every operation of the registry has a case")
  func everyOperationHasACase() {
    let cases = Set(OperationCases.all.map(\.operation))
    for type in OperationRegistry.all { #expect(cases.contains(String(describing: type)), "\(type) has no case") }
    #expect(cases.count == OperationRegistry.all.count)
    let labels = OperationCases.all.map(\.testDescription)
    #expect(Set(labels).count == labels.count)
  }

  /// The language cannot list the types that conform to a protocol; the sources can.
  @Test("every type declared as an operation is in the registry")
  func registryIsComplete() throws {
    let sources = URL(filePath: #filePath).appending(path: "../../../../Sources/NNEngine").standardized
    let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    var declared: Set<String> = []
    for case let file as URL in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /(?:struct|enum|class) (\w+): (?:Operation|Leaf)\b/) {
        declared.insert(String(match.1))
      }
    }
    #expect(declared == Set(OperationRegistry.all.map { String(describing: $0) }))
  }

  @Test("every function of one variable has a reference in double precision")
  func everyFunctionHasAReference() {
    #expect(Set(ScalarReferences.all.map(\.name)) == Set(ScalarFunctions.names))
  }

  // MARK: Values

  @Test("results are what the operation means, for tails of every length", arguments: OperationCases.all)
  func meaning(_ law: OperationCase) throws {
    for n in Self.extents + [Self.typical, 67] {
      let sample = try law.sample(n)
      let inputs = try OperationCase.symbols(sample)
      let results = try law.build(inputs)
      let values = try Self.run(results)
      let expected = try Self.expected(law, sample, inputs)
      #expect(results.count == expected.count)
      for (i, (value, right)) in zip(values, expected).enumerated() {
        expectClose(
          value.values.map(Double.init), right, relative: law.tolerance, absolute: law.tolerance * Self.scale(right),
          "\(law.testDescription), n = \(n), result \(i)")
      }
    }
  }

  @Test("of nothing: the right result of no elements, or an error of shapes", arguments: OperationCases.all)
  func empty(_ law: OperationCase) throws {
    let sample = try law.sample(0)
    let inputs = try OperationCase.symbols(sample)
    do {
      let results = try law.build(inputs)
      for options in [Program.Options.standard, .reference] {
        for (value, right) in zip(try Self.run(results, options), try Self.expected(law, sample, inputs)) {
          expectClose(value.values.map(Double.init), right, absolute: 1e-6, law.testDescription)
        }
      }
    } catch let error as NNError {
      #expect(error.code == .shape || error.code == .invalidArgument, "\(error)")
    }
  }

  /// Every result is exactly as large as declared: all of it is written, and nothing behind it.
  @Test("declared shape = produced", arguments: OperationCases.all)
  func shapes(_ law: OperationCase) throws {
    let poison: Float = -98765.4
    for n in [1, 3, 5, 13, Self.typical] {
      let results = try law.build(OperationCase.symbols(law.sample(n)))
      let program = try Program(outputs: results, options: .reference)
      program.run()
      let before = try results.indices.map { try program.value($0) }
      for (i, result) in results.enumerated() where !(result.node.operation is any Leaf) {
        let memory = UnsafeMutablePointer(mutating: program.pointer(i))
        let padded = (max(1, result.shape.count) + 15) & ~15
        memory.update(repeating: poison, count: padded)
        program.run()
        #expect(try haveSameBits(program.value(i).values, before[i].values), "n = \(n), result \(i): not all written")
        let behind = (result.shape.count..<padded).map { memory[$0] }
        #expect(behind.allSatisfy { $0 == poison }, "n = \(n), result \(i): written too far")
      }
    }
  }

  // MARK: Gradients

  @Test("gradient = central differences, or the definition's", arguments: OperationCases.all)
  func gradients(_ law: OperationCase) throws {
    let sample = try law.sample(Self.typical)
    let inputs = try OperationCase.symbols(sample)
    let results = try law.build(inputs)
    let factors = try Self.factors(results)
    let loss = try Self.loss(results, factors)
    guard case .of(let differentiable) = law.derivative else {
      if case .refused(let words) = law.derivative {
        let text = Evaluate.message { _ = try Symbol.gradients(of: loss, for: inputs) }
        #expect(text.contains(words), "\(text)")
      }
      return
    }
    let gradients = try Symbol.gradients(of: loss, for: inputs)
    for (i, gradient) in gradients.enumerated() where !differentiable.contains(i) {
      #expect(gradient == nil, "input \(i) has a gradient")
    }
    guard !differentiable.isEmpty else { return }
    let symbols = try differentiable.map { try #require(gradients[$0], "input \($0) has no gradient") }
    let values = try Self.run(symbols)
    for (i, value) in zip(differentiable, values) {
      #expect(value.shape == inputs[i].shape)
      let right: [Double]
      switch law.meaning {
      case .numbers(let f): right = Self.differences(f, sample, factors, i)
      case .definition(let definition):
        let small = try Self.loss(definition(inputs), factors)
        let symbol = try #require(try Symbol.gradients(of: small, for: [inputs[i]])[0])
        right = try Self.run([symbol])[0].values.map(Double.init)
      }
      expectClose(
        value.values.map(Double.init), right, relative: 1e-5, absolute: 1e-5 * max(1, Self.scale(right)),
        "\(law.testDescription): d/d input \(i)")
    }
  }

  /// Each input alone is enough to ask for.
  @Test("gradients can be asked for one at a time", arguments: OperationCases.all)
  func singleGradients(_ law: OperationCase) throws {
    guard case .of(let differentiable) = law.derivative else { return }
    let inputs = try OperationCase.symbols(law.sample(5))
    let results = try law.build(inputs)
    let loss = try Self.loss(results, Self.factors(results))
    let all = try Symbol.gradients(of: loss, for: inputs)
    for i in differentiable {
      let one = try #require(try Symbol.gradients(of: loss, for: [inputs[i]])[0])
      let both = try Self.run([one, #require(all[i])])
      #expect(haveSameBits(both[0].values, both[1].values))
    }
  }

  // MARK: Ways to compute the same

  @Test("in place = out of place; optimised = reference", arguments: OperationCases.all)
  func inPlace(_ law: OperationCase) throws {
    for n in [1, 7, 16, Self.typical] {
      let sample = try law.sample(n)
      // Copies that nobody else needs: an operation that may write over its inputs does.
      let copies = try OperationCase.symbols(sample).map { try Symbol.make(Identity(), $0) }
      let program = try Program(outputs: law.build(copies))
      program.run()
      let reference = try Self.run(law.build(OperationCase.symbols(sample)), .reference)
      for i in reference.indices {
        #expect(try haveSameBits(program.value(i).values, reference[i].values), "n = \(n), result \(i)")
      }
    }
  }

  @Test("1 thread = 2, 3, 4 threads, bit for bit", arguments: OperationCases.all)
  func threads(_ law: OperationCase) throws {
    let sample = try law.sample(law.large)
    let program = try Program(outputs: law.build(OperationCase.symbols(sample)))
    let reference = try Program(outputs: law.build(OperationCase.symbols(sample)), options: .reference)
    reference.run()
    let results = try law.build(OperationCase.symbols(law.sample(1))).count
    defer { ThreadPool.shared.threadCount = ThreadPool.processorCount }
    for threads in [2, 3, 4] {
      ThreadPool.shared.threadCount = threads
      program.run()
      for i in 0..<results {
        // Millions of numbers, too many for a loop in a debug build.
        let bytes = reference.shape(i).count * MemoryLayout<Float>.stride
        #expect(memcmp(program.pointer(i), reference.pointer(i), bytes) == 0, "\(threads) threads, result \(i)")
      }
    }
  }

  @Test("both processor levels agree", .enabled(if: TestedLevel.available.count > 1), arguments: OperationCases.all)
  func levels(_ law: OperationCase) throws {
    let results = try law.build(OperationCase.symbols(law.sample(67)))
    let values = try TestedLevel.available.map { level in
      let program = try Program(outputs: results, assignments: [], options: .standard, table: level.table)
      program.run()
      return try results.indices.map { try program.value($0).values.map(Double.init) }
    }
    for i in results.indices {
      let scale = Self.scale(values[0][i])
      expectClose(values[1][i], values[0][i], relative: law.tolerance, absolute: law.tolerance * scale, "result \(i)")
    }
  }
}

// MARK: Helpers

extension OperationLaws {
  static func run(_ symbols: [Symbol], _ options: Program.Options = .standard) throws -> [Tensor] {
    let program = try Program(outputs: symbols, options: options)
    program.run()
    return try symbols.indices.map { try program.value($0) }
  }

  static func scale(_ values: [Double]) -> Double { values.filter(\.isFinite).map(\.magnitude).max() ?? 0 }

  static func expected(_ law: OperationCase, _ sample: [Tensor], _ inputs: [Symbol]) throws -> [[Double]] {
    switch law.meaning {
    case .numbers(let f): f(arrays(sample))
    case .definition(let f): try run(f(inputs), .reference).map { $0.values.map(Double.init) }
    }
  }

  static func arrays(_ tensors: [Tensor]) -> [Array64] {
    tensors.map { Array64($0.shape.dimensions, $0.values.map(Double.init)) }
  }

  /// A number for each element of each result, so that every element counts differently.
  static func factors(_ results: [Symbol]) throws -> [Tensor] {
    var numbers = TestNumbers(99)
    return try results.map { try Tensor(numbers.floats($0.shape.count), shape: $0.shape) }
  }

  static func loss(_ results: [Symbol], _ factors: [Tensor]) throws -> Symbol {
    var loss = try Symbol.fill(0, .scalar)
    for (result, factor) in zip(results, factors) { loss = try loss + (result * .literal(factor)).sum() }
    return loss
  }

  /// d Σ factor · f / d input i, in double precision.
  static func differences(
    _ f: ([Array64]) -> [[Double]], _ sample: [Tensor], _ factors: [Tensor], _ i: Int
  ) -> [Double] {
    let weights = factors.map { $0.values.map(Double.init) }
    func loss(_ x: [Array64]) -> Double {
      zip(f(x), weights).reduce(0) { $0 + zip($1.0, $1.1).reduce(0) { $0 + $1.0 * $1.1 } }
    }
    let step = 1e-5
    var x = arrays(sample)
    return x[i].data.indices.map { j in
      let value = x[i].data[j]
      x[i].data[j] = value + step
      let above = loss(x)
      x[i].data[j] = value - step
      let below = loss(x)
      x[i].data[j] = value
      return (above - below) / (2 * step)
    }
  }
}
