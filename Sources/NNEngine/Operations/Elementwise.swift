import KernelTable

/// The functions of one variable, found by name. Both kernel levels list the same functions in the same order.
enum ScalarFunctions {
  static let names: [String] = (0..<CPU.kernels.scalarFunctionCount).map {
    CPU.kernels.scalarFunction($0).name.description
  }
  private static let indices = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })

  static func index(_ name: String) throws(NNError) -> Int {
    if let i = indices[name] { return i }
    throw NNError(.notFound, "unknown function '\(name)'" + Suggestion.hint(for: name, among: names))
  }
}

/// y = f(x), element by element.
struct Map: Operation {
  static let name = "Map"
  let function: Int
  let parameters: Parameters
  var scalar: ScalarFunction { CPU.kernels.scalarFunction(function) }
  var label: String { ScalarFunctions.names[function] }

  func shapes(of inputs: [Shape]) -> [Shape] { inputs }
  func resultOverwriting(_ input: Int) -> Int? { 0 }

  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    guard let dy = cotangents[0], scalar.isDifferentiable else { return [nil] }
    // Needs neither x nor y, so neither should be kept for it.
    if label == "negative" { return [try -dy] }
    let saved = scalar.derivativeNeedsInputFor(parameters) ? node.inputs[0] : Symbol(node)
    return [try .make(MapGradient(function: function, parameters: parameters), saved, dy)]
  }

  func kernel(_ memory: Binding) -> Kernel? {
    let map = memory.kernels.scalarFunction(function).map
    let (x, y, p) = (memory.input(0), memory.output(), parameters)
    return memory.overRange(memory.count, grain: Binding.grain / 4) { r in
      map(r.count, x + r.lowerBound, y + r.lowerBound, p)
    }
  }
}

/// dx = dy · f′, with f′ from the input or the output of f, whichever the function asks for.
struct MapGradient: Operation {
  static let name = "MapGradient"
  let function: Int
  let parameters: Parameters
  var label: String { ScalarFunctions.names[function] + "'" }

  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    guard inputs[0] == inputs[1] else { throw .shape("\(label): shapes \(inputs[0]) and \(inputs[1]) differ") }
    return [inputs[0]]
  }
  func resultOverwriting(_ input: Int) -> Int? { 0 }

  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    throw NNError(.notSupported, "the second derivative of \(ScalarFunctions.names[function]) is not available")
  }

  func kernel(_ memory: Binding) -> Kernel? {
    let gradient = memory.kernels.scalarFunction(function).gradient
    let (saved, dy, dx, p) = (memory.input(0), memory.input(1), memory.output(), parameters)
    return memory.overRange(memory.count, grain: Binding.grain / 2) { r in
      gradient(r.count, saved + r.lowerBound, dy + r.lowerBound, dx + r.lowerBound, p)
    }
  }
}

/// Functions of two variables, broadcast as NumPy does.
struct Binary: Operation {
  static let name = "Binary"
  let function: BinaryFunction
  init(_ function: BinaryFunction) { self.function = function }
  var label: String { "\(function)" }

  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    [try Shape.broadcast(inputs[0], inputs[1], for: label)]
  }
  func resultOverwriting(_ input: Int) -> Int? { 0 }

  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    guard let g = cotangents[0] else { return [nil, nil] }
    let (a, b) = (node.inputs[0], node.inputs[1])
    switch function {
    case .add: return [try g.reduced(to: a.shape), try g.reduced(to: b.shape)]
    case .subtract: return [try g.reduced(to: a.shape), try (-g).reduced(to: b.shape)]
    case .multiply: return [try (g * b).reduced(to: a.shape), try (g * a).reduced(to: b.shape)]
    case .divide:
      let q = try g / b
      return [try q.reduced(to: a.shape), try (-(q * Symbol(node))).reduced(to: b.shape)]
    case .power:
      let da = try g * b * a.power(b - 1)
      // d/db a^b = a^b·log a; 0 where a ≤ 0 (TensorFlow's choice), instead of NaN.
      let logA = try Symbol.select(
        a.greater(0), a.clip(min: .leastNormalMagnitude, max: .infinity).log(), .fill(0, .scalar))
      return [try da.reduced(to: a.shape), try (g * Symbol(node) * logA).reduced(to: b.shape)]
    case .maximum, .minimum:
      let first = try function == .maximum ? a.greaterEqual(b) : a.lessEqual(b)
      let da = try g * first
      return [try da.reduced(to: a.shape), try (g - da).reduced(to: b.shape)]
    case .parametricReLU:
      let da = try g * .binary(.parametricReLUSlope, a, b)
      return [try da.reduced(to: a.shape), try (g * a.minimum(0)).reduced(to: b.shape)]
    case .modulo:
      // a − floor(a / b) · b, where floor is constant.
      let db = try -(g * Symbol.binary(.floorDivide, a, b))
      return [try g.reduced(to: a.shape), try db.reduced(to: b.shape)]
    default: return [nil, nil]
    }
  }

  func kernel(_ memory: Binding) -> Kernel? {
    let (f, binary, y) = (function, memory.kernels.binary, memory.output())
    let (a, b) = (memory.input(0), memory.input(1))
    return BroadcastLoop(memory.node).kernel(memory) { count, at, offset in
      binary(f, count, a + offset.0, at.0, b + offset.1, at.1, y + offset.out)
    }
  }
}

/// y = c ≠ 0 ? a : b, broadcast.
struct Select: Operation {
  static let name = "Where"

  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    let ab = try Shape.broadcast(inputs[1], inputs[2], for: "where")
    return [try Shape.broadcast(inputs[0], ab, for: "where")]
  }

  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    guard let g = cotangents[0] else { return [nil, nil, nil] }
    let zero = try Symbol.fill(0, .scalar)
    let c = node.inputs[0]
    return [
      nil, try Symbol.select(c, g, zero).reduced(to: node.inputs[1].shape),
      try Symbol.select(c, zero, g).reduced(to: node.inputs[2].shape),
    ]
  }

  func kernel(_ memory: Binding) -> Kernel? {
    let (select, y) = (memory.kernels.select, memory.output())
    let (c, a, b) = (memory.input(0), memory.input(1), memory.input(2))
    return BroadcastLoop(memory.node).kernel(memory) { count, step, offset in
      select(count, c + offset.0, step.0, a + offset.1, step.1, b + offset.2, step.2, y + offset.out)
    }
  }
}
