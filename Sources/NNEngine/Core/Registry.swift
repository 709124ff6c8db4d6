/// A noun of the vocabulary (layer, initializer, loss …) whose members are found by name.
package protocol Registered: ConfigValue {
  /// Every member, in the order of the reference.
  static var registry: Registry<Self> { get }
  /// The member's class name and configuration, as Keras writes them; nil for a user's object.
  var serialized: (className: String, configuration: Value.Table)? { get }
}

/// All members of one noun.
public struct Registry<Member>: Sendable {
  /// One member: how to make it, and all that is said of it.
  public struct Entry: Sendable {
    /// Keras's class name, or the function's name: "VarianceScaling", "he_normal".
    public let name: String
    /// Every other spelling: "HeNormal", "mse".
    public let aliases: [String]
    /// One paragraph.
    public let doc: String
    /// What shape becomes of what; empty where there are no shapes.
    public let shapes: String
    /// The arguments in order.
    public let fields: [FieldInfo]
    /// Whether the bare name, as a string, means it with all defaults.
    public let isNameEnough: Bool
    /// A member from a call's arguments.
    public let make: @Sendable (Arguments) throws(NNError) -> Member

    init(
      name: String, aliases: [String] = [], doc: String, shapes: String = "", fields: [FieldInfo],
      make: @escaping @Sendable (Arguments) throws(NNError) -> Member
    ) {
      self.name = name
      self.aliases = aliases
      self.doc = doc
      self.shapes = shapes
      self.fields = fields
      self.isNameEnough = fields.allSatisfy { $0.defaultText != nil }
      self.make = make
    }

    /// The entry of a configurable type.
    init<C: Configurable>(
      _ type: C.Type, aliases: [String] = [], _ wrap: @escaping @Sendable (C) throws(NNError) -> Member
    ) {
      self.init(
        name: C.className, aliases: aliases, doc: C.doc, shapes: C.shapes, fields: C.fieldInfos,
        make: { (arguments) throws(NNError) in try wrap(C.make(arguments)) })
    }
  }

  /// "layer", "initializer": for messages.
  public let noun: String
  /// The members.
  public let entries: [Entry]

  init(_ noun: String, _ entries: [Entry]) {
    self.noun = noun
    self.entries = entries
  }

  /// The entry with this name or alias; the error suggests the nearest.
  public func entry(_ name: String) throws(NNError) -> Entry {
    if let found = entries.first(where: { $0.name == name || $0.aliases.contains(name) }) { return found }
    let known = entries.flatMap { [$0.name] + $0.aliases }
    throw NNError(.notFound, "unknown \(noun) '\(name)'" + Suggestion.hint(for: name, among: known))
  }

  /// From a name, Keras's {class_name, config}, or a ready-made object.
  public func make(_ value: Value) throws(NNError) -> Member? {
    switch value {
    case .string(let name):
      // How a configuration's text shows an object.
      if name.hasPrefix("<") { throw NNError(.notSupported, "\(name) is no \(noun)'s name: a file cannot carry code") }
      let entry = try entry(name)
      guard entry.isNameEnough else {
        throw .invalid("\(noun) '\(name)' cannot be made from its name alone: it has required arguments")
      }
      return try entry.make(Arguments())
    case .table(let table):
      guard let name = table["class_name"]?.string else { return nil }
      return try entry(name).make(Arguments([], table["config"]?.table ?? Value.Table()))
    case .object(let object):
      if let function = object as? any UserFunction, let noun = Member.self as? any UserDefinable.Type {
        return noun.make(UserCode(function: function)) as? Member
      }
      return (object as? Member) ?? (object as? Boxed<Member>)?.value
    default:
      return nil
    }
  }
}

/// A value as an object, so that it can travel through `Value.object`.
public final class Boxed<T> {
  /// What travels.
  public let value: T
  /// Boxes a value.
  public init(_ value: T) { self.value = value }
}

extension Registered {
  package static var kind: String { (("aeiou".contains(registry.noun.prefix(1))) ? "an " : "a ") + registry.noun }
  package static func decode(_ value: Value) throws(NNError) -> Self? { try registry.make(value) }
  package var encoded: Value {
    guard let (name, config) = serialized else { return .object(Boxed(self)) }
    return .table(Value.Table([("class_name", .string(name)), ("config", .table(config))]))
  }
}
