import CLua
import NNEngine

/// What nnrepl calls itself.
enum Version {
  static let number = LibraryVersion.number
  static var line: String { "nnrepl \(number) (\(String(cString: clua_release())))" }
}
