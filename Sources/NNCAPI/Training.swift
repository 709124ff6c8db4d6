// Names and documentation are those of include/nn.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

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

func notCompiled(_ model: Model) -> NNError {
  NNError(.state, "the model '\(model.name)' is not compiled yet: call nn_model_compile")
}

@c @implementation
public func nn_model_fit(
  _ history: UnsafeMutablePointer<OpaquePointer?>?, _ model: OpaquePointer?, _ x: OpaquePointer?,
  _ y: OpaquePointer?, _ options: UnsafePointer<nn_fit_options>?
) -> nn_status {
  entry("nn_model_fit") { () throws(NNError) in
    history?.pointee = nil
    let box = try Handles.model(model)
    let samples = Samples(x: try Handles.tensor(x, "x"), y: try Handles.tensor(y, "y"))
    try train(history, box, model, options) { (model, options, progress) throws(NNError) in
      try model.trainer(samples, options, companions: [progress]).train()
    }
  }
}

@c @implementation
public func nn_model_fit_samples(
  _ history: UnsafeMutablePointer<OpaquePointer?>?, _ model: OpaquePointer?, _ samples: UnsafePointer<nn_samples>?,
  _ options: UnsafePointer<nn_fit_options>?
) -> nn_status {
  entry("nn_model_fit_samples") { () throws(NNError) in
    history?.pointee = nil
    let box = try Handles.model(model)
    let samples = try Samples(reading: samples, "samples")
    try train(history, box, model, options) { (model, options, progress) throws(NNError) in
      try model.trainer(samples, options, companions: [progress]).train()
    }
  }
}

@c @implementation
public func nn_model_fit_source(
  _ history: UnsafeMutablePointer<OpaquePointer?>?, _ model: OpaquePointer?, _ source: nn_batch_source?,
  _ user: UnsafeMutableRawPointer?, _ options: UnsafePointer<nn_fit_options>?
) -> nn_status {
  entry("nn_model_fit_source") { () throws(NNError) in
    history?.pointee = nil
    let box = try Handles.model(model)
    guard let source else { throw Given.isNull("source") }
    if let options, options.pointee.batch_size != 0 {
      throw NNError(.invalidArgument, "options.batch_size must be 0: the batches of a source come as they are")
    }
    try train(history, box, model, options) { (model, options, progress) throws(NNError) in
      try model.trainer(BatchGenerator(source: source, user), options, companions: [progress]).train()
    }
  }
}

@c @implementation
public func nn_model_resume(
  _ history: UnsafeMutablePointer<OpaquePointer?>?, _ model: OpaquePointer?, _ options: UnsafePointer<nn_fit_options>?
) -> nn_status {
  entry("nn_model_resume") { () throws(NNError) in
    history?.pointee = nil
    let box = try Handles.model(model)
    let given = try nn_fit_options(reading: options)
    try given.checkOnlyCallbacks()
    let callbacks = given.callback_count == 0 ? nil : try given.callbackObjects()
    try train(history, box, model, given) { (model, progress) throws(NNError) in
      try model.resume(callbacks: callbacks, companions: [progress])
    }
  }
}

private func train(
  _ history: UnsafeMutablePointer<OpaquePointer?>?, _ box: ModelBox, _ handle: OpaquePointer?,
  _ options: UnsafePointer<nn_fit_options>?, _ fit: (Model, FitOptions, Progress) throws(NNError) -> History
) throws(NNError) {
  let given = try nn_fit_options(reading: options)
  let options = try given.engineOptions()
  try train(history, box, handle, given) { (model, progress) throws(NNError) in try fit(model, options, progress) }
}

