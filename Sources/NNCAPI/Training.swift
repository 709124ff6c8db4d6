public import CNN
internal import NNEngine

@c @implementation
public func nn_model_compile(
  _ model: OpaquePointer?, _ optimizer: OpaquePointer?, _ options: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_model_compile") { () throws(NNError) in
    let box = try Handles.model(model)
    var arguments = try Given.object(options, "options")
    if optimizer != nil {
      let optimizer = try Handles.optimizer(optimizer)
      guard arguments["optimizer"] == nil else {
        throw NNError(.invalidArgument, "an optimizer is given twice: as argument 'optimizer', and in 'options'")
      }
      arguments["optimizer"] = .object(optimizer)
    }
    try box.change { (model) throws(NNError) in try model.compile(Arguments([], arguments)) }
  }
}

@c @implementation
public func nn_model_optimizer(
  _ optimizer: UnsafeMutablePointer<OpaquePointer?>?, _ model: OpaquePointer?
) -> nn_status {
  entry("nn_model_optimizer") { () throws(NNError) in
    let out = try Given.handle(optimizer, "optimizer")
    let found = try Handles.model(model).read { (model) throws(NNError) in
      guard let optimizer = model.optimizer else { throw notCompiled(model) }
      return optimizer
    }
    out.pointee = Handles.new(.optimizer(found))
  }
}

private func notCompiled(_ model: Model) -> NNError {
  NNError(.state, "the model '\(model.name)' is not compiled yet: call nn_model_compile")
}

@c @implementation
public func nn_model_fit(
  _ history: UnsafeMutablePointer<OpaquePointer?>?, _ model: OpaquePointer?, _ x: OpaquePointer?,
  _ y: OpaquePointer?, _ options: UnsafePointer<nn_fit_options>?
) -> nn_status {
  entry("nn_model_fit") { () throws(NNError) in
    history?.pointee = nil
    let (box, x, y) = (try Handles.model(model), try Handles.tensor(x, "x"), try Handles.tensor(y, "y"))
    let given = try nn_fit_options(reading: options)
    let options = try given.engineOptions()
    let record = try box.train(model) { (model, word) throws(NNError) in
      let progress = Progress(model, word: word, given)
      let history = try model.fit(x: x, y: y, options, callbacks: [progress])
      return Record(history: history, wasCancelled: progress.wasStopped)
    }
    history?.pointee = Handles.new(.history(record))
    if record.wasCancelled {
      let complete = record.history.epochs.count
      throw NNError(
        .cancelled,
        "stopped after \(complete) complete \(complete == 1 ? "epoch" : "epochs"), before epoch \(options.epochs) ended")
    }
  }
}

@c @implementation
public func nn_model_train_on_batch(
  _ values: UnsafeMutablePointer<Double>?, _ capacity: Int32, _ model: OpaquePointer?, _ x: OpaquePointer?,
  _ y: OpaquePointer?
) -> nn_status {
  entry("nn_model_train_on_batch") { () throws(NNError) in
    let out = try Given.pointer(values, "values")
    let (box, x, y) = (try Handles.model(model), try Handles.tensor(x, "x"), try Handles.tensor(y, "y"))
    let result = try box.change { (model) throws(NNError) in
      try checkCapacity(capacity, model)
      return try model.trainOnBatch(x: x, y: y)
    }
    try Taken.values(out, capacity, result)
  }
}

@c @implementation
public func nn_model_evaluate(
  _ values: UnsafeMutablePointer<Double>?, _ capacity: Int32, _ model: OpaquePointer?, _ x: OpaquePointer?,
  _ y: OpaquePointer?, _ batchSize: Int64
) -> nn_status {
  entry("nn_model_evaluate") { () throws(NNError) in
    let out = try Given.pointer(values, "values")
    let (box, x, y) = (try Handles.model(model), try Handles.tensor(x, "x"), try Handles.tensor(y, "y"))
    let batchSize = try Given.optionalCount(batchSize, "batch_size")
    let result = try box.train(model) { (model, word) throws(NNError) in
      try checkCapacity(capacity, model)
      return try model.evaluate(x: x, y: y, batchSize: batchSize, callbacks: [Interruption(model, word: word)])
    }
    try Taken.values(out, capacity, result)
  }
}

/// Before the work, so that a training step is not made for nothing.
private func checkCapacity(_ capacity: Int32, _ model: Model) throws(NNError) {
  guard model.isCompiled else { throw notCompiled(model) }
  guard Int(capacity) >= model.metricsNames.count else {
    throw NNError(
      .invalidArgument,
      "argument 'capacity' is \(capacity), but there are \(model.metricsNames.count) values: "
        + model.metricsNames.joined(separator: ", "))
  }
}

@c @implementation
public func nn_model_predict(
  _ y: UnsafeMutablePointer<OpaquePointer?>?, _ model: OpaquePointer?, _ x: OpaquePointer?, _ batchSize: Int64
) -> nn_status {
  entry("nn_model_predict") { () throws(NNError) in
    let out = try Given.handle(y, "y")
    let (box, x) = (try Handles.model(model), try Handles.tensor(x, "x"))
    let batchSize = try Given.optionalCount(batchSize, "batch_size")
    let result = try box.change { (model) throws(NNError) in try model.predict(x: x, batchSize: batchSize) }
    out.pointee = Handles.new(.tensor(result))
  }
}

@c @implementation
public func nn_model_call(
  _ y: UnsafeMutablePointer<OpaquePointer?>?, _ model: OpaquePointer?, _ x: OpaquePointer?, _ training: Int32
) -> nn_status {
  entry("nn_model_call") { () throws(NNError) in
    let out = try Given.handle(y, "y")
    let (box, x) = (try Handles.model(model), try Handles.tensor(x, "x"))
    let training = try Given.flag(training, "training")
    let result = try box.change { (model) throws(NNError) in try model(x, training: training) }
    out.pointee = Handles.new(.tensor(result))
  }
}

@c @implementation
public func nn_model_metric_count(_ model: OpaquePointer?) -> Int32 {
  getter("nn_model_metric_count", -1) { () throws(NNError) in
    try Handles.model(model).read { (model) throws(NNError) in
      guard model.isCompiled else { throw notCompiled(model) }
      return Int32(clamping: model.metricsNames.count)
    }
  }
}

@c @implementation
public func nn_model_metric_name(_ model: OpaquePointer?, _ index: Int32) -> UnsafePointer<CChar>? {
  getter("nn_model_metric_name", nil) { () throws(NNError) in
    let names = try Handles.model(model).read { (model) throws(NNError) in
      guard model.isCompiled else { throw notCompiled(model) }
      return model.metricsNames
    }
    let position = try Given.index(index, below: names.count, "values are")
    return try Handles.find(model, .model, "model").lend(names[position])
  }
}
