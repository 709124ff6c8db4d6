import Testing

/// Expects |actual − expected| ≤ absolute + relative·|expected| for every element. Infinities must be equal; a NaN is
/// close to a NaN only. The failure says how many elements are off and shows the worst of them.
func expectClose(
  _ actual: [Float], _ expected: FixtureArray, relative: Double = 0, absolute: Double = 0, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectClose(
    actual.map { Double($0) }, expected.data, relative: relative, absolute: absolute, shape: expected.shape, what,
    sourceLocation: sourceLocation)
}

func expectClose(
  _ actual: [Float], _ expected: [Float], relative: Double = 0, absolute: Double = 0, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectClose(
    actual.map { Double($0) }, expected.map { Double($0) }, relative: relative, absolute: absolute, what,
    sourceLocation: sourceLocation)
}

func expectClose(
  _ actual: Float, _ expected: Double, relative: Double = 0, absolute: Double = 0, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectClose(
    [Double(actual)], [expected], relative: relative, absolute: absolute, what, sourceLocation: sourceLocation)
}

func expectClose(
  _ actual: [Double], _ expected: [Double], relative: Double = 0, absolute: Double = 0, shape: [Int]? = nil,
  _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  guard
    let difference = difference(
      between: actual, and: expected, relative: relative, absolute: absolute, shape: shape ?? [expected.count])
  else { return }
  let subject = what.isEmpty ? "" : "\(what): "
  Issue.record(Comment(rawValue: subject + difference), sourceLocation: sourceLocation)
}

/// Nil when close; otherwise what is wrong, in words.
func difference(
  between actual: [Double], and expected: [Double], relative: Double, absolute: Double, shape: [Int]
) -> String? {
  guard actual.count == expected.count else {
    return "\(actual.count) values, expected \(expected.count) (shape \(shape))"
  }
  var count = 0
  var worst = (index: 0, excess: -1.0)
  for index in actual.indices {
    let distance = distance(actual[index], expected[index])
    // An infinite expectation has no tolerance: infinity is met exactly or not at all.
    let allowed = expected[index].isFinite ? absolute + relative * expected[index].magnitude : 0
    guard distance > allowed else { continue }
    count += 1
    let excess = distance - allowed
    if excess > worst.excess { worst = (index, excess) }
  }
  guard count > 0 else { return nil }
  let (a, e) = (actual[worst.index], expected[worst.index])
  return """
    \(count) of \(actual.count) values are off; worst at \(position(worst.index, in: shape)): \(a), expected \(e) \
    (difference \(distance(a, e)), allowed \(absolute + relative * e.magnitude))
    """
}

private func distance(_ a: Double, _ b: Double) -> Double {
  if a == b || (a.isNaN && b.isNaN) { return 0 }
  return a.isFinite && b.isFinite ? (a - b).magnitude : .infinity
}

/// A flat index as one index per axis, as NumPy counts.
private func position(_ flat: Int, in shape: [Int]) -> [Int] {
  var rest = flat
  var indices: [Int] = []
  for extent in shape.reversed() where extent > 0 {
    indices.append(rest % extent)
    rest /= extent
  }
  return indices.reversed()
}
