import KernelTable

/// How many axes a window slides over: those of a line (Conv1D) or of a plane (Conv2D).
protocol SpatialRank: Sendable {
  static var count: Int { get }
  /// What inputs are, in words.
  static var inputs: String { get }
}

enum Line: SpatialRank {
  static let count = 1
  static let inputs = "(None, steps, channels)"
}

enum Plane: SpatialRank {
  static let count = 2
  static let inputs = "(None, height, width, channels)"
}

/// One number for each axis that a window slides over, as Keras writes it: [3, 3]. A single number means all.
struct Extents<Rank: SpatialRank>: ConfigValue, Sendable, Equatable {
  var values: [Int]

  init(_ value: Int) { values = [Int](repeating: value, count: Rank.count) }
  private init(values: [Int]) { self.values = values }

  static var kind: String { Rank.count == 1 ? "an integer" : "an integer or a list of \(Rank.count)" }
  var encoded: Value { values.encoded }
  static func decode(_ value: Value) throws(NNError) -> Extents? {
    if let all = Int.decode(value) { return Extents(all) }
    guard let values = try [Int].decode(value), values.count == Rank.count else { return nil }
    return Extents(values: values)
  }

  static var positive: Check<Extents> {
    Check(Rank.count == 1 ? "a positive integer" : "a positive integer or a list of two") {
      $0.values.allSatisfy { $0 > 0 }
    }
  }
}

extension SpatialRank {
  /// Refuses samples without these axes and channels.
  static func check(_ input: Shape, for name: String) throws(NNError) {
    guard input.rank == count + 1 else {
      let hint =
        input.rank == count ? "; Reshape{target_shape={…, 1}} before it gives them one channel" : ""
      throw .shape("\(name) needs inputs of shape \(inputs), got \(input.batched)\(hint)")
    }
  }

  /// The window over samples of this shape; a line is a plane of one row.
  static func window(
    _ input: Shape, size: Extents<Self>, strides: Extents<Self>, dilation: Extents<Self> = Extents(1), padding: String,
    for name: String
  ) throws(NNError) -> Window {
    try check(input, for: name)
    let padding = WindowPadding(rawValue: padding) ?? .valid
    func axis(_ i: Int) throws(NNError) -> WindowAxis {
      try WindowAxis(
        input[i], size: size.values[i], stride: strides.values[i], dilation: dilation.values[i], padding, for: name)
    }
    if count == 2 { return Window(rows: try axis(0), columns: try axis(1)) }
    return Window(rows: try WindowAxis(1, size: 1, stride: 1, .valid, for: name), columns: try axis(0))
  }

  /// A batch as images, which are one row high where samples are lines.
  static func images(_ x: Symbol) throws(NNError) -> Symbol {
    count == 2 ? x : try x.reshaped([x.shape[0], 1] + x.shape.dimensions.dropFirst())
  }

  /// The other way.
  static func samples(_ images: Symbol) throws(NNError) -> Symbol {
    count == 2 ? images : try images.reshaped([images.shape[0]] + images.shape.dimensions.dropFirst(2))
  }
}

/// Keras's data_format: the only one.
func dataFormatField<Root>(_ path: any WritableKeyPath<Root, String> & Sendable) -> Field<Root> {
  Field("data_format", path, check: .oneOf("channels_last"), "Where the channels are: on the last axis.")
}
