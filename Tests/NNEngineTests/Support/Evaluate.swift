import Testing

@testable import NNEngine

/// Values of symbols, for tests that build a small graph and look at its numbers.
enum Evaluate {
  /// Fixture data as numbers.
  static func tensor(_ array: FixtureArray) throws -> Tensor { try Tensor(array.floats, shape: Shape(array.shape)) }

  /// The values of `symbols`.
  static func values(_ symbols: Symbol..., options: Program.Options = .standard) throws -> [Tensor] {
    let program = try Program(outputs: symbols, options: options)
    program.run()
    return try symbols.indices.map { try program.value($0) }
  }

  /// A variable with these values, and its symbol.
  static func input(_ tensor: Tensor) throws -> Symbol {
    let variable = try Variable("x", tensor.shape, role: .feed)
    try variable.set(tensor)
    return try .read(variable)
  }

  static func input(_ array: FixtureArray) throws -> Symbol { try input(tensor(array)) }

  static func input(_ values: [Float], _ shape: [Int]) throws -> Symbol {
    try input(Tensor(values, shape: Shape(shape)))
  }

  /// The message of the error that `body` throws.
  static func message(_ body: () throws -> Void) -> String {
    do { try body() } catch let error as NNError { return error.description } catch { return "\(error)" }
    return "no error"
  }
}
