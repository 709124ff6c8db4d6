/// A model's configuration in the spelling of one generation of Keras.
struct KerasConfiguration {
  enum Generation {
    /// What TensorFlow 2.1, tf_keras and Keras 3 all read from .h5 files.
    case two
    /// What Keras 3 writes into .keras files.
    case three
  }
  let generation: Generation

  /// {class_name, config} of a model.
  func model(_ model: Model) throws(NNError) -> Value.Table {
    guard model.userLayer == nil else {
      throw NNError(
        .notSupported,
        "a model of a class of your own cannot be saved as a whole: its structure is code; save_weights works",
        path: [model.name])
    }
    var config = Value.Table([("name", .string(model.name))])
    if generation == .three { config["trainable"] = .bool(true) }
    if let network = model.network {
      try functional(model, network, &config)
    } else {
      var layers: [Value] = []
      if let shape = model.inputShapes.first { layers.append(input(model.inputNames[0], shape)) }
      for (i, layer) in model.layers.enumerated() {
        var table = try self.layer(layer)
        if i == 0, generation == .two, layer.nested == nil, let shape = model.inputShapes.first {
          var own = table["config"]?.table ?? Value.Table()
          own["batch_input_shape"] = batched(shape)
          table["config"] = .table(own)
        }
        layers.append(.table(table))
      }
      config["layers"] = .list(layers)
      if generation == .three, let shape = model.inputShapes.first { config["build_input_shape"] = batched(shape) }
    }
    var result = Value.Table()
    let className = model.isSequential ? "Sequential" : generation == .two ? "Model" : "Functional"
    if generation == .three {
      result["module"] = .string(model.isSequential ? "keras" : "keras.src.models.functional")
    }
    result["class_name"] = .string(className)
    result["config"] = .table(config)
    if generation == .three {
      result["registered_name"] = .string(className)
      if model.inputShapes.count == 1 { result["build_config"] = build(model.inputShapes[0]) }
    }
    return result
  }

  private func batched(_ shape: Shape) -> Value { .list([.null] + shape.dimensions.map { .integer($0) }) }
  private func build(_ shape: Shape) -> Value { .table(Value.Table([("input_shape", batched(shape))])) }

  private func input(_ name: String, _ shape: Shape) -> Value {
    let config = Value.Table([
      (generation == .two ? "batch_input_shape" : "batch_shape", batched(shape)), ("dtype", .string("float32")),
      ("sparse", .bool(false)), ("ragged", .bool(false)), ("name", .string(name)),
    ])
    return .table(wrapped("keras.layers", InputLayer.className, config))
  }

  private func wrapped(_ module: String, _ className: String, _ config: Value.Table) -> Value.Table {
    var table = Value.Table()
    if generation == .three { table["module"] = .string(module) }
    table["class_name"] = .string(className)
    table["config"] = .table(config)
    if generation == .three { table["registered_name"] = .null }
    return table
  }

  private func layer(_ layer: Layer) throws(NNError) -> Value.Table {
    if let nested = layer.nested { return try model(nested) }
    if layer.isInput, let shape = layer.declaredInputShape { return input(layer.name, shape).table ?? Value.Table() }
    do throws(NNError) {
      var config = try ConfigurationWriting.portable(.table(layer.configuration)).table ?? Value.Table()
      config["batch_input_shape"] = nil
      if layer.className == "BatchNormalization", generation == .two, let rank = layer.inputShape?.rank,
        let axis = config["axis"].flatMap({ Int.decode($0) })
      {
        config["axis"] = .list([.integer(axis < 0 ? axis + rank + 1 : axis)])
      }
      if generation == .three {
        if layer.className == "LeakyReLU", let slope = config["alpha"] {
          config["alpha"] = nil
          config["negative_slope"] = slope
        }
        config = modern(config)
      }
      var table = wrapped("keras.layers", layer.className, config)
      if layer.code != nil, generation == .three {
        table["module"] = .null
        table["registered_name"] = .string("Custom>" + layer.className)
      }
      if generation == .three, layer.inputShapes.count == 1 { table["build_config"] = build(layer.inputShapes[0]) }
      return table
    } catch { throw error.within(layer.name) }
  }

  private func functional(_ model: Model, _ network: Network, _ config: inout Value.Table) throws(NNError) {
    var numbers: [ObjectIdentifier: Int] = [:]
    var counts: [ObjectIdentifier: Int] = [:]
    for call in network.calls {
      let layer = ObjectIdentifier(call.layer)
      numbers[ObjectIdentifier(call)] = counts[layer, default: 0]
      counts[layer, default: 0] += 1
    }
    func place(_ output: LayerOutput) -> [Value] {
      // Models have a call of their own, which counts: in Keras 3 not for Sequential ones.
      let nested = output.call.layer.nested
      let own = nested.map { generation == .two || !$0.isSequential ? 1 : 0 } ?? 0
      let number = (numbers[ObjectIdentifier(output.call)] ?? 0) + own
      return [.string(output.call.layer.name), .integer(number), .integer(output.index)]
    }
    var layers: [Value] = []
    for layer in network.layers {
      var nodes: [Value] = []
      for call in network.calls where call.layer === layer && !call.inputs.isEmpty {
        switch generation {
        case .two: nodes.append(.list(call.inputs.map { .list(place($0) + [.table(Value.Table())]) }))
        case .three:
          let tensors = call.inputs.map { tensor($0, place($0)) }
          let arguments: [Value] = tensors.count == 1 ? tensors : [.list(tensors)]
          nodes.append(.table(Value.Table([("args", .list(arguments)), ("kwargs", .table(Value.Table()))])))
        }
      }
      var table = try self.layer(layer)
      table["name"] = .string(layer.name)
      table["inbound_nodes"] = .list(nodes)
      layers.append(.table(table))
    }
    config["layers"] = .list(layers)
    config["input_layers"] = .list(network.inputs.map { .list(place($0)) })
    config["output_layers"] = .list(network.outputs.map { .list(place($0)) })
  }

