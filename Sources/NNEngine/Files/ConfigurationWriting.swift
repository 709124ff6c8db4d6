/// Configurations on their way into files.
enum ConfigurationWriting {
  /// The same value with names in place of users' functions: {class_name = "function", config = name}. What has no name cannot be in a file.
  static func portable(_ value: Value) throws(NNError) -> Value {
    switch value {
    case .object(let object):
      guard let function = function(object) else {
        throw NNError(.notSupported, "an object of the user's cannot be saved")
      }
      guard let name = (function as? any NamedFunction)?.name else {
        throw NNError(
          .notSupported,
          "a function without a name cannot be saved: a file holds names only; put it in a variable, and register that name as a custom object when loading"
        )
      }
      return .table(
        Value.Table([
          ("class_name", .string("function")), ("config", .string(name)), ("registered_name", .string(name)),
        ]))
    case .list(let items):
      var result: [Value] = []
      for item in items { result.append(try portable(item)) }
      return .list(result)
    case .table(let table):
      var entries: [(String, Value)] = []
      for (name, value) in table.entries { entries.append((name, try portable(value))) }
      return .table(Value.Table(distinct: entries))
    default: return value
    }
  }

  private static func function(_ object: AnyObject) -> (any UserFunction)? {
    switch object {
    case let function as any UserFunction: function
    case let boxed as Boxed<Loss>: (boxed.value.definition as? any UserComponent)?.code?.function
    case let boxed as Boxed<Metric>: (boxed.value.definition as? any UserComponent)?.code?.function
    case let boxed as Boxed<Regularizer>: (boxed.value.definition as? any UserComponent)?.code?.function
    case let boxed as Boxed<Constraint>: (boxed.value.definition as? any UserComponent)?.code?.function
    default: nil
    }
  }

  /// The arguments of compile as every Keras reads them: losses and metrics by their long names where their options are the usual ones.
  static func compilation(_ options: CompileOptions, _ optimizer: Optimizer) throws(NNError) -> Value.Table {
    var table = Value.Table()
    table["optimizer"] = withNames(try portable(optimizer.encoded))
    table["loss"] = try options.loss.map { (loss) throws(NNError) in try named(loss.encoded, Loss.registry) } ?? .null
    table["metrics"] = try named(options.metrics.encoded, Metric.registry)
    table["loss_weights"] = options.lossWeights?.encoded ?? .null
    let weighted = try named(options.weightedMetrics.encoded, Metric.registry)
    table["weighted_metrics"] = if case .list(let items) = weighted, items.isEmpty { .null } else { weighted }
    return table
  }

  /// Keras 3 wants schedules to have names.
  private static func withNames(_ value: Value) -> Value {
    guard var table = value.table else { return value }
    if let className = table["class_name"]?.string, var config = table["config"]?.table {
      if let name = config["name"], name.isNull { config["name"] = .string(className) }
      if let rate = config["learning_rate"] { config["learning_rate"] = withNames(rate) }
      table["config"] = .table(config)
    }
    return .table(table)
  }

  /// {class_name, config} as a bare name, where that means the same, but perhaps for how it is reported.
  private static func named<M>(_ value: Value, _ registry: Registry<M>) throws(NNError) -> Value {
    switch value {
    case .list(let items):
      var result: [Value] = []
      for item in items { result.append(try named(item, registry)) }
      return .list(result)
    case .table(let table):
      guard let className = table["class_name"]?.string else {
        var entries: [(String, Value)] = []
        for (name, value) in table.entries { entries.append((name, try named(value, registry))) }
        return .table(Value.Table(distinct: entries))
      }
      let entry = try registry.entry(className)
      guard let config = table["config"]?.table, let functionName = entry.aliases.first else { return value }
      for (name, value) in config.entries where name != "name" {
        let usual = entry.fields.first { $0.name == name }?.defaultText
        guard usual == JSON.text(value) else { return value }
      }
      // A metric called "acc" stays so; a loss in the place of a metric gets its long name, which all Kerases know.
      if let name = config["name"]?.string, entry.aliases.contains(name),
        !["mse", "mae", "mape", "msle", "rmse"].contains(name)
      {
        return .string(name)
      }
      let isOwnName = config["name"]?.string.map { entry.aliases.contains($0) || $0 == functionName } ?? true
      return isOwnName ? .string(functionName) : value
    case .object: return try portable(value)
    default: return value
    }
  }
}
