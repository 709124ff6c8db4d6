// Names and documentation are those of include/nn.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

public import CNN
internal import NNEngine

extension Samples {
  /// What a structure of the caller's names.
  init(reading pointer: UnsafePointer<nn_samples>?, _ argument: String) throws(NNError) {
    guard let pointer else { throw Given.isNull(argument) }
    var given = nn_samples()
    try withUnsafeMutableBytes(of: &given) { (target) throws(NNError) in
      try OptionStructure.copy(UnsafeRawPointer(pointer), argument, "nn_samples", "NN_SAMPLES_INIT", to: target)
    }
    guard given.reserved == 0 else {
      throw NNError(.invalidArgument, "\(argument).reserved must be 0, got \(given.reserved)")
    }
    func tensors(
      _ handles: UnsafePointer<OpaquePointer?>?, _ count: Int32, _ name: String
    ) throws(NNError) -> [Tensor] {
      try Given.array(handles, count, "\(argument).\(name)") { (handle, name) throws(NNError) in
        try Handles.tensor(handle, name)
      }
    }
    let weights = try Given.array(given.weights, given.weight_count, "\(argument).weights") {
      (handle, name) throws(NNError) in handle == nil ? nil : try Handles.tensor(handle, name)
    }
    self.init(
      x: try tensors(given.x, given.x_count, "x"), y: try tensors(given.y, given.y_count, "y"), weights: weights)
  }
}

extension BatchGenerator {
  /// Batches from a C function.
  convenience init(source: @escaping nn_batch_source, _ user: UnsafeMutableRawPointer?) {
    self.init { () throws(NNError) in
      var batch = nn_samples()
      batch.struct_size = MemoryLayout<nn_samples>.size
      let status = source(&batch, user)
      if status == 0 { return nil }
      guard status == 1 else {
        let code = status < 0 ? NNError.Code(rawValue: status) ?? .invalidArgument : .invalidArgument
        throw NNError(code, "the source of batches returned \(status), expected 1, 0 or a negative status")
      }
      return try Samples(reading: &batch, "batch")
    }
  }
}

/// {"0": 1, "1": 5}
enum ClassWeight {
  static func read(_ text: UnsafePointer<CChar>?, _ argument: String) throws(NNError) -> [Int: Double]? {
    guard text != nil else { return nil }
    var weights: [Int: Double] = [:]
    for (name, value) in try Given.object(text, argument).entries {
      let weight: Double? =
        switch value {
        case .integer(let n): Double(n)
        case .number(let x): x
        default: nil
        }
      guard let label = Int(name), label >= 0, let weight, weight >= 0, weight.isFinite else {
        throw NNError(
          .invalidArgument,
          "argument '\(argument)' must map class indices to weights, {\"0\": 1, \"1\": 5}, got '\(name)': "
            + value.text)
      }
      weights[label] = weight
    }
    return weights
  }
}

/// Several tensors in, several out, into an array of the caller's that has room for them.
private func outputs(
  _ outputs: UnsafeMutablePointer<OpaquePointer?>?, _ capacity: Int32, _ model: OpaquePointer?,
  _ inputs: UnsafePointer<OpaquePointer?>?, _ count: Int32, _ work: (Model, [Tensor]) throws(NNError) -> [Tensor]
) throws(NNError) {
  let out = try Given.pointer(outputs, "outputs")
  let box = try Handles.model(model)
  let x = try Given.array(inputs, count, "inputs") { (handle, name) throws(NNError) in
    try Handles.tensor(handle, name)
  }
  let result = try box.change { (model) throws(NNError) in
    guard Int(capacity) >= model.outputNames.count else {
      throw NNError(
        .invalidArgument,
        "argument 'capacity' is \(capacity), but the model has \(model.outputNames.count) outputs")
    }
    return try work(model, x)
  }
  for (i, tensor) in result.enumerated() { out[i] = Handles.new(.tensor(tensor)) }
}

@c @implementation
public func nn_model_train_on_samples(
  _ values: UnsafeMutablePointer<Double>?, _ capacity: Int32, _ model: OpaquePointer?,
  _ samples: UnsafePointer<nn_samples>?, _ classWeight: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_model_train_on_samples") { () throws(NNError) in
    _ = try Given.pointer(values, "values")
    let (box, samples) = (try Handles.model(model), try Samples(reading: samples, "samples"))
    let classes = try ClassWeight.read(classWeight, "class_weight")
    try metrics(values, capacity, box) { (model) throws(NNError) in
      try model.trainOnBatch(samples, classWeights: classes)
    }
  }
}

