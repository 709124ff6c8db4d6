/// A user's function of symbols as part of a configuration: called when a program is traced, on the thread that traces it, and never
/// in a step. (So the compiler need not be told that it may be sent.)
struct UserCode: ConfigValue, Hashable, @unchecked Sendable {
  let function: any UserFunction

  static let kind = FunctionReference.kind

  static func decode(_ value: Value) throws(NNError) -> UserCode? {
    switch value {
    case .object(let object): return (object as? any UserFunction).map { UserCode(function: $0) }
    // What a configuration's text has in its place.
    case .string, .list, .table: throw UserCode.isNotInFiles
    default: return nil
    }
  }
  var encoded: Value { .object(function) }

  static var isNotInFiles: NNError {
    NNError(.notSupported, "it needs its function; a file cannot carry code")
  }

  /// What the function makes of these inputs. `options` is its last argument; none when nil.
  func symbol(
    _ inputs: [Value], for what: String, options: Value.Table? = nil, _ scope: SymbolScope
  ) throws(NNError) -> Symbol {
    let result = try function.call(inputs + (options.map { [.table($0)] } ?? []))
    guard let symbol = try ScopedSymbol.symbol(from: result) else {
      throw .invalid("\(what): the function must return a tensor, got \(result.text)")
    }
    return symbol
  }

  /// The same for symbols.
  func callAsFunction(
    _ inputs: [Symbol], for what: String, context: CallContext? = nil
  ) throws(NNError) -> Symbol {
    let scope = SymbolScope(context)
    defer { scope.end() }
    return try symbol(inputs.map { .object(ScopedSymbol($0, scope)) }, for: what, scope)
  }

  static func == (a: UserCode, b: UserCode) -> Bool { a.function === b.function }
  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(function)) }
}

/// A user's function that knows what the user calls it.
public protocol NamedFunction: UserFunction {
  /// The name of the variable that holds it; nil when there is none.
  var name: String? { get }
}

/// A noun of which a user's function can be a member.
protocol UserDefinable {
  static func make(_ code: UserCode) -> Self
}

extension Activation: UserDefinable {
  static func make(_ code: UserCode) -> Activation { Activation(code) }
}

extension Regularizer: UserDefinable {
  static func make(_ code: UserCode) -> Regularizer { Regularizer(UserRegularizer(code: code)) }
}

extension Constraint: UserDefinable {
  static func make(_ code: UserCode) -> Constraint { Constraint(UserConstraint(code: code)) }
}

extension Loss: UserDefinable {
  static func make(_ code: UserCode) -> Loss { Loss(UserLoss(code: code)) }
}

extension Metric: UserDefinable {
  static func make(_ code: UserCode) -> Metric { Metric(UserMetric(code)) }
}

/// What the user's components have instead of a configuration. They are never made from arguments.
protocol UserComponent: Configurable {
  var code: UserCode? { get }
}

extension UserComponent {
  static var className: String { "function" }
  static var doc: String { "A user's function." }
  static var fields: [Field<Self>] { [] }

  func result(_ inputs: [Symbol], for what: String) throws(NNError) -> Symbol {
    guard let code else { throw UserCode.isNotInFiles }
    return try code(inputs, for: what)
  }
}

private struct UserRegularizer: RegularizerDefinition, UserComponent {
  var code: UserCode?

  func penalty(_ weights: Symbol) throws(NNError) -> Symbol {
    let penalty = try result([weights], for: "regularizer")
    guard penalty.shape.count == 1 else {
      throw .shape("regularizer: the function must return one number, got shape \(penalty.shape)")
    }
    return try penalty.reshaped([])
  }
}

private struct UserConstraint: ConstraintDefinition, UserComponent {
  var code: UserCode?

  func apply(_ weights: Symbol) throws(NNError) -> Symbol {
    let new = try result([weights], for: "constraint")
    guard new.shape == weights.shape else {
      throw .shape("constraint: the function turned weights of shape \(weights.shape) into \(new.shape)")
    }
    return new
  }
}

private struct UserLoss: LossDefinition, UserComponent {
  var code: UserCode?

  static let names: [String] = []
  static let labels = LabelKind.any

  func perSample(_ yTrue: Symbol, _ yPred: Symbol) throws(NNError) -> Symbol {
    let loss = try result([yTrue, yPred], for: "loss")
    guard loss.shape.count == 1 || loss.shape.dimensions.first == yPred.shape[0] else {
      throw .shape(
        "loss: the function must return one number for each of \(yPred.shape[0]) samples, or one, got shape \(loss.shape)"
      )
    }
    return loss
  }
}

private struct UserMetric: MetricDefinition, UserComponent {
  var name = "function"
  var code: UserCode?

  init() {}
  init(_ code: UserCode) {
    self.code = code
    if let name = (code.function as? any NamedFunction)?.name { self.name = name }
  }

  /// One number for all samples counts for each of them.
  func increments(_ yTrue: Symbol, _ yPred: Symbol, _ weights: Symbol?) throws(NNError) -> [Symbol] {
    var values = try result([LabelKind.any.matched(yTrue, to: yPred), yPred], for: name)
    let samples = yPred.shape[0]
    if values.shape.count == 1 {
      values = try values.reshaped([1]).broadcast(to: Shape([samples]))
    }
    guard values.shape.rank > 0, values.shape[0] == samples else {
      throw .shape(
        "the function must return one number for each of \(samples) samples, or one, got shape \(values.shape)")
    }
    return try values.counted(weights)
  }
}
