/// ONNX's convolutions and poolings of images [n, channels, rows, columns], as their documentation defines them.
enum ONNXWindows {
  /// One axis of the images.
  private struct Axis {
    let input: Int
    let size: Int
    let stride: Int
    let dilation: Int
    let before: Int
    let after: Int
    var reach: Int { (size - 1) * dilation + 1 }
    var output: Int { (input + before + after - reach) / stride + 1 }
    var transposedOutput: Int { stride * (input - 1) + reach - before - after }
  }

  static func result(_ node: ONNXFile.Node, _ x: [Array64]) throws -> Array64 {
    let images = x[0]
    guard images.shape.count == 4, let size = try node.integers("kernel_shape") else { throw FixtureError("no images") }
    let (strides, dilations) = (try node.integers("strides") ?? [1, 1], try node.integers("dilations") ?? [1, 1])
    let pads = try node.integers("pads") ?? [0, 0, 0, 0]
    guard pads.allSatisfy({ $0 >= 0 }), dilations.allSatisfy({ $0 > 0 }) else { throw FixtureError("negative numbers") }
    let axes = (0..<2).map { i in
      Axis(
        input: images.shape[2 + i], size: size[i], stride: strides[i], dilation: dilations[i], before: pads[i],
        after: pads[2 + i])
    }
    switch node.type {
    case "Conv": return convolution(images, x[1], bias: x.count > 2 ? x[2] : nil, axes)
    case "ConvTranspose": return transposed(images, x[1], bias: x.count > 2 ? x[2] : nil, axes)
    case "MaxPool": return pooled(images, axes) { $0.max() ?? .nan }
    default: return pooled(images, axes) { $0.reduce(0, +) / Double($0.count) }
    }
  }

  /// For each output of an image the inputs that its window holds, with their positions in the window.
  private static func windows(_ axes: [Axis]) -> [[(position: Int, input: Int)]] {
    func lines(_ a: Axis) -> [[(k: Int, i: Int)]] {
      (0..<a.output).map { o in
        (0..<a.size).compactMap { k in
          let i = o * a.stride + k * a.dilation - a.before
          return (0..<a.input).contains(i) ? (k, i) : nil
        }
      }
    }
    let columns = lines(axes[1])
    return lines(axes[0]).flatMap { r in
      columns.map { c in
        r.flatMap { r in c.map { (r.k * axes[1].size + $0.k, r.i * axes[1].input + $0.i) } }
      }
    }
  }

  /// W is [filters, channels, rows, columns].
  private static func convolution(_ x: Array64, _ w: Array64, bias: Array64?, _ axes: [Axis]) -> Array64 {
    let (channels, filters, positions) = (x.shape[1], w.shape[0], axes[0].size * axes[1].size)
    let inputs = axes[0].input * axes[1].input
    let windows = windows(axes)
    var data: [Double] = []
    for n in 0..<x.shape[0] {
      for f in 0..<filters {
        for window in windows {
          var sum = bias?.data[f] ?? 0
          for c in 0..<channels {
            for (k, i) in window {
              sum += x.data[(n * channels + c) * inputs + i] * w.data[(f * channels + c) * positions + k]
            }
          }
          data.append(sum)
        }
      }
    }
    return Array64([x.shape[0], filters, axes[0].output, axes[1].output], data)
  }

  /// W is [channels, filters, rows, columns].
  private static func transposed(_ x: Array64, _ w: Array64, bias: Array64?, _ axes: [Axis]) -> Array64 {
    let (channels, filters) = (x.shape[1], w.shape[1])
    let (rows, columns) = (axes[0].transposedOutput, axes[1].transposedOutput)
    var y = [Double](repeating: 0, count: x.shape[0] * filters * rows * columns)
    func each(_ a: Axis, _ output: Int, _ body: (Int, Int, Int) -> Void) {
      for i in 0..<a.input {
        for k in 0..<a.size {
          let o = i * a.stride + k * a.dilation - a.before
          if (0..<output).contains(o) { body(i, k, o) }
        }
      }
    }
    for n in 0..<x.shape[0] {
      for c in 0..<channels {
        for f in 0..<filters {
          each(axes[0], rows) { i, k, o in
            each(axes[1], columns) { i2, k2, o2 in
              let value = x.data[((n * channels + c) * axes[0].input + i) * axes[1].input + i2]
              let weight = w.data[((c * filters + f) * axes[0].size + k) * axes[1].size + k2]
              y[((n * filters + f) * rows + o) * columns + o2] += value * weight
            }
          }
        }
      }
    }
    let size = rows * columns
    if let bias { for i in y.indices { y[i] += bias.data[i / size % filters] } }
    return Array64([x.shape[0], filters, rows, columns], y)
  }

  private static func pooled(_ x: Array64, _ axes: [Axis], _ f: ([Double]) -> Double) -> Array64 {
    let inputs = axes[0].input * axes[1].input
    let windows = windows(axes)
    let data = (0..<x.shape[0] * x.shape[1]).flatMap { image in
      windows.map { f($0.map { x.data[image * inputs + $0.input] }) }
    }
    return Array64([x.shape[0], x.shape[1], axes[0].output, axes[1].output], data)
  }
}