@c @implementation
public func nn_model_evaluate_samples(
  _ values: UnsafeMutablePointer<Double>?, _ capacity: Int32, _ model: OpaquePointer?,
  _ samples: UnsafePointer<nn_samples>?, _ batchSize: Int64
) -> nn_status {
  entry("nn_model_evaluate_samples") { () throws(NNError) in
    _ = try Given.pointer(values, "values")
    let (box, samples) = (try Handles.model(model), try Samples(reading: samples, "samples"))
    let batchSize = try Given.optionalCount(batchSize, "batch_size")
    try evaluation(values, capacity, box, model) { (model, callbacks) throws(NNError) in
      try model.evaluate(samples, batchSize: batchSize, callbacks: callbacks)
    }
  }
}

@c @implementation
public func nn_model_evaluate_source(
  _ values: UnsafeMutablePointer<Double>?, _ capacity: Int32, _ model: OpaquePointer?, _ source: nn_batch_source?,
  _ user: UnsafeMutableRawPointer?, _ steps: Int64
) -> nn_status {
  entry("nn_model_evaluate_source") { () throws(NNError) in
    _ = try Given.pointer(values, "values")
    let box = try Handles.model(model)
    guard let source else { throw Given.isNull("source") }
    let steps = try Given.optionalCount(steps, "steps")
    try evaluation(values, capacity, box, model) { (model, callbacks) throws(NNError) in
      try model.evaluate(BatchGenerator(source: source, user), steps: steps, callbacks: callbacks)
    }
  }
}

@c @implementation
public func nn_model_test_on_batch(
  _ values: UnsafeMutablePointer<Double>?, _ capacity: Int32, _ model: OpaquePointer?, _ x: OpaquePointer?,
  _ y: OpaquePointer?
) -> nn_status {
  entry("nn_model_test_on_batch") { () throws(NNError) in
    _ = try Given.pointer(values, "values")
    let (box, x, y) = (try Handles.model(model), try Handles.tensor(x, "x"), try Handles.tensor(y, "y"))
    try metrics(values, capacity, box) { (model) throws(NNError) in try model.testOnBatch(Samples(x: x, y: y)) }
  }
}

@c @implementation
public func nn_model_predict_all(
  _ results: UnsafeMutablePointer<OpaquePointer?>?, _ capacity: Int32, _ model: OpaquePointer?,
  _ inputs: UnsafePointer<OpaquePointer?>?, _ count: Int32, _ batchSize: Int64
) -> nn_status {
  entry("nn_model_predict_all") { () throws(NNError) in
    let batchSize = try Given.optionalCount(batchSize, "batch_size")
    try outputs(results, capacity, model, inputs, count) { (model, x) throws(NNError) in
      try model.predict(x, batchSize: batchSize)
    }
  }
}

@c @implementation
public func nn_model_call_all(
  _ results: UnsafeMutablePointer<OpaquePointer?>?, _ capacity: Int32, _ model: OpaquePointer?,
  _ inputs: UnsafePointer<OpaquePointer?>?, _ count: Int32, _ training: Int32
) -> nn_status {
  entry("nn_model_call_all") { () throws(NNError) in
    let training = try Given.flag(training, "training")
    try outputs(results, capacity, model, inputs, count) { (model, x) throws(NNError) in
      try model.call(x, training: training)
    }
  }
}

@c @implementation
public func nn_model_predict_classes(
  _ classes: UnsafeMutablePointer<OpaquePointer?>?, _ model: OpaquePointer?, _ x: OpaquePointer?, _ batchSize: Int64
) -> nn_status {
  entry("nn_model_predict_classes") { () throws(NNError) in
    let out = try Given.handle(classes, "classes")
    let (box, x) = (try Handles.model(model), try Handles.tensor(x, "x"))
    let batchSize = try Given.optionalCount(batchSize, "batch_size")
    let result = try box.change { (model) throws(NNError) in try model.predictClasses([x], batchSize: batchSize) }
    out.pointee = Handles.new(.tensor(result))
  }
}
