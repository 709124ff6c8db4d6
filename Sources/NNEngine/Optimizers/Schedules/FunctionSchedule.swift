/// A user's function as a schedule: the rate as a function of the number of steps made, called once at each step.
final class FunctionSchedule: ScheduleFunction {
  private let function: FunctionReference

  init(_ function: FunctionReference) { self.function = function }

  func rate(step: Int) throws(NNError) -> Double {
    let result = try function(.integer(step))
    guard let rate = Double.decode(result) else {
      throw .invalid("learning_rate: the function must return a number; after \(step) steps it returned \(result.text)")
    }
    return rate
  }
}
