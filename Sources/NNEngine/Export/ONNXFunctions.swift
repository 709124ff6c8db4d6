import KernelTable

extension Map: ONNXForm {
  func write(_ step: InferenceGraph.Step, _ graph: inout ONNXBuilder) throws(NNError) {
    let (x, y) = (step.inputs[0], step.outputs[0])
    if let images = graph.onlyChannelsFirst(x) {
      graph.define(channelsFirst: try graph.apply(self, images), y)
    } else {
      graph.define(y, try graph.apply(self, graph.value(x)))
    }
  }
}

extension Binary: ONNXForm {
  func write(_ step: InferenceGraph.Step, _ graph: inout ONNXBuilder) throws(NNError) {
    let x = graph.operands(step.inputs, step.outputs[0])
    graph.define(step.outputs[0], graph.apply(function, x[0], x[1]))
  }
}

extension Select: ONNXForm {
  func write(_ step: InferenceGraph.Step, _ graph: inout ONNXBuilder) throws(NNError) {
    let x = graph.operands(step.inputs, step.outputs[0])
    graph.define(step.outputs[0], graph.node("Where", [graph.cast(x[0], .bool), x[1], x[2]]))
  }
}

extension ONNXBuilder {
  /// Operands that are broadcast: numbers as scalars, if the others alone give the result its shape.
  fileprivate mutating func operands(_ values: [Int], _ result: Int) -> [String] {
    let scalars = values.contains { !isFill($0) && shape($0) == shape(result) }
    return values.map { scalars ? operand($0) : value($0) }
  }

  // MARK: Functions of one variable

  /// The same formulas as the kernels'; an operator of that name where there is one.
  mutating func apply(_ map: Map, _ x: String) throws(NNError) -> String {
    let p = map.parameters
    if let type = ONNXFunctions.operators[map.label] { return node(type, [x]) }
    switch map.label {
    case "relu": return rectified(x, most: p.a, slope: p.b, threshold: p.c)
    case "elu": return node("Elu", [x], [.init("alpha", p.a)])
    case "swish": return node("Mul", [x, node("Sigmoid", [x])])
    case "gelu":
      let bell = node("Add", [node("Erf", [node("Mul", [x, scalar(0.70710678)])]), scalar(1)])
      return node("Mul", [node("Mul", [x, scalar(0.5)]), bell])
    case "gelu_approximate":
      let slope = node("Add", [node("Mul", [node("Mul", [x, x]), scalar(0.07135481)]), scalar(1.5957691)])
      return node("Mul", [x, node("Sigmoid", [node("Mul", [x, slope])])])
    case "mish": return node("Mul", [x, node("Tanh", [node("Softplus", [x])])])
    case "thresholded_relu": return node("ThresholdedRelu", [x], [.init("alpha", p.a)])
    // Without the difference of nearly equal numbers near 0: tanh(x/2) · (e^x + 1).
    case "expm1":
      let half = node("Tanh", [node("Mul", [x, scalar(0.5)])])
      return node("Mul", [half, node("Add", [node("Exp", [x]), scalar(1)])])
    // Near 0, where 1 + x loses digits: 2 · artanh(x / (x + 2)).
    case "log1p":
      let near = node("Mul", [node("Atanh", [node("Div", [x, node("Add", [x, scalar(2)])])]), scalar(2)])
      let isNear = node("Less", [node("Abs", [x]), scalar(0.5)])
      return node("Where", [isNear, near, node("Log", [node("Add", [x, scalar(1)])])])
    case "square": return node("Mul", [x, x])
    case "rsqrt": return node("Reciprocal", [node("Sqrt", [x])])
    case "log_cosh":
      let magnitude = node("Abs", [x])
      let tail = node("Softplus", [node("Mul", [magnitude, scalar(-2)])])
      return node("Add", [node("Sub", [magnitude, scalar(0.6931472)]), tail])
    case "isnan": return cast(node("IsNaN", [x]), .float)
    case "isfinite":
      return cast(node("Not", [node("Or", [node("IsNaN", [x]), node("IsInf", [x])])]), .float)
    case "logical_not": return cast(node("Equal", [x, scalar(0)]), .float)
    case "clip": return node("Clip", [x, scalar(p.a), scalar(p.b)])
    default: throw NNError(.notSupported, "has no form in ONNX")
    }
  }

