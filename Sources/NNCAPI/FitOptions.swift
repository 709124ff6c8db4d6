internal import CNN
internal import Glibc
internal import NNEngine

extension nn_fit_options {
  /// A copy of the caller's options, whatever version of the header they were compiled with.
  init(reading pointer: UnsafePointer<nn_fit_options>?) throws(NNError) {
    self.init()
    guard let pointer else { return }
    try withUnsafeMutableBytes(of: &self) { (target) throws(NNError) in
      try OptionStructure.copy(
        UnsafeRawPointer(pointer), "options", "nn_fit_options", "NN_FIT_OPTIONS_INIT", to: target)
    }
  }

  /// As the engine takes them.
  func engineOptions() throws(NNError) -> FitOptions {
    var options = FitOptions()
    if let size = try Given.optionalCount(batch_size, "options.batch_size") { options.batchSize = size }
    if let count = try Given.optionalCount(epochs, "options.epochs") { options.epochs = count }
    guard initial_epoch >= 0 else {
      throw NNError(.invalidArgument, "options.initial_epoch must not be negative, got \(initial_epoch)")
    }
    options.initialEpoch = Int(initial_epoch)
    guard validation_split >= 0, validation_split < 1 else {
      throw NNError(.invalidArgument, "options.validation_split must be in [0, 1), got \(validation_split)")
    }
    options.validationSplit = validation_split
    options.shuffle = in_order == 0
    try setValidation(&options)
    if let weights = sample_weight { options.sampleWeights = [try Handles.tensor(weights, "options.sample_weight")] }
    options.classWeights = try ClassWeight.read(class_weight, "options.class_weight")
    options.stepsPerEpoch = try Given.optionalCount(steps_per_epoch, "options.steps_per_epoch")
    options.validationSteps = try Given.optionalCount(validation_steps, "options.validation_steps")
    options.validationFreq = try Given.optionalCount(validation_freq, "options.validation_freq") ?? 1
    options.callbacks = try callbackObjects()
    options.verbose = 0
    return options
  }

  private func setValidation(_ options: inout FitOptions) throws(NNError) {
    let isPair = validation_x != nil || validation_y != nil
    guard [isPair, validation != nil, validation_source != nil].filter({ $0 }).count <= 1 else {
      throw NNError(
        .invalidArgument,
        "validation data is given twice: as options.validation_x, options.validation or options.validation_source")
    }
    if isPair {
      guard let x = validation_x, let y = validation_y else {
        throw NNError(
          .invalidArgument, "options.validation_x and options.validation_y go together, but one of them is NULL")
      }
      options.validationData = Samples(
        x: try Handles.tensor(x, "options.validation_x"), y: try Handles.tensor(y, "options.validation_y"))
    }
    if let validation { options.validationData = try Samples(reading: validation, "options.validation") }
    if let source = validation_source {
      options.validationGenerator = BatchGenerator(source: source, validation_user)
    }
  }

  /// For going on with a run, where all else is as it was.
  func checkOnlyCallbacks() throws(NNError) {
    let others: [(String, Bool)] = [
      ("batch_size", batch_size != 0), ("epochs", epochs != 0), ("initial_epoch", initial_epoch != 0),
      ("validation_split", validation_split != 0), ("validation_x", validation_x != nil),
      ("validation_y", validation_y != nil), ("in_order", in_order != 0), ("validation", validation != nil),
      ("validation_source", validation_source != nil), ("sample_weight", sample_weight != nil),
      ("class_weight", class_weight != nil), ("steps_per_epoch", steps_per_epoch != 0),
      ("validation_steps", validation_steps != 0), ("validation_freq", validation_freq != 0),
    ]
    if let (name, _) = others.first(where: \.1) {
      throw NNError(
        .invalidArgument, "options.\(name) must be 0: the run goes on as it began; only callbacks may be others")
    }
  }

  func callbackObjects() throws(NNError) -> [any Callback] {
    guard callback_count >= 0, callback_count <= 1024 else {
      throw NNError(.invalidArgument, "options.callback_count must be 0 ... 1024, got \(callback_count)")
    }
    guard callback_count > 0 else { return [] }
    guard let callbacks else {
      throw NNError(
        .invalidArgument, "options.callbacks is NULL, but options.callback_count is \(callback_count)")
    }
    var objects: [any Callback] = []
    for i in 0..<Int(callback_count) { objects.append(try Handles.callback(callbacks[i], "options.callbacks[\(i)]")) }
    return objects
  }
}
