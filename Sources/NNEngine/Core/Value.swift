/// What Lua tables, C's JSON texts and files have in common: the untyped form of every configuration.
public enum Value {
  /// Lua's nil, JSON's null, Python's None.
  case null
  /// A truth value.
  case bool(Bool)
  /// A whole number.
  case integer(Int)
  /// Any other number.
  case number(Double)
  /// Text.
  case string(String)
  /// An array.
  case list([Value])
  /// Named values, in the order in which they were given.
  case table(Table)
  /// Something with identity or behaviour that has no text form: an optimizer, a layer, a user's function.
  case object(AnyObject)

  /// Named values; few, so looked up by walking.
  public struct Table {
    /// Names and values, in order; names are distinct.
    public private(set) var entries: [(name: String, value: Value)] = []

    /// An empty table, or one with these entries.
    public init(_ entries: [(String, Value)] = []) { for (name, value) in entries { self[name] = value } }

    /// A table of these entries, whose names are known to be distinct: files may have a hundred thousand.
    init(distinct entries: [(String, Value)]) { self.entries = entries.map { (name: $0.0, value: $0.1) } }

    /// The value of a name; nil where there is none. Setting nil removes.
    public subscript(name: String) -> Value? {
      get { entries.first { $0.name == name }?.value }
      set {
        if let i = entries.firstIndex(where: { $0.name == name }) {
          if let newValue { entries[i].value = newValue } else { entries.remove(at: i) }
        } else if let newValue {
          entries.append((name, newValue))
        }
      }
    }
  }

  /// How messages call the value: "a string", "the number 3".
  public var text: String {
    switch self {
    case .null: "nil"
    case .bool(let b): b ? "true" : "false"
    case .integer(let n): String(n)
    case .number(let x): "\(x)"
    case .string(let s): "'\(s.count > 60 ? String(s.prefix(57)) + "..." : s)'"
    case .list(let items): "a list of \(items.count)"
    case .table: "a table"
    case .object: "an object"
    }
  }

  /// The table inside, if it is one.
  public var table: Table? { if case .table(let t) = self { t } else { nil } }
  /// The string inside, if it is one.
  public var string: String? { if case .string(let s) = self { s } else { nil } }
  /// Whether it is null.
  public var isNull: Bool { if case .null = self { true } else { false } }
}

/// What a constructor is called with: values by position, then values by name, as in Lua's `Dense{300, activation="elu"}`.
public struct Arguments {
  /// In Keras's order.
  public var positional: [Value]
  /// By Keras's names.
  public var named: Value.Table

  /// Arguments by position and by name.
  public init(_ positional: [Value] = [], _ named: Value.Table = .init()) {
    self.positional = positional
    self.named = named
  }

  /// Whether there are none.
  public var isEmpty: Bool { positional.isEmpty && named.entries.isEmpty }
}