private func train(
  _ history: UnsafeMutablePointer<OpaquePointer?>?, _ box: ModelBox, _ handle: OpaquePointer?,
  _ given: nn_fit_options, _ fit: (Model, Progress) throws(NNError) -> History
) throws(NNError) {
  let record = try box.train(handle) { (model, word) throws(NNError) in
    let history = try fit(model, Progress(model, word: word, given))
    return Record(history: history.copy(), wasCancelled: history.interruption != nil)
  }
  history?.pointee = Handles.new(.history(record))
  if record.wasCancelled {
    let complete = record.history.epochs.count
    let epochs = record.history.parameters["epochs"].map(\.text) ?? "the last"
    throw NNError(
      .cancelled,
      "stopped after \(complete) complete \(complete == 1 ? "epoch" : "epochs"), before epoch \(epochs) ended"
    )
  }
}

@c @implementation
public func nn_model_find_learning_rate(
  _ rates: UnsafeMutablePointer<OpaquePointer?>?, _ losses: UnsafeMutablePointer<OpaquePointer?>?,
  _ model: OpaquePointer?, _ x: OpaquePointer?, _ y: OpaquePointer?, _ options: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_model_find_learning_rate") { () throws(NNError) in
    let out = (try Given.handle(rates, "rates"), try Given.handle(losses, "losses"))
    let (box, x, y) = (try Handles.model(model), try Handles.tensor(x, "x"), try Handles.tensor(y, "y"))
    let options = try LearningRateSearch.make(Arguments([], Given.object(options, "options")))
    let found = try box.train(model) { (model, word) throws(NNError) in
      try model.findLearningRate(Samples(x: x, y: y), options, callbacks: [Interruption(model, word: word)])
    }
    out.0.pointee = Handles.new(.tensor(found.rates))
    out.1.pointee = Handles.new(.tensor(found.losses))
  }
}

@c @implementation
public func nn_model_train_on_batch(
  _ values: UnsafeMutablePointer<Double>?, _ capacity: Int32, _ model: OpaquePointer?, _ x: OpaquePointer?,
  _ y: OpaquePointer?
) -> nn_status {
  entry("nn_model_train_on_batch") { () throws(NNError) in
    _ = try Given.pointer(values, "values")
    let (box, x, y) = (try Handles.model(model), try Handles.tensor(x, "x"), try Handles.tensor(y, "y"))
    try metrics(values, capacity, box) { (model) throws(NNError) in try model.trainOnBatch(x: x, y: y) }
  }
}

/// For the calls that give the losses and the metrics: checks that there is room before the work, so that a training step is not made
/// for nothing.
private func checkCapacity(_ capacity: Int32, _ model: Model) throws(NNError) {
  guard model.isCompiled else { throw notCompiled(model) }
  guard Int(capacity) >= model.metricsNames.count else {
    throw NNError(
      .invalidArgument,
      "argument 'capacity' is \(capacity), but there are \(model.metricsNames.count) values: "
        + model.metricsNames.joined(separator: ", "))
  }
}

/// One step of training, or one batch of a test: `work` gives the losses and the metrics.
func metrics(
  _ values: UnsafeMutablePointer<Double>?, _ capacity: Int32, _ box: ModelBox,
  _ work: (Model) throws(NNError) -> [Double]
) throws(NNError) {
  let out = try Given.pointer(values, "values")
  let result = try box.change { (model) throws(NNError) in
    try checkCapacity(capacity, model)
    return try work(model)
  }
  try Taken.values(out, capacity, result)
}

/// The same for an evaluation, which nn_cancel can stop: `work` passes the callbacks on.
func evaluation(
  _ values: UnsafeMutablePointer<Double>?, _ capacity: Int32, _ box: ModelBox, _ handle: OpaquePointer?,
  _ work: (Model, [any Callback]) throws(NNError) -> [Double]
) throws(NNError) {
  let out = try Given.pointer(values, "values")
  let result = try box.train(handle) { (model, word) throws(NNError) in
    try checkCapacity(capacity, model)
    return try work(model, [Interruption(model, word: word)])
  }
  try Taken.values(out, capacity, result)
}
