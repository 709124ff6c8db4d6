/// An argument of compile that is one for all outputs of a model, or one for each: a list in the outputs' order, or named values.
enum PerOutput<Element: ConfigValue>: ConfigValue {
  case same(Element)
  case list([Element?])
  case named([(name: String, value: Element?)])

  static var kind: String { Element.kind }

  static func decode(_ value: Value) throws(NNError) -> PerOutput? {
    func element(_ value: Value) throws(NNError) -> Element? {
      guard let decoded = try Element.decode(value) else {
        throw .invalid("expected \(Element.kind) for each output, got \(value.text)")
      }
      return decoded
    }
    switch value {
    case .list(let items):
      var list: [Element?] = []
      for item in items { list.append(item.isNull ? nil : try element(item)) }
      return .list(list)
    case .table(let table) where table["class_name"] == nil:
      var named: [(String, Element?)] = []
      for entry in table.entries { named.append((entry.name, entry.value.isNull ? nil : try element(entry.value))) }
      return .named(named)
    default:
      return try Element.decode(value).map { .same($0) }
    }
  }

  var encoded: Value {
    switch self {
    case .same(let element): element.encoded
    case .list(let list): .list(list.map { $0?.encoded ?? .null })
    case .named(let named): .table(Value.Table(named.map { ($0.name, $0.value?.encoded ?? .null) }))
    }
  }

  /// One for each of the outputs, nil where none was given.
  func resolved(for outputs: [String], _ field: String) throws(NNError) -> [Element?] {
    switch self {
    case .same(let element): return outputs.map { _ in element }
    case .list(let list):
      guard list.count == outputs.count else {
        throw .invalid(
          "'\(field)' has \(list.count) values, but the model has \(outputs.count) outputs "
            + "(\(outputs.joined(separator: ", ")))")
      }
      return list
    case .named(let named):
      for (name, _) in named where !outputs.contains(name) {
        throw .invalid("'\(field)': the model has no output '\(name)'" + Suggestion.hint(for: name, among: outputs))
      }
      return outputs.map { output in named.first { $0.name == output }?.value }
    }
  }
}

/// The metrics of compile: one or several for every output, or lists for each.
enum MetricsOption: ConfigValue {
  case every([Metric])
  case list([[Metric]])
  case named([(name: String, metrics: [Metric])])

  static let kind = "a list of metrics"

  private static func metrics(_ value: Value) throws(NNError) -> [Metric] {
    if value.isNull { return [] }
    if let several = try [Metric].decode(value) { return several }
    guard let one = try Metric.decode(value) else { throw .invalid("expected a list of metrics, got \(value.text)") }
    return [one]
  }

  static func decode(_ value: Value) throws(NNError) -> MetricsOption? {
    switch value {
    case .list(let items):
      let isPerOutput = items.contains {
        switch $0 {
        case .list, .null: true
        default: false
        }
      }
      guard isPerOutput else { return .every(try metrics(value)) }
      var list: [[Metric]] = []
      for item in items { list.append(try metrics(item)) }
      return .list(list)
    case .table(let table) where table["class_name"] == nil:
      var named: [(String, [Metric])] = []
      for entry in table.entries { named.append((entry.name, try metrics(entry.value))) }
      return .named(named)
    default:
      return try Metric.decode(value).map { .every([$0]) }
    }
  }

  var encoded: Value {
    switch self {
    case .every(let metrics): metrics.encoded
    case .list(let lists): .list(lists.map(\.encoded))
    case .named(let named): .table(Value.Table(named.map { ($0.name, $0.metrics.encoded) }))
    }
  }

  /// Those of each output.
  func resolved(for outputs: [String], _ field: String) throws(NNError) -> [[Metric]] {
    switch self {
    case .every(let metrics): return outputs.map { _ in metrics }
    case .list(let lists):
      guard lists.count == outputs.count else {
        throw .invalid("'\(field)' has \(lists.count) lists, but the model has \(outputs.count) outputs")
      }
      return lists
    case .named(let named):
      for (name, _) in named where !outputs.contains(name) {
        throw .invalid("'\(field)': the model has no output '\(name)'" + Suggestion.hint(for: name, among: outputs))
      }
      return outputs.map { output in named.first { $0.name == output }?.metrics ?? [] }
    }
  }
}
