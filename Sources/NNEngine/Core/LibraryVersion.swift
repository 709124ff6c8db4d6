/// The version of the engine and of all that is made of it.
public enum LibraryVersion {
  /// "0.1.0"; that of include/nn.h, which a test compares.
  public static let number = "0.1.0"
}
