import KernelTable

/// What a pooling layer makes of each window.
protocol PoolingKind: Sendable {
  /// The class name's part in front of "Pooling".
  static var prefix: String { get }
  static var noun: String { get }
  static func pool(_ images: Symbol, _ window: Window) throws(NNError) -> Symbol
  static func reduce(_ x: Symbol, _ axes: [Int]) throws(NNError) -> Symbol
}

enum Maximum: PoolingKind {
  static let prefix = "Max"
  static let noun = "largest number"
  static func pool(_ images: Symbol, _ window: Window) throws(NNError) -> Symbol { try images.maxPooled(window) }
  static func reduce(_ x: Symbol, _ axes: [Int]) throws(NNError) -> Symbol { try x.max(axes: axes) }
}

enum Average: PoolingKind {
  static let prefix = "Average"
  static let noun = "mean"
  static func pool(_ images: Symbol, _ window: Window) throws(NNError) -> Symbol { try images.averagePooled(window) }
  static func reduce(_ x: Symbol, _ axes: [Int]) throws(NNError) -> Symbol { try x.mean(axes: axes) }
}

/// MaxPooling2D and its relatives: one number for each window, channel by channel.
struct Pooling<Kind: PoolingKind, Rank: SpatialRank>: LayerDefinition {
  var poolSize = Extents<Rank>(2)
  private var givenStrides: Extents<Rank>?
  var padding = "valid"
  var dataFormat = "channels_last"

  init() {}

  /// As large as the window unless given: windows side by side.
  private var strides: Extents<Rank>? {
    get { givenStrides ?? poolSize }
    set { givenStrides = newValue }
  }

  static var className: String { "\(Kind.prefix)Pooling\(Rank.count)D" }
  static var doc: String {
    """
    The \(Kind.noun) of each window of \(Rank.count == 2 ? "an image" : "a line"), channel by channel; windows lie side by side unless strides \
    says otherwise. Example: \(className){pool_size=2}
    """
  }
  static var fields: [Field<Self>] {
    [
      Field("pool_size", \.poolSize, check: Extents.positive, "The window's extent along each axis."),
      Field(
        "strides", \.strides,
        check: Check("nil, \(Extents<Rank>.positive.expectation)") { $0.map(Extents.positive.holds) ?? true },
        "How far the window moves from output to output; as far as it is large when not given."),
      Field(
        "padding", \.padding, check: .oneOf("valid", "same"),
        "What happens at the edges: 'valid', windows stay inside; 'same', they may reach over, and only what is inside counts."
      ),
      dataFormatField(\.dataFormat),
    ]
  }

  func call(_ x: Symbol, _ weights: Void, _ context: CallContext) throws(NNError) -> Symbol {
    let window = try Rank.window(
      x.shape.sample, size: poolSize, strides: givenStrides ?? poolSize, padding: padding, for: Self.className)
    return try Rank.samples(Kind.pool(Rank.images(x), window))
  }
}

/// GlobalMaxPooling2D and its relatives: one number for each channel.
struct GlobalPooling<Kind: PoolingKind, Rank: SpatialRank>: LayerDefinition {
  var dataFormat = "channels_last"

  static var className: String { "Global\(Kind.prefix)Pooling\(Rank.count)D" }
  static var doc: String {
    """
    The \(Kind.noun) of each channel over the whole \(Rank.count == 2 ? "image" : "line"): \(Rank.inputs) becomes (None, channels). \
    Example: \(className)()
    """
  }
  static var fields: [Field<Self>] { [dataFormatField(\.dataFormat)] }

  func call(_ x: Symbol, _ weights: Void, _ context: CallContext) throws(NNError) -> Symbol {
    try Rank.check(x.shape.sample, for: Self.className)
    return try Kind.reduce(x, Array(1...Rank.count))
  }
}

extension Pooling {
  static var shapes: String {
    Rank.count == 2
      ? "(n, rows, columns, channels) → (n, rows', columns', channels)" : "(n, steps, channels) → (n, steps', channels)"
  }
}

extension GlobalPooling {
  static var shapes: String {
    Rank.count == 2 ? "(n, rows, columns, channels) → (n, channels)" : "(n, steps, channels) → (n, channels)"
  }
}
