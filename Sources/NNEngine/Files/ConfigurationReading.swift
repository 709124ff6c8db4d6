/// Configurations as they come from files of any Keras, in the engine's spelling. The dialects differ in what they add (modules, policies,
/// builds) and in a few names; what is new and switched off is left out, what is new and switched on is an error: the model would be another.
enum ConfigurationReading {
  /// {class_name, config} of a model.
  static func model(_ value: Value) throws(NNError) -> Value {
    guard let table = value.table, let className = table["class_name"]?.string else {
      throw NNError(.format, "the model's configuration has no 'class_name'")
    }
    guard Model.classNames.contains(className) else {
      throw NNError(
        .notSupported, "models of the class '\(className)' are not read; Sequential and functional models are")
    }
    let config = table["config"] ?? .null
    guard case .list(let layers) = config.table?["layers"] ?? config else {
      throw NNError(.format, "the model's configuration has no list of layers")
    }
    var result = Value.Table()
    if let name = config.table?["name"] { result["name"] = name }
    var list: [Value] = []
    for item in layers { list.append(try layer(item)) }
    result["layers"] = .list(list)
    for key in ["input_layers", "output_layers"] { if let value = config.table?[key] { result[key] = value } }
    result = withoutOwnCalls(result, layers)
    return .table(Value.Table([("class_name", .string(className)), ("config", .table(result))]))
  }

  /// Calls counted from 0. Keras counts a call of a model's own first: Keras 2 (whose nodes are lists) of all models, Keras 3 of functional ones.
  private static func withoutOwnCalls(_ config: Value.Table, _ layers: [Value]) -> Value.Table {
    var shifted: Set<String> = []
    for layer in layers {
      guard let table = layer.table, let className = table["class_name"]?.string, Model.classNames.contains(className),
        let name = table["name"]?.string ?? table["config"]?.table?["name"]?.string
      else { continue }
      var isModern = false
      if case .list(let nodes)? = table["inbound_nodes"], nodes.first?.table != nil { isModern = true }
      if !isModern || className != "Sequential" { shifted.insert(name) }
    }
    guard !shifted.isEmpty else { return config }
    func shift(_ value: Value) -> Value {
      guard case .list(var items) = value else { return value }
      if items.count >= 3, let name = items[0].string, case .integer(let call) = items[1] {
        if shifted.contains(name) { items[1] = .integer(call - 1) }
        return .list(items)
      }
      return .list(items.map(shift))
    }
    var result = config
    for key in ["input_layers", "output_layers"] { if let value = config[key] { result[key] = shift(value) } }
    if case .list(let list)? = config["layers"] {
      result["layers"] = .list(
        list.map { item in
          guard var table = item.table, let nodes = table["inbound_nodes"] else { return item }
          table["inbound_nodes"] = shift(nodes)
          return .table(table)
        })
    }
    return result
  }

  /// Whether the model was built for inputs of a shape that no layer tells: Keras writes it beside the layers.
  static func builtShape(_ value: Value) -> [Int]? {
    let config = value.table?["config"]?.table
    let shape = value.table?["build_config"]?.table?["input_shape"] ?? config?["build_input_shape"]
    guard case .list(let items)? = shape, items.count > 1 else { return nil }
    let extents = items.dropFirst().compactMap { Int.decode($0) }
    return extents.count == items.count - 1 ? extents : nil
  }

  private static func layer(_ value: Value) throws(NNError) -> Value {
    guard let table = value.table, let className = table["class_name"]?.string else {
      throw NNError(.format, "a layer's configuration has no 'class_name'")
    }
    var result: Value.Table
    if Model.classNames.contains(className) {
      result = try model(value).table ?? Value.Table()
    } else {
      let config = table["config"]?.table ?? Value.Table()
      let fields = CustomLayers.maker(of: className) == nil ? try? Layer.registry.entry(className).fields : nil
      result = Value.Table([
        ("class_name", .string(className)), ("config", .table(try filtered(config, fields, className))),
      ])
    }
    if let name = table["name"] { result["name"] = name }
    if let nodes = table["inbound_nodes"] { result["inbound_nodes"] = try inboundNodes(nodes) }
    return .table(result)
  }

  /// Keras 3 writes calls with the tensors as objects that know where they come from.
  private static func inboundNodes(_ value: Value) throws(NNError) -> Value {
    guard case .list(let nodes) = value else { return value }
    var result: [Value] = []
    for node in nodes {
      guard let table = node.table else {
        result.append(node)
        continue
      }
      var references: [Value] = []
      func collect(_ value: Value) throws(NNError) {
        if case .list(let items) = value {
          for item in items { try collect(item) }
        } else if let history = value.table?["config"]?.table?["keras_history"], case .list(let items) = history {
          references.append(.list(items + [.table(Value.Table())]))
        } else if !value.isNull {
          throw NNError(.notSupported, "a layer is called with an argument that is no tensor (\(value.text))")
        }
      }
      try collect(table["args"] ?? .null)
      for (name, value) in table["kwargs"]?.table?.entries ?? [] where !isOff(value) && name != "mask" {
        throw NNError(.notSupported, "a layer is called with the argument '\(name)'")
      }
      result.append(.list(references))
    }
    return .list(result)
  }

  // MARK: compile

