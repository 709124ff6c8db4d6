import KernelTable

extension ActivationDefinition {
  /// The kernels' functions that Keras counts among the activations, and those that are made of them or of rows.
  static let all: [ActivationDefinition] = kernels + composed

  static let linear = ActivationDefinition(name: "linear", doc: "x") { x, _ in x }

  /// A function of the kernels as it is.
  private init(_ function: ScalarFunction, aliases: [String]) {
    let name = "\(function.name)"
    let (p, initial) = (function.parameterNames, function.parameterDefaults)
    self.init(
      name: name, aliases: aliases, doc: "\(function.doc)",
      parameters: zip([p.0, p.1, p.2], [initial.a, initial.b, initial.c]).filter { "\($0.0)" != "" }.map {
        Parameter(name: "\($0)", initial: Double($1), doc: "Parameter of \(name).")
      },
      emit: { (x, values) throws(NNError) in
        let v = values.map { Float($0) } + [0, 0, 0]
        return try x.apply(name, v[0], v[1], v[2])
      })
  }

  private static let kernels: [ActivationDefinition] = {
    let special = Set(composed.map(\.name))
    let functions = (0..<CPU.kernels.scalarFunctionCount).map(CPU.kernels.scalarFunction)
    return functions.filter { $0.isActivation && !special.contains("\($0.name)") }.map { function in
      ActivationDefinition(function, aliases: "\(function.name)" == "swish" ? ["silu"] : [])
    }
  }()

  private static let axis = Parameter(name: "axis", kind: .integer, initial: -1, doc: "The axis of the classes.")

  private static let composed: [ActivationDefinition] = [
    linear,
    ActivationDefinition(
      name: "relu", doc: "max_value if x >= max_value; x if x > threshold; negative_slope * (x - threshold) below",
      parameters: [
        Parameter(name: "max_value", initial: .infinity, doc: "The largest result; no limit when not given."),
        Parameter(name: "negative_slope", aliases: ["alpha"], initial: 0, doc: "Slope below the threshold."),
        Parameter(name: "threshold", initial: 0, doc: "Where the function leaves the identity."),
      ]
    ) { (x, v) throws(NNError) in try x.apply("relu", Float(v[0]), Float(v[1]), Float(v[2])) },
    ActivationDefinition(
      name: "leaky_relu", doc: "x if x > 0; negative_slope * x below",
      parameters: [
        Parameter(name: "negative_slope", aliases: ["alpha"], initial: 0.2, doc: "Slope left of 0.")
      ]
    ) { (x, v) throws(NNError) in try x.apply("relu", .infinity, Float(v[0])) },
    ActivationDefinition(name: "relu6", doc: "x limited to 0 ... 6") { (x, _) throws(NNError) in
      try x.apply("relu", 6)
    },
    ActivationDefinition(name: "exponential", doc: "e to the power of x") { (x, _) throws(NNError) in try x.exp() },
    ActivationDefinition(
      name: "gelu", doc: "x * (1 + erf(x / sqrt(2))) / 2, exact or with tanh",
      parameters: [
        Parameter(
          name: "approximate", kind: .truth, initial: 0,
          doc: "Computes x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2 instead.")
      ]
    ) { (x, v) throws(NNError) in try x.apply(v[0] == 0 ? "gelu" : "gelu_approximate") },
    ActivationDefinition(
      name: "softmax", doc: "exp(x) / sum(exp(x)) along an axis: positive numbers that sum to 1", parameters: [axis]
    ) { (x, v) throws(NNError) in try x.softmax(axis: Int(v[0])) },
    ActivationDefinition(
      name: "log_softmax", doc: "x - log(sum(exp(x))) along an axis: the logarithm of softmax", parameters: [axis]
    ) { (x, v) throws(NNError) in try x.logSoftmax(axis: Int(v[0])) },
  ]
}
