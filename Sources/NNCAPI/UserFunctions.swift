internal import CNN
internal import NNEngine

/// What comes with a function in C: its `user`, and how that is given back. Told apart from the function, so that a call that fails
/// need not release it.
final class UserPointer {
  let pointer: UnsafeMutableRawPointer?
  private let release: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?

  init(_ pointer: UnsafeMutableRawPointer?, _ release: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?) {
    self.pointer = pointer
    self.release = release
  }

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
