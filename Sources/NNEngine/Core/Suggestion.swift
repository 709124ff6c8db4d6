/// "did you mean": the candidate nearest to a misspelt name.
package enum Suggestion {
  /// The candidate with the smallest edit distance (case and underscores ignored), if it is near enough to be what was meant.
  package static func nearest(to name: String, among candidates: [String]) -> String? {
    let wanted = folded(name)
    var best: (name: String, distance: Int, literal: Int)?
    for candidate in candidates {
      let distance = editDistance(wanted, folded(candidate))
      // Of 'HeNormal' and 'he_normal' the one that is spelt as the name is.
      let literal = editDistance(Array(name.utf8), Array(candidate.utf8))
      if let best, (distance, literal) >= (best.distance, best.literal) { continue }
      best = (candidate, distance, literal)
    }
    guard let best, best.distance <= max(1, wanted.count / 3) else { return nil }
    return best.name
  }

  /// "; did you mean 'x'?", or a list of the candidates when nothing is near and there are few, or nothing.
  package static func hint(for name: String, among candidates: [String]) -> String {
    if let near = nearest(to: name, among: candidates) { return "; did you mean '\(near)'?" }
    if candidates.isEmpty || candidates.count > 24 { return "" }
    return "; known: " + candidates.joined(separator: ", ")
  }

  private static func folded(_ name: String) -> [UInt8] { name.lowercased().utf8.filter { $0 != UInt8(ascii: "_") } }

  /// Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours.
  static func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    // Long names come from outside; a quadratic table must stay small.
    if a.count > 64 || b.count > 64 { return a == b ? 0 : Int.max }
    var older = [Int](repeating: 0, count: b.count + 1)
    var previous = Array(0...b.count)
    var current = previous
    for i in 0..<a.count {
      current[0] = i + 1
      for j in 0..<b.count {
        var d = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { d = min(d, older[j - 1] + 1) }
        current[j + 1] = d
      }
      (older, previous, current) = (previous, current, older)
    }
    return previous[b.count]
  }
}
