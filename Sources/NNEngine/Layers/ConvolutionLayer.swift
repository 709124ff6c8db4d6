/// Conv1D and Conv2D: small kernels that slide over lines or images.
struct ConvolutionLayer<Rank: SpatialRank>: LayerDefinition {
  var filters = 1
  var kernelSize = Extents<Rank>(1)
  var strides = Extents<Rank>(1)
  var padding = "valid"
  var dataFormat = "channels_last"
  var dilationRate = Extents<Rank>(1)
  var groups = 1
  var activation = Activation.linear
  var useBias = true
  var kernelInitializer = Initializer(Preset<GlorotUniform>())
  var biasInitializer = Initializer(Zeros())
  var kernelRegularizer: Regularizer?
  var biasRegularizer: Regularizer?
  var activityRegularizer: Regularizer?
  var kernelConstraint: Constraint?
  var biasConstraint: Constraint?

  static var className: String { "Conv\(Rank.count)D" }
  static var doc: String {
    Rank.count == 2
      ? """
      A convolution: each output is activation(kernel · the window at its place + bias), for `filters` kernels that slide over images of shape \
      (None, height, width, channels). The kernel has shape (rows, columns, channels, filters). Example: Conv2D{32, 3, padding="same", \
      activation="relu", input_shape={28, 28, 1}}
      """
      : """
      A convolution over steps, as of time: each output is activation(kernel · the window at its place + bias), for inputs of shape (None, steps, \
      channels). The kernel has shape (steps, channels, filters). Example: Conv1D{32, 5, padding="causal", activation="relu"}
      """
  }
  static var fields: [Field<Self>] {
    let paddings: Check<String> = Rank.count == 1 ? .oneOf("valid", "same", "causal") : .oneOf("valid", "same")
    return [
      Field("filters", \.filters, required: true, check: .positive, "The number of outputs at each place: channels."),
      Field(
        "kernel_size", \.kernelSize, required: true, check: Extents.positive, "The window's extent along each axis."),
      Field("strides", \.strides, check: Extents.positive, "How far the window moves from output to output."),
      Field(
        "padding", \.padding, check: paddings,
        "What happens at the edges: 'valid', windows stay inside; 'same', zeros around give as many outputs as inputs"
          + (Rank.count == 1 ? "; 'causal', zeros in front only." : ".")),
      dataFormatField(\.dataFormat),
      Field(
        "dilation_rate", \.dilationRate, check: Extents.positive, "How far the inputs of one window are apart."),
      Field(
        "groups", \.groups, check: Check("1, since every filter sees all channels") { $0 == 1 },
        "Groups of channels; only one."),
      Field("activation", \.activation, "Applied to the result; by default nothing is."),
      Field("use_bias", \.useBias, "Whether a bias is added."),
      Field("kernel_initializer", \.kernelInitializer, "First values of the kernel."),
      Field("bias_initializer", \.biasInitializer, "First values of the bias."),
      Field("kernel_regularizer", \.kernelRegularizer, "Penalty on the kernel, added to the loss."),
      Field("bias_regularizer", \.biasRegularizer, "Penalty on the bias, added to the loss."),
      Field("activity_regularizer", \.activityRegularizer, "Penalty on the output, divided by the batch size."),
      Field("kernel_constraint", \.kernelConstraint, "Applied to the kernel after each update."),
      Field("bias_constraint", \.biasConstraint, "Applied to the bias after each update."),
    ]
  }

  /// Keras's rule.
  func validate() throws(NNError) {
    if strides.values.contains(where: { $0 > 1 }), dilationRate.values.contains(where: { $0 > 1 }) {
      throw .invalid("\(Self.className): 'strides' and 'dilation_rate' cannot both be more than 1")
    }
  }

  func build(_ input: Shape, _ new: inout VariableFactory) throws(NNError) -> Dense.Weights {
    try Rank.check(input, for: Self.className)
    let kernel = try new.make(
      "kernel", kernelSize.values + [input[Rank.count], filters], kernelInitializer, regularizer: kernelRegularizer,
      constraint: kernelConstraint)
    let bias =
      useBias
      ? try new.make("bias", [filters], biasInitializer, regularizer: biasRegularizer, constraint: biasConstraint) : nil
    return Dense.Weights(kernel: kernel, bias: bias)
  }

  func call(_ x: Symbol, _ weights: Dense.Weights, _ context: CallContext) throws(NNError) -> Symbol {
    let window = try Rank.window(
      x.shape.sample, size: kernelSize, strides: strides, dilation: dilationRate, padding: padding, for: Self.className)
    var kernel = try context.read(weights.kernel)
    if Rank.count == 1 { kernel = try kernel.reshaped([1] + kernel.shape.dimensions) }
    let bias: Symbol? = if let bias = weights.bias { try context.read(bias) } else { nil }
    return try activation(Rank.samples(Rank.images(x).convolved(kernel, bias: bias, window)))
  }
}

extension ConvolutionLayer {
  static var shapes: String {
    Rank.count == 2
      ? "(n, rows, columns, channels) → (n, rows', columns', filters)" : "(n, steps, channels) → (n, steps', filters)"
  }
}
