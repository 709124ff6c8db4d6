/// A user's function as a layer.
struct Lambda: LayerFunction, @unchecked Sendable {
  var function: UserCode?
  var outputShape: [Int?]?
  var arguments = NamedValues()

  static let className = "Lambda"
  static let doc = """
    A function of tensors as a layer, without weights: function(x, options), where options has the values of arguments and \
    training. It is called when a program is made, not at each step: it is recorded, with its gradient. \
    Example: Lambda(function(x) return x * 2 end)
    """
  static let fields: [Field<Lambda>] = [
    Field(
      "function", \.function, required: true, check: Check(UserCode.kind) { $0 != nil },
      "What the layer computes; of several inputs it receives a list."),
    Field(
      "output_shape", \.outputShape,
      "One output sample's shape (nil: any extent). Not needed; when given, the function's must be it."),
    Field("arguments", \.arguments, "Named values that the function receives as well."),
  ]

  func build(inputs: [Shape], _ new: inout VariableFactory) throws(NNError) {}

  func call(inputs: [Symbol], _ weights: Void, _ context: CallContext) throws(NNError) -> Symbol {
    guard let function else { throw UserCode.isNotInFiles }
    let scope = SymbolScope(context)
    defer { scope.end() }
    let symbols = inputs.map { Value.object(ScopedSymbol($0, scope)) }
    var options = arguments.table
    options["training"] = .bool(context.training)
    let y = try function.symbol(
      symbols.count == 1 ? symbols : [.list(symbols)], for: Lambda.className, options: options, scope)
    if let outputShape {
      let actual = y.shape.dimensions.dropFirst()
      guard actual.count == outputShape.count, zip(actual, outputShape).allSatisfy({ $1 == nil || $0 == $1 }) else {
        let declared = outputShape.map { $0.map(String.init) ?? "None" }.joined(separator: ", ")
        throw .shape("Lambda: 'output_shape' is (\(declared)), but the function gives \(y.shape.sample.batched)")
      }
    }
    return y
  }
}

/// Named values of any kind.
struct NamedValues: ConfigValue {
  var table = Value.Table()

  static let kind = "a table of named values"
  static func decode(_ value: Value) -> NamedValues? {
    if value.isNull { return NamedValues() }
    return value.table.map { NamedValues(table: $0) }
  }
  var encoded: Value { .table(table) }
}

extension Lambda { static var shapes: String { "any shape → what the function makes of it" } }
