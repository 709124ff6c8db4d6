import KernelTable

/// What happens at the edges of images.
enum WindowPadding: String {
  /// Windows stay inside.
  case valid
  /// As many outputs as inputs, divided by the stride: zeros around, the odd one behind.
  case same
  /// Zeros in front only, so that an output sees no later input.
  case causal
}

extension WindowAxis {
  /// The axis of a convolution or pooling. The input must be long enough for one output.
  init(
    _ input: Int, size: Int, stride: Int, dilation: Int = 1, _ padding: WindowPadding, for name: String
  ) throws(NNError) {
    let reach = (size - 1) * dilation + 1
    var (output, before) = (0, 0)
    switch padding {
    case .valid: output = input < reach ? 0 : (input - reach) / stride + 1
    case .same:
      output = (input + stride - 1) / stride
      before = max(0, (output - 1) * stride + reach - input) / 2
    case .causal:
      output = (input + stride - 1) / stride
      before = reach - 1
    }
    guard output > 0 else {
      throw .shape("\(name): a window that reaches over \(reach) does not fit an input of extent \(input)")
    }
    self.init(
      input: input, output: output, size: size, stride: stride, dilation: dilation, offset: -before, spread: 1)
  }

  /// The axis by which outputs act on inputs: from output · spread = input · stride + k · dilation + offset, solved for the other.
  var transposed: WindowAxis {
    WindowAxis(
      input: output, output: input, size: size, stride: spread, dilation: -dilation, offset: -offset, spread: stride)
  }

  /// Each output's window is the input at the same place.
  var isIdentity: Bool { input == output && size == 1 && stride == 1 && offset == 0 && spread == 1 }
}

extension Window {
  var transposed: Window { Window(rows: rows.transposed, columns: columns.transposed) }
  var isIdentity: Bool { rows.isIdentity && columns.isIdentity }
}