  private func tensor(_ output: LayerOutput, _ place: [Value]) -> Value {
    .table(
      Value.Table([
        ("class_name", .string("__keras_tensor__")),
        (
          "config",
          .table(
            Value.Table([
              ("shape", batched(output.shape)), ("dtype", .string("float32")), ("keras_history", .list(place)),
            ]))
        ),
      ]))
  }

  /// Components with the modules that Keras 3 looks for them in.
  private func modern(_ config: Value.Table) -> Value.Table {
    Value.Table(config.entries.map { ($0.name, modern($0.value)) })
  }

  private func modern(_ value: Value) -> Value {
    guard let table = value.table, let className = table["class_name"]?.string, className != "function" else {
      return value
    }
    func isIn<M>(_ registry: Registry<M>) -> Bool { registry.entries.contains { $0.name == className } }
    let module =
      isIn(Initializer.registry)
      ? "keras.initializers"
      : isIn(Regularizer.registry)
        ? "keras.regularizers"
        : isIn(Constraint.registry)
          ? "keras.constraints" : isIn(Schedule.registry) ? "keras.optimizers.schedules" : "keras.activations"
    return .table(wrapped(module, className, modern(table["config"]?.table ?? Value.Table())))
  }

  // MARK: compile

  /// The arguments of compile, as `ConfigurationWriting.compilation` has them, as Keras 2's training_config.
  func trainingConfig(_ arguments: Value.Table) -> Value.Table {
    var result = Value.Table()
    for name in ["loss", "metrics", "weighted_metrics"] { result[name] = arguments[name] ?? .null }
    result["sample_weight_mode"] = .null
    result["loss_weights"] = arguments["loss_weights"] ?? .null
    result["optimizer_config"] = arguments["optimizer"].map { findable($0) } ?? .null
    return result
  }

  /// A schedule with its module: without, Keras 3 does not find it. Keras 2 does not mind.
  private func findable(_ optimizer: Value) -> Value {
    guard var table = optimizer.table, var config = table["config"]?.table,
      var schedule = config["learning_rate"]?.table, let className = schedule["class_name"]?.string,
      Schedule.registry.entries.contains(where: { $0.name == className })
    else { return optimizer }
    schedule["module"] = .string("keras.optimizers.schedules")
    schedule["registered_name"] = .null
    config["learning_rate"] = .table(schedule)
    table["config"] = .table(config)
    return .table(table)
  }

  /// The same as Keras 3's compile_config.
  func compileConfig(_ arguments: Value.Table) -> Value.Table {
    var result = Value.Table()
    let optimizer = arguments["optimizer"]?.table
    var config = optimizer?["config"]?.table ?? Value.Table()
    if let decay = config["decay"].flatMap({ Double.decode($0) }) {
      config["decay"] = nil
      // The same rates: rate / (1 + decay · step).
      if decay != 0, optimizer?["class_name"]?.string != "Nadam", let rate = config["learning_rate"], rate.table == nil
      {
        let schedule = Value.Table([
          ("initial_learning_rate", rate), ("decay_steps", .integer(1)), ("decay_rate", .number(decay)),
          ("staircase", .bool(false)), ("name", .string("InverseTimeDecay")),
        ])
        config["learning_rate"] = .table(
          Value.Table([("class_name", .string("InverseTimeDecay")), ("config", .table(schedule))]))
      }
    }
    result["optimizer"] = .table(
      wrapped("keras.optimizers", optimizer?["class_name"]?.string ?? "", modern(config)))
    result["loss"] = objective(arguments["loss"] ?? .null, "keras.losses")
    result["loss_weights"] = arguments["loss_weights"] ?? .null
    result["metrics"] = objective(arguments["metrics"] ?? .null, "keras.metrics")
    result["weighted_metrics"] = objective(arguments["weighted_metrics"] ?? .null, "keras.metrics")
    result["run_eagerly"] = .bool(false)
    result["steps_per_execution"] = .integer(1)
    result["jit_compile"] = .bool(false)
    return result
  }

  private func objective(_ value: Value, _ module: String) -> Value {
    switch value {
    case .list(let items): return .list(items.map { objective($0, module) })
    case .table(let table):
      guard let className = table["class_name"]?.string, className != "function" else {
        return .table(Value.Table(distinct: table.entries.map { ($0.name, objective($0.value, module)) }))
      }
      var config = table["config"]?.table ?? Value.Table()
      if config["reduction"]?.string == "auto" { config["reduction"] = .string("sum_over_batch_size") }
      return .table(wrapped(module, className, config))
    default: return value
    }
  }
}
