@testable import NNEngine

/// A random graph over a few variables, the same for the same seed: products with what can follow them, elementwise and row operations,
/// reductions, layout, all with values of moderate size.
struct RandomGraph {
  let variables: [Variable]
  private(set) var values: [Symbol]
  private let random: RandomStream
  private var index = 0

  init(_ seed: UInt64, nodes: Int) throws {
    random = RandomStream(seed: seed, stream: 4711)
    var variables: [Variable] = []
    for (i, shape) in [[4, 6], [6, 6], [6], [4, 6], [6, 6], [4, 1]].enumerated() {
      variables.append(try Variable("v\(i)", Shape(shape)))
    }
    self.variables = variables
    values = []
    for variable in variables { values.append(try .read(variable)) }
    try reset()
    while values.count < nodes { values.append(try node()) }
  }

  /// Gives the variables their first values.
  func reset() throws {
    for (i, variable) in variables.enumerated() {
      let stream = RandomStream(seed: random.seed, stream: UInt32(i))
      for j in 0..<variable.shape.count { variable.pointer[j] = Float(stream.uniform(j) - 0.5) }
    }
  }

  mutating func choose(_ bound: Int) -> Int {
    index += 1
    return random.integer(index, below: bound)
  }

  mutating func pick() -> Symbol { values[choose(values.count)] }

  /// A value of the shape [4, 6].
  mutating func rows() throws -> Symbol {
    let x = pick()
    switch x.shape.dimensions {
    case [4, 6]: return x
    case [6], [4, 1]: return try x + .read(variables[0])
    case [6, 6]: return try Symbol.read(variables[3]).matmul(x)
    default: return try .read(variables[choose(2) == 0 ? 0 : 3])
    }
  }

  private mutating func node() throws -> Symbol {
    let functions = ["tanh", "sigmoid", "elu", "relu", "sin", "abs", "softplus"]
    let name = functions[choose(functions.count)]
    switch choose(14) {
    case 0, 1: return try pick().apply(name, name == "relu" ? .infinity : 1)
    case 2: return try rows() + rows()
    case 3: return try rows() * rows()
    case 4: return try rows() - pick().mean()
    case 5: return try rows().maximum(rows())
    case 6: return try rows().softmax()
    case 7: return try rows().sum(axes: [choose(2)], keepDims: true).apply("tanh") * rows()
    case 8: return try rows().transposed().matmul(rows()).apply("tanh")
    case 9: return try rows().reshaped([2, 12]).apply("sin").reshaped([4, 6])
    case 10: return try rows().matmul(.read(variables[1])) + .read(variables[2])
    case 11:
      return try (rows().matmul(.read(variables[4])) + .read(variables[2])).apply(name, name == "relu" ? .infinity : 1)
    case 12:
      let target = try Symbol.literal(Tensor([1, 0, 5, 3]))
      return try Symbol.sparseCrossEntropy(logits: rows(), labels: target).loss.reshaped([4, 1]).apply("tanh")
    default: return try Symbol.select(rows().greater(0), rows(), pick().mean())
    }
  }
}
