/// The one error type of the engine: what went wrong, in one line that names the call, the argument, what was given and
/// what was expected.
public struct NNError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Classes of failure on which a caller can act. The raw values are the status codes of the C interface.
  public enum Code: Int32, Sendable, CaseIterable {
    /// An argument has a wrong value, type or name.
    case invalidArgument = -1
    /// Shapes that do not fit together.
    case shape = -2
    /// A name, file or data set that does not exist.
    case notFound = -3
    /// The operating system refused to read or write.
    case io = -4
    /// A file's or a text's contents are not what they should be.
    case format = -5
    /// Memory could not be had.
    case outOfMemory = -6
    /// Somebody asked to stop.
    case cancelled = -7
    /// Meaningful, but not available here.
    case notSupported = -8
    /// A call at the wrong moment: fit before compile, for example.
    case state = -9
    /// The computation produced NaN or infinity.
    case notFinite = -10
    /// A fault of the engine itself; please report it.
    case `internal` = -11
  }

  /// The class of the failure.
  public var code: Code
  /// One line, without the path.
  public var message: String
  /// Where it happened, outermost first: ["sequential", "dense_2", "kernel"].
  public var path: [String]

  /// An error with a message of one line.
  public init(_ code: Code, _ message: String, path: [String] = []) {
    self.code = code
    self.message = message
    self.path = path
  }

  /// "sequential/dense_2: message", or the message alone.
  public var description: String { path.isEmpty ? message : path.joined(separator: "/") + ": " + message }

  /// The same error, one level further out.
  public func within(_ name: String) -> NNError { NNError(code, message, path: [name] + path) }

  static func invalid(_ message: String) -> NNError { NNError(.invalidArgument, message) }
  static func shape(_ message: String) -> NNError { NNError(.shape, message) }
}

/// Runs `body`; an error that leaves it gets `name` in front of its path.
func within<T>(_ name: String, _ body: () throws(NNError) -> T) throws(NNError) -> T {
  do throws(NNError) { return try body() } catch { throw error.within(name) }
}
