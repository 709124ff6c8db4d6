import KernelTable

/// How a variable's first value is computed: a configuration that fills memory.
public protocol InitializerDefinition: Configurable {
  /// Repeats the same numbers at each use; nil draws new ones from the process's generator each time.
  var seed: Int? { get }
  /// Whether random numbers are drawn at all.
  static var isRandom: Bool { get }
  /// Throws where there are no such values of this shape.
  func check(_ shape: Shape) throws(NNError)
  /// Writes all elements; each may depend on its position, on the shape and on the stream's numbers there.
  func fill(_ out: UnsafeMutablePointer<Float>, shape: Shape, stream: RandomStream)
}

extension InitializerDefinition {
  /// Most are.
  public static var isRandom: Bool { true }
  /// Most take every shape.
  public func check(_ shape: Shape) throws(NNError) {}
}

/// Gives a variable its first value.
///
/// Without a seed each use draws new numbers (two layers never start equal); with one each use repeats the same.
public struct Initializer: Registered, Sendable {
  let definition: any InitializerDefinition

  init(_ definition: any InitializerDefinition) { self.definition = definition }

  /// A new tensor of this shape.
  public func tensor(shape: Shape) throws(NNError) -> Tensor {
    let fill = try filling(shape)
    return try Tensor(shape) { (p: UnsafeMutablePointer<Float>) in fill(p) }
  }

  /// Gives the variable its first value. All that can fail, and the choice of the random numbers, happens now.
  public func initialize(_ variable: Variable) throws(NNError) { variable.begin(with: try filling(variable.shape)) }

  private func filling(_ shape: Shape) throws(NNError) -> (Output) -> Void {
    if let user = definition as? UserInitializer {
      let values = try user.values(shape)
      return { out in withExtendedLifetime(values) { out.update(from: values.floats, count: shape.count) } }
    }
    try definition.check(shape)
    // Constants draw nothing: adding a bias to a layer does not change the numbers of the layers after it.
    let stream =
      type(of: definition).isRandom
      ? RandomState.newStream(seed: definition.seed.map { UInt64(bitPattern: Int64($0)) })
      : RandomStream(seed: 0, stream: 0)
    return { [definition] out in definition.fill(out, shape: shape, stream: stream) }
  }

  /// Class name and configuration.
  public var serialized: (className: String, configuration: Value.Table)? {
    definition is any UserComponent ? nil : (type(of: definition).className, definition.configuration)
  }

  /// All initializers.
  public static let registry = Registry<Initializer>(
    "initializer",
    [
      .init(VarianceScaling.self, aliases: ["variance_scaling"]) { Initializer($0) },
      .init(Preset<GlorotUniform>.self, aliases: ["glorot_uniform"]) { Initializer($0) },
      .init(Preset<GlorotNormal>.self, aliases: ["glorot_normal"]) { Initializer($0) },
      .init(Preset<HeUniform>.self, aliases: ["he_uniform"]) { Initializer($0.scaling) },
      .init(Preset<HeNormal>.self, aliases: ["he_normal"]) { Initializer($0.scaling) },
      .init(Preset<LecunUniform>.self, aliases: ["lecun_uniform"]) { Initializer($0.scaling) },
      .init(Preset<LecunNormal>.self, aliases: ["lecun_normal"]) { Initializer($0.scaling) },
      .init(RandomNormal.self, aliases: ["random_normal", "normal"]) { Initializer($0) },
      .init(RandomUniform.self, aliases: ["random_uniform", "uniform"]) { Initializer($0) },
      .init(TruncatedNormal.self, aliases: ["truncated_normal"]) { Initializer($0) },
      .init(Orthogonal.self, aliases: ["orthogonal"]) { Initializer($0) },
      .init(IdentityMatrix.self, aliases: ["identity"]) { Initializer($0) },
      .init(Zeros.self, aliases: ["zeros", "zero"]) { Initializer($0) },
      .init(Ones.self, aliases: ["ones", "one"]) { Initializer($0) },
      .init(Constant.self, aliases: ["constant"]) { Initializer($0) },
    ])
}
