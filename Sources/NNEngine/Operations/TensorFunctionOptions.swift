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

struct AxisOption: Configurable {
  var axis = 0
  static let className = "axis"
  static let doc = "Along which axis."
  static let fields: [Field<AxisOption>] = [Field("axis", \.axis, "The axis along which they follow each other.")]
}

struct SortOptions: Configurable {
  var axis = -1
  static let className = "sort"
  static let doc = "Along which axis."
  static let fields: [Field<SortOptions>] = [Field("axis", \.axis, "The axis along which elements are sorted.")]
}

struct HistogramOptions: Configurable {
  var bins = 10
  var range: [Double]?
  static let className = "histogram"
  static let doc = "The parts."
  static let fields: [Field<HistogramOptions>] = [
    Field(
      "bins", \.bins, check: Check("an integer from 1 to 1000000") { (1...1_000_000).contains($0) },
      "How many parts of equal width."),
    Field("range", \.range, "The lowest and the highest number counted; by default those that occur."),
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
    TensorFunction(
      name: name, doc: doc, operands: 1, fields: [], result: result, isElementwise: true,
      emit: { (x, arguments) throws(NNError) in
        _ = try numbers(arguments, [], name)
        return try body(x)
      })
  }

  static func binary(_ name: String, _ doc: String, _ f: BinaryFunction, _ result: DType) -> TensorFunction {
    TensorFunction(
      name: name, doc: doc, operands: 2, fields: [], result: result, isElementwise: true,
      emit: { (x, arguments) throws(NNError) in
        _ = try numbers(arguments, [], name)
        return try .binary(f, x[0], x[1])
      },
      compute: { (x, arguments) throws(NNError) in
        if !arguments.isEmpty { _ = try numbers(arguments, [], name) }
        return try TypedBinary.apply(f, name, x[0], x[1])
      })
  }

  /// A function of one tensor with options.
  static func with<O: Configurable>(
    _ options: O.Type, _ name: String, _ doc: String, _ result: DType = .float32, operands: Int = 1,
    isElementwise: Bool = false, _ body: @escaping @Sendable ([Symbol], O) throws(NNError) -> Symbol,
    compute: (@Sendable ([Tensor], O) throws(NNError) -> Tensor?)? = nil
  ) -> TensorFunction {
    var function = TensorFunction(
      name: name, doc: doc, operands: operands, fields: O.fieldInfos, result: result, isElementwise: isElementwise,
      emit: { (x, arguments) throws(NNError) in try body(x, parsed(arguments, for: name)) })
    if let compute {
      function.compute = { (x, arguments) throws(NNError) in try compute(x, parsed(arguments, for: name)) }
    }
    return function
  }

  /// The options among arguments. Their own name would mean nothing to the caller.
  static func parsed<O: Configurable>(_ arguments: Arguments, for name: String) throws(NNError) -> O {
    do throws(NNError) { return try O.make(arguments) } catch {
      let prefix = O.className + ": "
      let text = error.message.hasPrefix(prefix) ? String(error.message.dropFirst(prefix.count)) : error.message
      throw NNError(error.code, "\(name): \(text)")
    }
  }

  static func reduction(
    _ name: String, _ doc: String, _ result: DType = .float32,
    _ body: @escaping @Sendable (Symbol, [Int]?, Bool) throws(NNError) -> Symbol
  ) -> TensorFunction {
    let exact = TypedReduction(rawValue: name)
    return with(AxisOptions.self, name, doc, result) { (x, o) throws(NNError) in
      try body(x[0], o.axis?.values, o.keepDims)
    } compute: { (x, o) throws(NNError) in
      try exact?.apply(x[0], o.axis?.values, o.keepDims)
    }
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
