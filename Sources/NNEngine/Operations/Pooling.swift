import KernelTable

/// The largest number of each window, channel by channel. Input: images [n, rows, columns, channels].
struct MaxPool: Operation {
  static let name = "MaxPool"
  let window: Window
  var label: String { "MaxPool \(window.rows.size)×\(window.columns.size)" }

  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] { [try window.pooled(inputs[0])] }

  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    guard let dy = cotangents[0] else { return [nil] }
    return [try .make(MaxPoolGradient(window: window), node.inputs[0], Symbol(node), dy)]
  }

  func kernel(_ memory: Binding) -> Kernel? {
    let (pool, window, channels) = (memory.kernels.windows.maxPool, window, memory.shape(0)[3])
    let (x, y) = (memory.input(0), memory.output())
    return window.overRows(memory) { pool($0, window, channels, x, y) }
  }
}

/// dx of a max-pooling, all of a window's to its first largest input; inputs x, y, dy, [saved]. With `slope` dx is multiplied by f′ at
/// `saved` while it is in the cache.
struct MaxPoolGradient: Operation {
  static let name = "MaxPoolGradient"
  let window: Window
  var slope: MapGradient?
  var label: String {
    "MaxPoolGradient \(window.rows.size)×\(window.columns.size)" + (slope.map { " * \($0.label)" } ?? "")
  }

  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    let y = try window.pooled(inputs[0])
    guard inputs[1] == y, inputs[2] == y else {
      throw .shape("pooling: outputs of shape \(y) and their gradient of shape \(inputs[2]) do not fit")
    }
    return [inputs[0]]
  }

  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    throw NNError(.notSupported, "the second derivative of max-pooling is not available")
  }

  func kernel(_ memory: Binding) -> Kernel? {
    let (gradient, window, channels) = (memory.kernels.windows.maxPoolGradient, window, memory.shape(0)[3])
    let (x, y, dy, dx) = (memory.input(0), memory.input(1), memory.input(2), memory.output())
    guard let slope else { return window.overSamples(memory) { gradient($0, window, channels, x, y, dy, dx) } }
    let multiply = memory.kernels.scalarFunction(slope.function).gradient
    let (saved, parameters, size) = (memory.input(3), slope.parameters, memory.shape(0).sample.count)
    return window.overSamples(memory) { samples in
      for sample in samples {
        gradient(sample..<sample &+ 1, window, channels, x, y, dy, dx)
        let at = sample &* size
        multiply(size, saved + at, UnsafePointer(dx) + at, dx + at, parameters)
      }
    }
  }
}

/// The mean of each window, channel by channel; what is outside the image does not count.
struct AveragePool: Operation {
  static let name = "AveragePool"
  let window: Window
  var label: String { "AveragePool \(window.rows.size)×\(window.columns.size)" }

  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] { [try window.pooled(inputs[0])] }

  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    guard let dy = cotangents[0] else { return [nil] }
    return [try .make(AveragePoolGradient(window: window), dy)]
  }

  func kernel(_ memory: Binding) -> Kernel? {
    let (pool, window, channels) = (memory.kernels.windows.averagePool, window, memory.shape(0)[3])
    let (x, y) = (memory.input(0), memory.output())
    return window.overRows(memory) { pool($0, window, channels, x, y) }
  }
}

/// dx of an average pooling; input dy.
struct AveragePoolGradient: Operation {
  static let name = "AveragePoolGradient"
  let window: Window
  var label: String { "AveragePoolGradient \(window.rows.size)×\(window.columns.size)" }

  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    let dy = inputs[0]
    guard dy.rank == 4, dy[1] == window.rows.output, dy[2] == window.columns.output else {
      throw .shape("pooling: a gradient of shape \(dy) does not fit the windows")
    }
    return [try Shape([dy[0], window.rows.input, window.columns.input, dy[3]])]
  }

  /// It is linear: backwards it is the pooling again.
  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    guard let g = cotangents[0] else { return [nil] }
    return [try .make(AveragePool(window: window), g)]
  }

  func kernel(_ memory: Binding) -> Kernel? {
    let (gradient, window, channels) = (memory.kernels.windows.averagePoolGradient, window, memory.shape(0)[3])
    let (dy, dx) = (memory.input(0), memory.output())
    return window.overSamples(memory) { gradient($0, window, channels, dy, dx) }
  }
}

extension Window {
  fileprivate func pooled(_ x: Shape) throws(NNError) -> Shape {
    guard x.rank == 4, x[1] == rows.input, x[2] == columns.input else {
      throw .shape("pooling: images of shape \(x) do not fit the windows")
    }
    return try Shape([x[0], rows.output, columns.output, x[3]])
  }

  /// A kernel over the rows of all outputs.
  fileprivate func overRows(_ memory: Binding, _ body: @escaping (Range<Int>) -> Void) -> Kernel? {
    pieces(memory, memory.shape(0)[0] * rows.output, of: memory.shape(0).count, body)
  }

  /// A kernel over samples.
  fileprivate func overSamples(_ memory: Binding, _ body: @escaping (Range<Int>) -> Void) -> Kernel? {
    pieces(memory, memory.shape(0)[0], of: memory.count, body)
  }

  /// 0 ..< count in a number of pieces that depends on the shapes only.
  private func pieces(
    _ memory: Binding, _ count: Int, of elements: Int, _ body: @escaping (Range<Int>) -> Void
  ) -> Kernel? {
    guard memory.count > 0 else { return nil }
    let pieces = max(1, min(16, count, elements / Binding.grain))
    return memory.overChunks(pieces) { body($0 &* count / pieces..<($0 &+ 1) &* count / pieces) }
  }
}

extension Symbol {
  /// The largest number of each window of these images.
  func maxPooled(_ window: Window) throws(NNError) -> Symbol { try .make(MaxPool(window: window), self) }
  /// The mean of each window of these images.
  func averagePooled(_ window: Window) throws(NNError) -> Symbol { try .make(AveragePool(window: window), self) }
}
