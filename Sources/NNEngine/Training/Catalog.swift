/// Everything that has a name: what Lua's modules, C's catalogue, help and reference are made from.
public enum Catalog {
  /// A noun of the vocabulary with all its members.
  public struct Noun: Sendable {
    /// Lua's module: "layers".
    public let module: String
    /// "layer"
    public let noun: String
    /// The members.
    public let members: [Member]
  }

  /// One name.
  public struct Member: Sendable {
    /// Keras's class name, or the function's name.
    public let name: String
    /// Other spellings.
    public let aliases: [String]
    /// One paragraph.
    public let doc: String
    /// What shape becomes of what, with the batch axis n in front; empty where there are no shapes.
    public let shapes: String
    /// Arguments in order.
    public let fields: [FieldInfo]
    /// Makes the component; the result is an object of the noun's type, boxed if it is a value.
    public let make: @Sendable (Arguments) throws(NNError) -> AnyObject
  }

  /// All nouns.
  public static let nouns: [Noun] = [
    noun("layers", Layer.registry) { $0 }, noun("initializers", Initializer.registry) { Boxed($0) },
    noun("activations", Activation.registry) { Boxed($0) }, noun("regularizers", Regularizer.registry) { Boxed($0) },
    noun("constraints", Constraint.registry) { Boxed($0) }, noun("optimizers", Optimizer.registry) { $0 },
    noun("schedules", Schedule.registry) { Boxed($0) }, noun("losses", Loss.registry) { Boxed($0) },
    noun("metrics", Metric.registry) { Boxed($0) }, noun("callbacks", Callbacks.registry) { $0 },
  ]

  private static func noun<M>(
    _ module: String, _ registry: Registry<M>, _ object: @escaping @Sendable (M) -> AnyObject
  ) -> Noun {
    Noun(
      module: module, noun: registry.noun,
      members: registry.entries.map { entry in
        Member(
          name: entry.name, aliases: entry.aliases, doc: entry.doc, shapes: entry.shapes, fields: entry.fields,
          make: { (arguments) throws(NNError) in object(try entry.make(arguments)) })
      })
  }
}
