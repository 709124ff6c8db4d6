/// y = activation(x · kernel + bias): every input connected to every unit.
struct Dense: LayerDefinition {
  var units = 1
  var activation = Activation.linear
  var useBias = true
  var kernelInitializer = Initializer(Preset<GlorotUniform>())
  var biasInitializer = Initializer(Zeros())
  var kernelRegularizer: Regularizer?
  var biasRegularizer: Regularizer?
  var activityRegularizer: Regularizer?
  var kernelConstraint: Constraint?
  var biasConstraint: Constraint?

  static let className = "Dense"
  static let doc = """
    A fully connected layer: y = activation(x · kernel + bias). kernel has shape (inputs, units), bias (units,). An input with more than two axes is \
    multiplied along its last one. Example: Dense{300, activation="elu", kernel_initializer="he_normal"}
    """
  static let fields: [Field<Dense>] = [
    Field("units", \.units, required: true, check: .positive, "The number of outputs."),
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

  /// Kernel and bias.
  struct Weights {
    let kernel: Variable
    let bias: Variable?
  }

  func build(_ input: Shape, _ new: inout VariableFactory) throws(NNError) -> Weights {
    guard let last = input.dimensions.last else {
      throw .shape("Dense needs inputs with at least one axis beside the batch, got shape \(input.batched)")
    }
    let kernel = try new.make(
      "kernel", [last, units], kernelInitializer, regularizer: kernelRegularizer, constraint: kernelConstraint)
    let bias =
      useBias
      ? try new.make("bias", [units], biasInitializer, regularizer: biasRegularizer, constraint: biasConstraint) : nil
    return Weights(kernel: kernel, bias: bias)
  }

  func call(_ x: Symbol, _ weights: Weights, _ context: CallContext) throws(NNError) -> Symbol {
    var y = try x.matmul(context.read(weights.kernel))
    if let bias = weights.bias { y = try y + context.read(bias) }
    return try activation(y)
  }
}

extension Dense { static var shapes: String { "(n, …, inputs) → (n, …, units)" } }
