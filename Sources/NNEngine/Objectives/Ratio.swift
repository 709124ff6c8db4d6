/// Quotients as metrics need them: nothing out of nothing is nothing, not NaN.
enum Ratio {
  /// a / b, and 0 where b is 0.
  static func of(_ a: Double, _ b: Double) -> Double { b == 0 ? 0 : a / b }

  /// The first sum over the second.
  static func of(_ sums: [[Double]]) -> Double {
    guard sums.count > 1, let part = sums[0].first, let whole = sums[1].first else { return 0 }
    return of(part, whole)
  }
}
