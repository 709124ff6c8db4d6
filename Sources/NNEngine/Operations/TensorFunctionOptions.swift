import KernelTable

/// The further arguments of tensor functions, and how entries of the table are made from them.
struct AxisOptions: Configurable {
  var axis: Axes?
  var keepDims = false
  static let className = "axis"
  static let doc = "Over which axes."
  static let fields: [Field<AxisOptions>] = [
    Field("axis", \.axis, "One axis or several; all when not given."),
    Field("keepdims", \.keepDims, "Whether the axes stay, with extent 1."),
  ]
}

struct ClipOptions: Configurable {
  var min = -Double.infinity
  var max = Double.infinity
  static let className = "clip"
  static let doc = "Limits."
  static let fields: [Field<ClipOptions>] = [Field("min", \.min, "Lower limit."), Field("max", \.max, "Upper limit.")]
  func validate() throws(NNError) {
    if min > max { throw .invalid("clip: 'min' (\(min)) is greater than 'max' (\(max))") }
  }
}

struct RoundOptions: Configurable {
  var decimals = 0
  static let className = "round"
  static let doc = "Rounding."
  static let fields: [Field<RoundOptions>] = [
    Field(
      "decimals", \.decimals, check: Check("an integer from 0 to 10") { (0...10).contains($0) }, "Decimals that stay.")
  ]
}

struct SoftmaxOptions: Configurable {
  var axis = -1
  static let className = "softmax"
  static let doc = "Along which axis."
  static let fields: [Field<SoftmaxOptions>] = [Field("axis", \.axis, "The axis along which the result sums to 1.")]
}

struct LeakyReLUOptions: Configurable {
  var negativeSlope = 0.2
  static let className = "leaky_relu"
  static let doc = "The slope."
  static let fields: [Field<LeakyReLUOptions>] = [
    Field("negative_slope", \.negativeSlope, aliases: ["alpha"], check: .finite, "Slope left of 0.")
  ]
}

struct TransposeOptions: Configurable {
  var axes: [Int]?
  static let className = "transpose"
  static let doc = "The order of axes."
  static let fields: [Field<TransposeOptions>] = [
    Field("axes", \.axes, "For each axis of the result, which axis of x it is.")
  ]
}

extension TensorFunctions {
  /// A function of one tensor without further arguments.
  static func function(
    _ name: String, _ doc: String, _ result: DType, _ body: @escaping @Sendable ([Symbol]) throws(NNError) -> Symbol
  ) -> TensorFunction {
    TensorFunction(name: name, doc: doc, operands: 1, fields: [], result: result, isElementwise: true) {
      (x, arguments) throws(NNError) in
      _ = try numbers(arguments, [], name)
      return try body(x)
    }
  }

  static func binary(_ name: String, _ doc: String, _ f: BinaryFunction, _ result: DType) -> TensorFunction {
    TensorFunction(name: name, doc: doc, operands: 2, fields: [], result: result, isElementwise: true) {
      (x, arguments) throws(NNError) in
      _ = try numbers(arguments, [], name)
      return try .binary(f, x[0], x[1])
    }
  }

  /// A function of one tensor with options.
  static func with<O: Configurable>(
    _ options: O.Type, _ name: String, _ doc: String, _ result: DType = .float32, isElementwise: Bool = false,
    _ body: @escaping @Sendable ([Symbol], O) throws(NNError) -> Symbol
  ) -> TensorFunction {
    TensorFunction(
      name: name, doc: doc, operands: 1, fields: O.fieldInfos, result: result, isElementwise: isElementwise
    ) { (x, arguments) throws(NNError) in
      let o: O
      do throws(NNError) { o = try O.make(arguments) } catch {
        // The options' own name would mean nothing to the caller.
        let prefix = O.className + ": "
        let text = error.message.hasPrefix(prefix) ? String(error.message.dropFirst(prefix.count)) : error.message
        throw NNError(error.code, "\(name): \(text)")
      }
      return try body(x, o)
    }
  }

  static func reduction(
    _ name: String, _ doc: String, _ result: DType = .float32,
    _ body: @escaping @Sendable (Symbol, [Int]?, Bool) throws(NNError) -> Symbol
  ) -> TensorFunction {
    with(AxisOptions.self, name, doc, result) { (x, o) throws(NNError) in try body(x[0], o.axis?.values, o.keepDims) }
  }

  /// The numbers among arguments with these names; nil for those that were not given.
  static func numbers(_ arguments: Arguments, _ names: [String], _ function: String) throws(NNError) -> [Float?] {
    var result = [Float?](repeating: nil, count: names.count)
    guard arguments.positional.count <= names.count else {
      throw .invalid("\(function): takes at most \(names.count) further arguments, got \(arguments.positional.count)")
    }
    func number(_ value: Value, _ name: String) throws(NNError) -> Float {
      guard let x = Double.decode(value) else {
        throw .invalid("\(function): '\(name)' must be a number, got \(value.text)")
      }
      return Float(x)
    }
    for (i, value) in arguments.positional.enumerated() { result[i] = try number(value, names[i]) }
    for (name, value) in arguments.named.entries {
      guard let i = names.firstIndex(of: name) else {
        throw .invalid("\(function): unknown argument '\(name)'" + Suggestion.hint(for: name, among: names))
      }
      result[i] = try number(value, name)
    }
    return result
  }
}
