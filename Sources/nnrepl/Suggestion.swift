/// "unknown field 'actvation'; did you mean 'activation'?"
func unknownName(_ name: String, kind: String, among known: [String]) -> String {
  let nearest = nearestName(to: name, among: known)
  return "unknown \(kind) '\(name)'" + (nearest.map { "; did you mean '\($0)'?" } ?? "")
}

/// The known name that was probably meant: at most a third of its letters differ.
func nearestName(to name: String, among known: [String]) -> String? {
  let wanted = Array(name.lowercased().utf8)
  var best: (distance: Int, name: String)?
  for candidate in known.sorted() {
    let letters = Array(candidate.lowercased().utf8)
    let distance = editDistance(wanted, letters)
    let limit = max(1, max(wanted.count, letters.count) / 3)
    if distance <= limit, distance < best?.distance ?? .max { best = (distance, candidate) }
  }
  return best?.name
}

/// Insertions, deletions, substitutions and exchanges of neighbours.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var beforeLast = [Int](), last = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
      row.append(cost)
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}
