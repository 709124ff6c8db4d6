import CLua

/// What nnrepl calls itself.
enum Version {
  static let number = "0.1.0"
  static var line: String { "nnrepl \(number) (\(String(cString: clua_release())))" }
}
