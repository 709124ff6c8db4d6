import Testing

@testable import NNEngine

@Suite("Order of assignments")
struct OrderingTests {
  static func variable(_ name: String, _ values: [Float]) throws -> Variable {
    let variable = try Variable(name, Shape([values.count]))
    try variable.set(Tensor(values))
    return variable
  }

  static let both = [Program.Options.standard, .reference]

  @Test("every assigned value is computed from the old values")
  func oldValues() throws {
    for options in Self.both {
      let (a, b) = (try Self.variable("a", [1, 2]), try Self.variable("b", [10, 20]))
      let (x, y) = (try Symbol.read(a), try Symbol.read(b))
      let program = try Program(outputs: [x + y], assignments: [(a, y + 1), (b, x * 2)], options: options)
      program.run()
      #expect(try a.value().values == [11, 21])
      #expect(try b.value().values == [2, 4])
      #expect(try program.value(0).values == [11, 22])
      program.run()
      #expect(try a.value().values == [3, 5])
      #expect(try b.value().values == [22, 42])
    }
  }

  /// Each could be done in place, but not both: one of them must not spoil what the other reads.
  @Test("two updates that read each other's variable")
  func mutual() throws {
    for options in Self.both {
      let (a, b) = (try Self.variable("a", [1, 2]), try Self.variable("b", [10, 20]))
      let (x, y) = (try Symbol.read(a), try Symbol.read(b))
      let program = try Program(outputs: [], assignments: [(a, x + y), (b, y - x)], options: options)
      program.run()
      #expect(try a.value().values == [11, 22])
      #expect(try b.value().values == [9, 18])
    }
  }

  @Test("three in a ring")
  func ring() throws {
    for options in Self.both {
      let v = try (0..<3).map { try Self.variable("v\($0)", [Float($0 + 1)]) }
      let x = try v.map { try Symbol.read($0) }
      let program = try Program(
        outputs: [], assignments: [(v[0], x[0] + x[1]), (v[1], x[1] + x[2]), (v[2], x[2] + x[0])], options: options)
      program.run()
      #expect(try v.map { try $0.value().values } == [[3], [5], [4]])
    }
  }

  @Test("a bare swap has no order, and is an error that says so")
  func swap() throws {
    for options in Self.both {
      let (a, b) = (try Self.variable("a", [1]), try Self.variable("b", [2]))
      let (x, y) = (try Symbol.read(a), try Symbol.read(b))
      #expect(
        Evaluate.message { _ = try Program(outputs: [], assignments: [(a, y), (b, x)], options: options) }
          == "assignments form a cycle: a value needs what it overwrites")
      #expect(try a.value().values == [1])
    }
  }

  @Test("two values for one variable are an error")
  func twice() throws {
    let a = try Self.variable("a", [1])
    let x = try Symbol.read(a)
    #expect(
      Evaluate.message { _ = try Program(outputs: [], assignments: [(a, x + 1), (a, x + 2)]) }
        == "a is assigned twice in one program")
  }

  @Test("a value of another shape is an error that names the variable")
  func shape() throws {
    let a = try Self.variable("a", [1, 2])
    #expect(
      Evaluate.message { _ = try Program(outputs: [], assignments: [(a, .fill(0, Shape([3])))]) }
        == "assignment to a: expected shape (2,), got (3,)")
  }

  @Test("an update in place: no buffer, no copy, the variable's own memory")
  func inPlace() throws {
    let a = try Self.variable("a", [1, 2, 3])
    let x = try Symbol.read(a)
    let program = try Program(outputs: [], assignments: [(a, x * 2)])
    #expect(program.kernelCount == 1)
    #expect(program.arenaBytes == 0)
    program.run()
    program.run()
    #expect(try a.value().values == [4, 8, 12])
    let reference = try Program(outputs: [], assignments: [(a, x * 2)], options: .reference)
    #expect(reference.kernelCount == 2)
  }

  @Test("readers of the old value come before an update in place, also through views")
  func readersFirst() throws {
    for options in Self.both {
      let a = try Self.variable("a", [1, 2, 3, 4])
      let x = try Symbol.read(a)
      let matrix = try x.reshaped([2, 2])
      let late = try matrix.sum(axes: [0])
      let program = try Program(
        outputs: [late, matrix, x], assignments: [(a, x * 10)], options: options)
      program.run()
      #expect(try program.value(0).values == [4, 6])
      #expect(try program.value(1).values == [1, 2, 3, 4])
      #expect(try program.value(2).values == [1, 2, 3, 4])
      #expect(try a.value().values == [10, 20, 30, 40])
    }
  }

  @Test("an output that is the new value is the new value")
  func newValue() throws {
    for options in Self.both {
      let a = try Self.variable("a", [1, 2])
      let new = try Symbol.read(a) + 1
      let program = try Program(outputs: [new, new * 10], assignments: [(a, new)], options: options)
      program.run()
      #expect(try program.value(0).values == [2, 3])
      #expect(try program.value(1).values == [20, 30])
      // Outputs are held until the next run, whatever happens to the variable.
      try a.set(Tensor([7, 7]))
      #expect(try program.value(0).values == [2, 3])
    }
  }

  @Test("an update whose weights are needed for another gradient waits for it")
  func backpropagation() throws {
    for options in Self.both {
      let (w, v) = (try Self.variable("w", [2]), try Self.variable("v", [3]))
      let (x, y) = (try Symbol.read(w), try Symbol.read(v))
      let loss = try (x * y).square()
      let g = try Symbol.gradients(of: loss, for: [x, y]).compactMap { $0 }
      let program = try Program(
        outputs: [loss], assignments: [(w, x - 0.01 * g[0]), (v, y - 0.01 * g[1])], options: options)
      program.run()
      // d/dw (w v)² = 2 w v² = 36; d/dv = 2 w² v = 24
      expectClose(try w.value().values, [Float(2 - 0.36)], relative: 1e-6)
      expectClose(try v.value().values, [Float(3 - 0.24)], relative: 1e-6)
    }
  }
}
