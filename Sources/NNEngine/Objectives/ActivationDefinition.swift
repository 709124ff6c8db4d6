/// One kind of activation: its name, its parameters, and what it emits for given values of them.
struct ActivationDefinition: Sendable {
  let name: String
  var aliases: [String] = []
  let doc: String
  var parameters: [Parameter] = []
  let emit: @Sendable (Symbol, [Double]) throws(NNError) -> Symbol

  /// A parameter, kept as a number whatever its kind.
  struct Parameter: Sendable {
    enum Kind: Sendable {
      case number, integer, truth
    }
    let name: String
    var aliases: [String] = []
    var kind = Kind.number
    let initial: Double
    let doc: String

    var field: FieldInfo {
      FieldInfo(
        name: name, aliases: aliases, kind: expectation, defaultText: JSON.text(encoded(initial)), choices: [], doc: doc
      )
    }

    private var expectation: String {
      switch kind {
      case .number: Double.kind
      case .integer: Int.kind
      case .truth: Bool.kind
      }
    }

    /// As Keras writes it; null where there is no limit.
    func encoded(_ value: Double) -> Value {
      switch kind {
      case .number: value.isInfinite ? .null : .number(value)
      case .integer: .integer(Int(value))
      case .truth: .bool(value != 0)
      }
    }

    /// nil when the value is of the wrong kind.
    func decoded(_ value: Value) -> Double? {
      switch kind {
      case .number: Double.decode(value).flatMap { $0.isNaN ? nil : $0 }
      case .integer: Int.decode(value).map { Double($0) }
      case .truth: Bool.decode(value).map { $0 ? 1 : 0 }
      }
    }

    func wrong(_ value: Value, of function: String) -> NNError {
      .invalid("\(function): '\(name)' must be \(expectation), got \(value.text)")
    }
  }

  /// The parameters' values for a call's arguments.
  func values(_ arguments: Arguments) throws(NNError) -> [Double] {
    guard arguments.positional.count <= parameters.count else {
      throw .invalid(
        "\(name): takes at most \(parameters.count) arguments by position, got \(arguments.positional.count)")
    }
    var result = parameters.map(\.initial)
    var given: Set<Int> = []
    func assign(_ index: Int, _ value: Value) throws(NNError) {
      let parameter = parameters[index]
      guard given.insert(index).inserted else { throw .invalid("\(name): '\(parameter.name)' is given twice") }
      if value.isNull { return }
      guard let number = parameter.decoded(value) else { throw parameter.wrong(value, of: name) }
      result[index] = number
    }
    for (index, value) in arguments.positional.enumerated() { try assign(index, value) }
    for (field, value) in arguments.named.entries {
      guard let index = parameters.firstIndex(where: { $0.name == field || $0.aliases.contains(field) }) else {
        let hint = Suggestion.hint(for: field, among: parameters.map(\.name))
        throw .invalid("\(name): unknown field '\(field)'\(hint)")
      }
      try assign(index, value)
    }
    return result
  }
}
