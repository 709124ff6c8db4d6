/// Names in a file, each given once.
struct UniqueNames {
  private var taken: Set<String>

  /// - Parameter reserved: What is in use already.
  init(reserved: Set<String> = []) { taken = reserved }

  /// The name, with a number behind it if there is one already.
  mutating func make(_ stem: String) -> String {
    var name = stem
    var count = 1
    while !taken.insert(name).inserted {
      count += 1
      name = "\(stem)_\(count)"
    }
    return name
  }
}