  private mutating func rectified(_ x: String, most: Float, slope: Float, threshold: Float) -> String {
    switch (most, slope, threshold) {
    case (.infinity, 0, 0): return node("Relu", [x])
    case (.infinity, _, 0): return node("LeakyRelu", [x], [.init("alpha", slope)])
    case (_, 0, 0): return node("Clip", [x, scalar(0), scalar(most)])
    default: break
    }
    let below = node("Mul", [node("Sub", [x, scalar(threshold)]), scalar(slope)])
    let y = node("Where", [node("Greater", [x, scalar(threshold)]), x, slope == 0 ? scalar(0) : below])
    return most == .infinity ? y : node("Min", [y, scalar(most)])
  }

  // MARK: Functions of two variables

  fileprivate mutating func apply(_ function: BinaryFunction, _ a: String, _ b: String) -> String {
    if let type = ONNXFunctions.operators(function) { return node(type, [a, b]) }
    if let comparison = ONNXFunctions.comparisons(function) { return cast(node(comparison, [a, b]), .float) }
    switch function {
    case .notEqual: return cast(node("Not", [node("Equal", [a, b])]), .float)
    case .floorDivide: return node("Floor", [node("Div", [a, b])])
    case .modulo:
      // fmod has the dividend's sign, this the divisor's.
      let rest = node("Mod", [a, b], [.init("fmod", 1)])
      let signs = node("Mul", [node("Sign", [rest]), node("Sign", [b])])
      return node("Where", [node("Less", [signs, scalar(0)]), node("Add", [rest, b]), rest])
    case .logicalAnd: return logical("And", a, b)
    case .logicalOr: return logical("Or", a, b)
    case .logicalXor: return logical("Xor", a, b)
    case .parametricReLU: return node("Where", [node("Greater", [a, scalar(0)]), a, node("Mul", [a, b])])
    case .parametricReLUSlope:
      let left = node("Where", [node("Less", [a, scalar(0)]), b, scalar(0)])
      return node("Where", [node("Greater", [a, scalar(0)]), scalar(1), left])
    default: return ""  // All others are in the tables.
    }
  }

  private mutating func logical(_ type: String, _ a: String, _ b: String) -> String {
    cast(node(type, [cast(a, .bool), cast(b, .bool)]), .float)
  }
}

/// Functions that ONNX has under another name.
enum ONNXFunctions {
  static let operators: [String: String] = [
    "linear": "Identity", "selu": "Selu", "tanh": "Tanh", "sigmoid": "Sigmoid", "softplus": "Softplus",
    "softsign": "Softsign", "hard_sigmoid": "HardSigmoid", "exp": "Exp", "log": "Log", "sqrt": "Sqrt",
    "reciprocal": "Reciprocal", "negative": "Neg", "abs": "Abs", "sign": "Sign", "erf": "Erf", "floor": "Floor",
    "ceil": "Ceil", "round": "Round", "sin": "Sin", "cos": "Cos",
  ]

  static func operators(_ function: BinaryFunction) -> String? {
    switch function {
    case .add: "Add"
    case .subtract: "Sub"
    case .multiply: "Mul"
    case .divide: "Div"
    case .power: "Pow"
    case .maximum: "Max"
    case .minimum: "Min"
    default: nil
    }
  }

  /// Their results are truth values there.
  static func comparisons(_ function: BinaryFunction) -> String? {
    switch function {
    case .equal: "Equal"
    case .less: "Less"
    case .lessEqual: "LessOrEqual"
    case .greater: "Greater"
    case .greaterEqual: "GreaterOrEqual"
    default: nil
    }
  }
}
