internal import CNN
internal import Glibc
internal import NNEngine

extension nn_fit_options {
  /// A copy of the caller's options, whatever version of the header they were compiled with: what an older header lacks is
  /// zero, which is every member's default; what a newer one has beyond ours must be zero.
  init(reading pointer: UnsafePointer<nn_fit_options>?) throws(NNError) {
    self.init()
    guard let pointer else { return }
    let source = UnsafeRawPointer(pointer)
    let size = source.loadUnaligned(as: Int.self)
    let known = MemoryLayout<nn_fit_options>.size
    guard size >= MemoryLayout<Int>.size, size <= 4096 else {
      throw NNError(
        .invalidArgument,
        "options.struct_size is \(size), expected sizeof(nn_fit_options) (start from NN_FIT_OPTIONS_INIT)")
    }
    // No member is ever half copied: whole words only.
    let whole = min(size, known) & ~(MemoryLayout<nn_fit_options>.alignment - 1)
    withUnsafeMutableBytes(of: &self) { $0.copyMemory(from: UnsafeRawBufferPointer(start: source, count: whole)) }
    if size > known, !(known..<size).allSatisfy({ source.load(fromByteOffset: $0, as: UInt8.self) == 0 }) {
      throw NNError(
        .notSupported, "options has members that this library (older than the program's nn.h) does not know")
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
    switch (validation_x, validation_y) {
    case (nil, nil): break
    case (let x?, let y?):
      options.validationData = Samples(
        x: try Handles.tensor(x, "options.validation_x"), y: try Handles.tensor(y, "options.validation_y"))
    default:
      throw NNError(
        .invalidArgument, "options.validation_x and options.validation_y go together, but one of them is NULL")
    }
    options.verbose = 0
    return options
  }
}
