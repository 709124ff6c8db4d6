import Synchronization

/// Users' classes of layers by name (Keras's custom objects): how a configuration that names one becomes a layer.
public enum CustomLayers {
  /// Makes a layer from its configuration. Called on the thread that reads the configuration.
  public struct Maker: @unchecked Sendable {
    private let body: (Value.Table) throws(NNError) -> Layer

    /// What makes it.
    public init(_ body: @escaping (Value.Table) throws(NNError) -> Layer) { self.body = body }

    func callAsFunction(_ configuration: Value.Table) throws(NNError) -> Layer { try body(configuration) }
  }

  private static let makers = Mutex<[String: Maker]>([:])

  /// Makes a class known by a name; nil forgets it.
  public static func register(_ name: String, _ maker: Maker?) throws(NNError) {
    guard !Layer.registry.entries.contains(where: { $0.name == name }), !Model.classNames.contains(name) else {
      throw .invalid("custom_objects: '\(name)' is a built-in class")
    }
    makers.withLock { $0[name] = maker }
  }

  /// The names that are known.
  public static var names: [String] { makers.withLock { $0.keys.sorted() } }

  static func maker(of name: String) -> Maker? { makers.withLock { $0[name] } }

  /// Runs something with the classes of these layers known, whether or not they are registered.
  static func knowing<Result>(
    _ codes: [any LayerCode], _ body: () throws(NNError) -> Result
  ) throws(NNError) -> Result {
    let before = makers.withLock { $0 }
    let own = codes.map { ($0.className, $0.maker) }
    makers.withLock { makers in for (name, maker) in own { makers[name] = maker } }
    defer { makers.withLock { $0 = before } }
    return try body()
  }
}
