import KernelTable

extension MaxPool: ONNXForm {
  func write(_ step: InferenceGraph.Step, _ graph: inout ONNXBuilder) throws(NNError) {
    graph.pool("MaxPool", window, step)
  }
}

/// What is outside the image does not count: ONNX's count_include_pad is 0 unless it is said.
extension AveragePool: ONNXForm {
  func write(_ step: InferenceGraph.Step, _ graph: inout ONNXBuilder) throws(NNError) {
    graph.pool("AveragePool", window, step)
  }
}

extension Convolution: ONNXForm {
  func write(_ step: InferenceGraph.Step, _ graph: inout ONNXBuilder) throws(NNError) {
    let bias = hasBias ? graph.value(step.inputs[2]) : nil
    let isTransposed = window.rows.spread > 1 || window.columns.spread > 1
    let y =
      isTransposed ? try graph.transposedConvolution(window, step, bias) : try graph.convolution(window, step, bias)
    graph.define(channelsFirst: try graph.apply(epilogue, y), step.outputs[0])
  }
}

extension ONNXBuilder {
  fileprivate mutating func pool(_ type: String, _ window: Window, _ step: InferenceGraph.Step) {
    let axes = [ONNXWindowAxis(window.rows), ONNXWindowAxis(window.columns)]
    let x = fitted(channelsFirst(step.inputs[0]), axes)
    let y = node(
      type, [x],
      [.init("kernel_shape", axes.map(\.size)), .init("strides", axes.map(\.stride)), .init("pads", pads(axes))])
    define(channelsFirst: y, step.outputs[0])
  }

  fileprivate mutating func convolution(
    _ window: Window, _ step: InferenceGraph.Step, _ bias: String?
  ) throws(NNError) -> String {
    let axes = [ONNXWindowAxis(window.rows), ONNXWindowAxis(window.columns)]
    let x = fitted(channelsFirst(step.inputs[0]), axes)
    // [rows, columns, channels, filters] → [filters, channels, rows, columns]
    let kernel = flipped(try transposed(step.inputs[1], [3, 2, 0, 1]), axes.map(\.isFlipped))
    return node(
      "Conv", [x, kernel] + (bias.map { [$0] } ?? []),
      [
        .init("kernel_shape", axes.map(\.size)), .init("strides", axes.map(\.stride)), .init("pads", pads(axes)),
        .init("dilations", axes.map(\.dilation)),
      ])
  }

  /// Every input is multiplied with the kernel and the products added up where they fall; of that the part that is asked for.
  fileprivate mutating func transposedConvolution(
    _ window: Window, _ step: InferenceGraph.Step, _ bias: String?
  ) throws(NNError) -> String {
    let axes = [ONNXTransposedAxis(window.rows), ONNXTransposedAxis(window.columns)]
    let isInside = axes.allSatisfy(\.isInside)
    // [rows, columns, channels, filters] → [channels, filters, rows, columns]
    let kernel = flipped(try transposed(step.inputs[1], [2, 3, 0, 1]), axes.map(\.isFlipped))
    var inputs = [channelsFirst(step.inputs[0]), kernel]
    if isInside, let bias { inputs.append(bias) }
    let cut = axes.map(\.before) + axes.map(\.after)
    var y = node(
      "ConvTranspose", inputs,
      [
        .init("kernel_shape", axes.map(\.size)), .init("strides", axes.map(\.spread)),
        .init("dilations", axes.map(\.dilation)), .init("pads", isInside ? cut : [0, 0, 0, 0]),
      ])
    if !isInside {
      // Some outputs have no input at all: zeros, and the bias.
      let edges = [0, 0, -axes[0].before, -axes[1].before, 0, 0, -axes[0].after, -axes[1].after]
      y = node("Pad", [y, integers(edges), scalar(0)])
      if let bias { y = node("Add", [y, node("Unsqueeze", [bias, integers([1, 2])])]) }
    }
    for (i, axis) in axes.enumerated() where axis.stride > 1 {
      y = sliced(y, 2 + i, from: 0, to: Int(Int32.max), step: axis.stride)
    }
    return y
  }

  private func pads(_ axes: [ONNXWindowAxis]) -> [Int] { axes.map(\.before) + axes.map(\.after) }

  /// Images without the rows and columns that no window reaches, where these are too many to be left out by rounding.
  private mutating func fitted(_ images: String, _ axes: [ONNXWindowAxis]) -> String {
    var x = images
    for (i, axis) in axes.enumerated() where axis.used != 0..<axis.input {
      x = sliced(x, 2 + i, from: axis.used.lowerBound, to: axis.used.upperBound)
    }
    return x
  }

  /// A kernel whose last two axes run backwards where the window does.
  private mutating func flipped(_ kernel: String, _ isFlipped: [Bool]) -> String {
    var kernel = kernel
    for (i, flips) in isFlipped.enumerated() where flips {
      kernel = sliced(kernel, 2 + i, from: -1, to: -Int(Int32.max), step: -1)
    }
    return kernel
  }
}

/// An axis of a window that runs forwards, in ONNX's terms.
private struct ONNXWindowAxis {
  let input: Int
  let size: Int
  let stride: Int
  let dilation: Int
  let isFlipped: Bool
  /// Zeros before and behind the input.
  let before: Int
  let after: Int
  /// The part of the input that is needed.
  let used: Range<Int>

  init(_ axis: WindowAxis) {
    (input, size, stride) = (axis.input, axis.size, axis.stride)
    isFlipped = axis.dilation < 0 && size > 1
    dilation = size > 1 ? abs(axis.dilation) : 1
    let reach = (size - 1) * dilation
    let first = axis.offset - (isFlipped ? reach : 0)
    let last = first + (axis.output - 1) * stride + reach
    before = max(0, -first)
    after = max(0, last - (input - 1))
    // Fewer left over than a stride: rounding down leaves them out.
    let end = input - 1 - last < stride ? input : last + 1
    used = max(0, first)..<max(max(0, first) + 1, end)
  }
}

/// An axis between whose inputs zeros stand: output · stride = input · spread + k · dilation − before.
private struct ONNXTransposedAxis {
  let size: Int
  let stride: Int
  let spread: Int
  let dilation: Int
  let isFlipped: Bool
  /// How much of what all inputs give is cut off in front and behind; negative: how much is missing.
  let before: Int
  let after: Int
  var isInside: Bool { before >= 0 && after >= 0 }

  init(_ axis: WindowAxis) {
    (size, stride, spread) = (axis.size, axis.stride, axis.spread)
    isFlipped = axis.dilation > 0 && size > 1
    dilation = size > 1 ? abs(axis.dilation) : 1
    let reach = (size - 1) * dilation
    before = axis.offset + (isFlipped ? reach : 0)
    after = (axis.input - 1) * spread + reach - before - (axis.output - 1) * stride
  }
}
