import KernelTable

/// A function applied to each number of a layer's output (softmax: to each row of the last axis).
public struct Activation: Registered, Hashable, Sendable {
  /// Keras's name: "elu".
  public let name: String
  let parameters: Parameters

  /// f(x).
  public func callAsFunction(_ x: Symbol) throws(NNError) -> Symbol {
    switch name {
    case "linear": x
    case "softmax": try x.softmax()
    default: try x.apply(name, parameters)
    }
  }

  /// Keras's linear: the output as it is.
  public static let linear = Activation(name: "linear", parameters: Parameters())

  private static let softmax = Registry<Activation>.Entry(
    name: "softmax", doc: "exp(x) / sum(exp(x)) over the last axis: positive numbers that sum to 1", fields: [],
    make: { (arguments) throws(NNError) in
      let parameters = try ParameterList(name: "softmax").parameters(arguments)
      return Activation(name: "softmax", parameters: parameters)
    })

  /// All activations: the kernels' functions that Keras counts among them, and softmax.
  public static let registry = Registry<Activation>(
    "activation",
    (0..<CPU.kernels.scalarFunctionCount).map(CPU.kernels.scalarFunction).filter(\.isActivation).map { function in
      let list = ParameterList(function)
      return .init(name: list.name, doc: "\(function.doc)", fields: list.fields) { (arguments) throws(NNError) in
        Activation(name: list.name, parameters: try list.parameters(arguments))
      }
    } + [softmax])

  /// The name, and those parameters that it has.
  public var serialized: (className: String, configuration: Value.Table)? {
    let fields = (try? Activation.registry.entry(name))?.fields ?? []
    return (name, Value.Table(zip(fields, parameters.values).map { ($0.name, .number(Double($1))) }))
  }

  /// The bare name, as Keras writes it, wherever the name alone means the same function.
  public var encoded: Value {
    if let plain = try? Activation.registry.make(.string(name)), plain == self { return .string(name) }
    let configuration = serialized?.configuration ?? .init()
    return .table(Value.Table([("class_name", .string(name)), ("config", .table(configuration))]))
  }
}

extension Parameters {
  fileprivate var values: [Float] { [a, b, c] }
}

/// The parameters of an activation as arguments of a call.
private struct ParameterList {
  let name: String
  let names: [String]
  let defaults: [Float]

  init(name: String) {
    self.name = name
    names = []
    defaults = []
  }

  init(_ function: ScalarFunction) {
    name = "\(function.name)"
    let (a, b, c) = function.parameterNames
    names = [a, b, c].map { "\($0)" }.filter { !$0.isEmpty }
    defaults = function.parameterDefaults.values
  }

  var fields: [FieldInfo] {
    zip(names, defaults).map { name, value in
      FieldInfo(
        name: name, aliases: [], kind: Double.kind, defaultText: JSON.text(.number(Double(value))), choices: [],
        doc: "Parameter of \(self.name).")
    }
  }

  func parameters(_ arguments: Arguments) throws(NNError) -> Parameters {
    guard arguments.positional.count <= names.count else {
      throw .invalid("\(name): takes at most \(names.count) arguments by position, got \(arguments.positional.count)")
    }
    var values = defaults + [Float](repeating: 0, count: 3 - defaults.count)
    var given: Set<String> = []
    for (parameter, value) in zip(names, arguments.positional) + arguments.named.entries.map({ ($0.name, $0.value) }) {
      guard let index = names.firstIndex(of: parameter) else {
        throw .invalid("\(name): unknown field '\(parameter)'" + Suggestion.hint(for: parameter, among: names))
      }
      guard given.insert(parameter).inserted else { throw .invalid("\(name): '\(parameter)' is given twice") }
      if value.isNull { continue }
      guard let number = Double.decode(value), !number.isNaN else {
        throw .invalid("\(name): '\(parameter)' must be \(Double.kind), got \(value.text)")
      }
      values[index] = Float(number)
    }
    return Parameters(values[0], values[1], values[2])
  }
}
