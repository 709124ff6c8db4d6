// Names and documentation are those of include/nn.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

public import CNN
internal import NNEngine

@c @implementation
public func nn_model_evaluate(
  _ values: UnsafeMutablePointer<Double>?, _ capacity: Int32, _ model: OpaquePointer?, _ x: OpaquePointer?,
  _ y: OpaquePointer?, _ batchSize: Int64
) -> nn_status {
  entry("nn_model_evaluate") { () throws(NNError) in
    _ = try Given.pointer(values, "values")
    let (box, x, y) = (try Handles.model(model), try Handles.tensor(x, "x"), try Handles.tensor(y, "y"))
    let batchSize = try Given.optionalCount(batchSize, "batch_size")
    try evaluation(values, capacity, box, model) { (model, callbacks) throws(NNError) in
      try model.evaluate(x: x, y: y, batchSize: batchSize, callbacks: callbacks)
    }
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
public func nn_model_predict_mc(
  _ mean: UnsafeMutablePointer<OpaquePointer?>?, _ deviation: UnsafeMutablePointer<OpaquePointer?>?,
  _ model: OpaquePointer?, _ x: OpaquePointer?, _ samples: Int64, _ batchSize: Int64
) -> nn_status {
  entry("nn_model_predict_mc") { () throws(NNError) in
    let out = (try Given.handle(mean, "mean"), try Given.handle(deviation, "deviation"))
    let (box, x) = (try Handles.model(model), try Handles.tensor(x, "x"))
    let samples = try Given.optionalCount(samples, "samples") ?? 100
    let batchSize = try Given.optionalCount(batchSize, "batch_size")
    let result = try box.train(model) { (model, word) throws(NNError) in
      try model.predictMonteCarlo(
        x: x, samples: samples, batchSize: batchSize, callbacks: [Interruption(model, word: word)])
    }
    out.0.pointee = Handles.new(.tensor(result.mean))
    out.1.pointee = Handles.new(.tensor(result.standardDeviation))
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
    let position = try Given.index(index, below: names.count, "values")
    return try Handles.find(model, .model, "model").lend(names[position])
  }
}