  /// The arguments of compile.
  static func compilation(_ table: Value.Table) throws(NNError) -> Value.Table {
    var result = Value.Table()
    if let value = table["optimizer_config"] ?? table["optimizer"], !value.isNull {
      result["optimizer"] = try component(value, Optimizer.registry, "optimizer")
    }
    if let value = table["loss"], !value.isNull { result["loss"] = try component(value, Loss.registry, "loss") }
    for name in ["metrics", "weighted_metrics"] {
      if let value = table[name], !value.isNull { result[name] = try component(value, Metric.registry, "metric") }
    }
    if let value = table["loss_weights"], !value.isNull { result["loss_weights"] = value }
    return result
  }

  private static func component<M>(_ value: Value, _ registry: Registry<M>, _ noun: String) throws(NNError) -> Value {
    switch value {
    case .list(let items):
      var result: [Value] = []
      for item in items { result.append(try component(item, registry, noun)) }
      return .list(result)
    case .table(let table):
      guard let className = table["class_name"]?.string else {
        var entries: [(String, Value)] = []
        for (name, value) in table.entries { entries.append((name, try component(value, registry, noun))) }
        return .table(Value.Table(distinct: entries))
      }
      if let name = functionName(table) {
        if registry.entries.contains(where: { $0.name == name || $0.aliases.contains(name) }) { return .string(name) }
        return try custom(name, noun)
      }
      var config = table["config"]?.table ?? Value.Table()
      var entryName = className
      if className == "MeanMetricWrapper" || className == "LossFunctionWrapper", let function = config["fn"] {
        entryName = function.string ?? function.table.flatMap(functionName) ?? className
      }
      let entry = try registry.entry(entryName)
      config = try filtered(config, entry.fields, entry.name)
      // Keras 3 has no other momentum than the one that grows by this.
      if entry.name == "Nadam", config["decay"] == nil, config["schedule_decay"] == nil {
        config["decay"] = .integer(1)
      }
      return .table(Value.Table([("class_name", .string(entry.name)), ("config", .table(config))]))
    default: return value
    }
  }

  private static func functionName(_ table: Value.Table) -> String? {
    table["class_name"]?.string == "function" ? table["config"]?.string : nil
  }

  private static func custom(_ name: String, _ noun: String) throws(NNError) -> Value {
    if let function = CustomFunctions.function(name) { return .object(function) }
    throw NNError(
      .notFound,
      "the \(noun) '\(name)' is a function of the user's, which a file cannot carry: register it among the custom objects (custom_objects.\(name))"
        + (noun == "loss" || noun == "metric" ? ", or load with compile=false" : ""))
  }

  // MARK: Fields

  /// Names that say nothing about what a component computes here.
  private static let harmless: Set<String> = [
    "module", "registered_name", "shared_object_id", "build_config", "build_input_shape", "renorm_momentum",
    "input_length", "autocast", "fn", "jit_compile", "is_legacy_optimizer", "optional", "keras_version",
  ]

  /// What nothing hangs on, since it is switched off.
  private static func isOff(_ value: Value) -> Bool {
    switch value {
    case .null, .bool(false), .integer(0): true
    case .string(let text): ["channels_last", "float32", "none", "auto"].contains(text)
    case .list(let items): items.isEmpty
    case .table(let table): table.entries.isEmpty
    default: false
    }
  }

  /// The fields that a component has, with what is in them in the engine's spelling. `fields` nil: a user's class, which knows its own.
  private static func filtered(
    _ config: Value.Table, _ fields: [FieldInfo]?, _ className: String
  ) throws(NNError) -> Value.Table {
    var result = Value.Table()
    for (given, value) in config.entries {
      let name = given == "batch_shape" ? "batch_input_shape" : given
      // An input's type is its tensors'; programs compute in float32.
      if className == InputLayer.className, name == "dtype" { continue }
      let value = try inner(value)
      if fields?.contains(where: { $0.name == name || $0.aliases.contains(name) }) ?? true {
        result[name] = value
      } else if !harmless.contains(name), !isOff(value) {
        // With sum_over_batch_size and the like, a later Keras says what was always so.
        throw NNError(
          .notSupported, "\(className): '\(name)' is \(JSON.text(value).prefix(60)), which this library does not have")
      }
    }
    return result
  }

  /// A value of a field: components in it are such as any registry has.
  private static func inner(_ value: Value) throws(NNError) -> Value {
    switch value {
    case .list(let items):
      var result: [Value] = []
      for item in items { result.append(try inner(item)) }
      return .list(result)
    case .table(let table):
      guard let className = table["class_name"]?.string else { return value }
      if className == "DTypePolicy" || className == "Policy" { return table["config"]?.table?["name"] ?? .null }
      if let name = functionName(table) {
        return Activation.registry.entries.contains { $0.name == name } ? .string(name) : try custom(name, "function")
      }
      let config = table["config"]?.table ?? Value.Table()
      let fields =
        (try? Initializer.registry.entry(className).fields) ?? (try? Regularizer.registry.entry(className).fields)
        ?? (try? Constraint.registry.entry(className).fields) ?? (try? Schedule.registry.entry(className).fields)
        ?? (try? Activation.registry.entry(className).fields)
      return .table(
        Value.Table([
          ("class_name", .string(className)), ("config", .table(try filtered(config, fields, className))),
        ]))
    default: return value
    }
  }
}
