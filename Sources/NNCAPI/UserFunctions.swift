internal import CNN
internal import NNEngine

/// What comes with a function in C: its `user`, and how that is given back.
final class UserPointer {
  let pointer: UnsafeMutableRawPointer?
  private var release: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?

  init(_ pointer: UnsafeMutableRawPointer?, _ release: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?) {
    self.pointer = pointer
    self.release = release
  }

  /// When the call failed that it was given to: it stays the caller's.
  func giveUp() { release = nil }

  deinit { release?(pointer) }
}

/// A function in C as the engine calls users' functions.
final class ScheduleInC: ScheduleFunction {
  private let function: nn_schedule
  private let user: UserPointer

  init(_ function: @escaping nn_schedule, _ user: UserPointer) {
    self.function = function
    self.user = user
  }

  func rate(step: Int) throws(NNError) -> Double { function(Int64(step), user.pointer) }
}

/// The function of a ModelCheckpoint.
final class SaveInC: UserFunction {
  private let function: nn_save
  private let user: UserPointer

  init(_ function: @escaping nn_save, _ user: UserPointer) {
    self.function = function
    self.user = user
  }

  func call(_ arguments: [Value]) throws(NNError) -> Value {
    let path = arguments.first?.string ?? ""
    let status = path.withCString { function($0, user.pointer) }
    guard status >= 0 else {
      throw NNError(
        NNError.Code(rawValue: status) ?? .invalidArgument,
        "ModelCheckpoint: the program's function failed to save '\(path)' (status \(status))")
    }
    return .null
  }
}

/// The function of a LearningRateScheduler.
final class EpochRateInC: UserFunction {
  private let function: nn_epoch_rate
  private let user: UserPointer

  init(_ function: @escaping nn_epoch_rate, _ user: UserPointer) {
    self.function = function
    self.user = user
  }

  func call(_ arguments: [Value]) throws(NNError) -> Value {
    guard arguments.count == 2, case .integer(let epoch) = arguments[0], case .number(let rate) = arguments[1] else {
      throw NNError(.internal, "a scheduler's function is called with other arguments than epoch and rate")
    }
    return .number(function(Int64(epoch), rate, user.pointer))
  }
}
