/// A component's configuration, declared once: names, defaults, checks and one line of documentation for each field.
///
/// Lua's tables, C's JSON, Keras's `get_config`, help, completion and the reference are all derived from it.
public protocol Configurable: Sendable {
  /// Keras's class name: "Dense".
  static var className: String { get }
  /// One paragraph for help and reference.
  static var doc: String { get }
  /// What shape becomes of what, with the batch axis n in front, for help: "(n, …, inputs) → (n, …, units)". Empty where there are none.
  static var shapes: String { get }
  /// In Keras's order of arguments.
  static var fields: [Field<Self>] { get }
  /// All defaults; required fields hold a placeholder.
  init()
  /// A check over several fields; the default accepts.
  func validate() throws(NNError)
}

/// What help and completion know of a field.
public struct FieldInfo: Sendable {
  /// Keras's name.
  public let name: String
  /// Other spellings that are accepted: "lr".
  public let aliases: [String]
  /// "an integer".
  public let kind: String
  /// The default's text, nil when the field must be given.
  public let defaultText: String?
  /// The allowed strings, where there are only a few.
  public let choices: [String]
  /// One line.
  public let doc: String
}

/// What a value must satisfy beyond its type.
public struct Check<V>: Sendable {
  let expectation: String
  let holds: @Sendable (V) -> Bool
  let choices: [String]

  init(_ expectation: String, choices: [String] = [], _ holds: @escaping @Sendable (V) -> Bool) {
    self.expectation = expectation
    self.choices = choices
    self.holds = holds
  }
}

extension Check where V == Int {
  static var positive: Check { Check("a positive integer") { $0 > 0 } }
  static var notNegative: Check { Check("an integer that is not negative") { $0 >= 0 } }
}

extension Check where V == Double {
  static var notNegative: Check { Check("a finite number that is not negative") { $0 >= 0 && $0.isFinite } }
  static var positive: Check { Check("a positive finite number") { $0 > 0 && $0.isFinite } }
  static var finite: Check { Check("a finite number") { $0.isFinite } }
  static func range(_ r: Range<Double>) -> Check {
    Check("a number in [\(r.lowerBound), \(r.upperBound))") { r.contains($0) }
  }
  static func range(_ r: ClosedRange<Double>) -> Check {
    Check("a number in [\(r.lowerBound), \(r.upperBound)]") { r.contains($0) }
  }
}

extension Check where V == String {
  static func oneOf(_ choices: String...) -> Check {
    Check("one of " + choices.map { "'\($0)'" }.joined(separator: ", "), choices: choices) { choices.contains($0) }
  }
}

/// One field of a configuration of type `Root`.
public struct Field<Root: Sendable>: Sendable {
  let name: String
  let aliases: [String]
  let kind: String
  let isRequired: Bool
  let choices: [String]
  let doc: String
  let set: @Sendable (inout Root, Value) throws(NNError) -> Void
  let get: @Sendable (Root) -> Value

  /// Declares a field: its Keras name, where it lives, what it must satisfy, one line of documentation.
  init<V: ConfigValue>(
    _ name: String, _ path: any WritableKeyPath<Root, V> & Sendable, aliases: [String] = [], required: Bool = false,
    check: Check<V>? = nil, _ doc: String
  ) {
    self.name = name
    self.aliases = aliases
    self.kind = check?.expectation ?? V.kind
    self.isRequired = required
    self.choices = check?.choices ?? []
    self.doc = doc
    self.get = { $0[keyPath: path].encoded }
    self.set = { (root, value) throws(NNError) in
      func wrong() -> NNError {
        let hint = value.string.map { Suggestion.hint(for: $0, among: check?.choices ?? []) } ?? ""
        return .invalid("'\(name)' must be \(check?.expectation ?? V.kind), got \(value.text)\(hint)")
      }
      let decoded: V?
      do throws(NNError) { decoded = try V.decode(value) } catch {
        throw NNError(error.code, "'\(name)': " + error.message, path: error.path)
      }
      guard let decoded, check?.holds(decoded) ?? true else { throw wrong() }
      root[keyPath: path] = decoded
    }
  }
}

extension Field {
  /// The same field, of something that contains a `Root`.
  func lifted<Outer: Configurable>(_ path: any WritableKeyPath<Outer, Root> & Sendable) -> Field<Outer> {
    Field<Outer>(
      name: name, aliases: aliases, kind: kind, isRequired: isRequired, choices: choices, doc: doc,
      set: { (outer, value) throws(NNError) in try self.set(&outer[keyPath: path], value) },
      get: { self.get($0[keyPath: path]) })
  }

  private init(
    name: String, aliases: [String], kind: String, isRequired: Bool, choices: [String], doc: String,
    set: @escaping @Sendable (inout Root, Value) throws(NNError) -> Void, get: @escaping @Sendable (Root) -> Value
  ) {
    self.name = name
    self.aliases = aliases
    self.kind = kind
    self.isRequired = isRequired
    self.choices = choices
    self.doc = doc
    self.set = set
    self.get = get
  }
}

extension Configurable {
  /// None.
  public static var shapes: String { "" }
  /// The fields as help and completion see them.
  public static var fieldInfos: [FieldInfo] {
    let defaults = Self()
    return fields.map { field in
      FieldInfo(
        name: field.name, aliases: field.aliases, kind: field.kind,
        defaultText: field.isRequired ? nil : JSON.text(field.get(defaults)), choices: field.choices, doc: field.doc)
    }
  }

  /// A component from a call's arguments; unknown, misspelt, doubled, missing and wrong ones are errors.
  public static func make(_ arguments: Arguments) throws(NNError) -> Self {
    var result = Self()
    var given: Set<String> = []
    let fields = Self.fields
    func assign(_ field: Field<Self>, _ value: Value) throws(NNError) {
      guard given.insert(field.name).inserted else { throw .invalid("\(className): '\(field.name)' is given twice") }
      // nil means "not given" where the field does not take nil itself.
      if value.isNull, !field.kind.hasSuffix("or nil"), !field.isRequired { return }
      do throws(NNError) { try field.set(&result, value) } catch {
        throw NNError(error.code, "\(className): \(error.message)", path: error.path)
      }
    }
    guard arguments.positional.count <= fields.count else {
      throw .invalid(
        "\(className): takes at most \(fields.count) arguments by position, got \(arguments.positional.count)")
    }
    for (field, value) in zip(fields, arguments.positional) { try assign(field, value) }
    for (name, value) in arguments.named.entries {
      guard let field = fields.first(where: { $0.name == name || $0.aliases.contains(name) }) else {
        let hint = Suggestion.hint(for: name, among: fields.map(\.name))
        throw .invalid("\(className): unknown field '\(name)'\(hint)")
      }
      try assign(field, value)
    }
    for field in fields where field.isRequired && !given.contains(field.name) {
      throw .invalid("\(className): '\(field.name)' is required (\(field.kind))")
    }
    try result.validate()
    return result
  }

  /// The configuration as Keras's get_config gives it.
  public var configuration: Value.Table { Value.Table(Self.fields.map { ($0.name, $0.get(self)) }) }

  /// Accepts.
  public func validate() throws(NNError) {}
}
