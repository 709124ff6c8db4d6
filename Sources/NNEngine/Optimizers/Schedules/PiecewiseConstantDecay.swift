/// One rate after another.
struct PiecewiseConstantDecay: ScheduleDefinition {
  var boundaries: [Int] = []
  var values: [Double] = []

  static let className = "PiecewiseConstantDecay"
  static let doc = """
    values[1] up to and including boundaries[1] steps, then values[2] up to boundaries[2], and so on; one value more than boundaries. \
    Example: PiecewiseConstantDecay{boundaries={50000, 150000}, values={0.01, 0.005, 0.001}}
    """
  static let fields: [Field<PiecewiseConstantDecay>] = [
    Field("boundaries", \.boundaries, required: true, "Numbers of steps, growing."),
    Field("values", \.values, required: true, "Rates."),
  ]

  func validate() throws(NNError) {
    guard values.count == boundaries.count + 1 else {
      throw .invalid(
        "\(Self.className): \(boundaries.count) boundaries need \(boundaries.count + 1) values, got \(values.count)")
    }
    guard zip(boundaries, boundaries.dropFirst()).allSatisfy({ $0 < $1 }), boundaries.first ?? 0 >= 0 else {
      throw .invalid("\(Self.className): 'boundaries' must be growing integers that are not negative, got \(boundaries)")
    }
    for value in values where !LearningRate.isRate(value) {
      throw .invalid("\(Self.className): 'values' must be finite numbers that are not negative, got \(value)")
    }
  }

  func rate(step: Double) -> Double {
    values[boundaries.firstIndex { step <= Double($0) } ?? boundaries.count]
  }
}
