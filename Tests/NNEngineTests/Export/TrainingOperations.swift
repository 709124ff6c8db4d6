/// The operations that never stand in a model's function of inference, and why: no export needs a form of them.
enum TrainingOperations {
  static let reasons: [String: String] = [
    "Assign": "gives a variable a value", "OptimizerStep": "an update", "ProductUpdateStep": "an update",
    "Dropout": "random", "RandomNumbers": "random", "DropoutProduct": "random",
    "BatchNormalizationOperation": "takes the statistics of a batch", "BatchNormalizationGradient": "a gradient",
    "JoinedNormalizationGradient": "a gradient",
    "MapGradient": "a gradient", "RowScatter": "a gradient", "ConvolutionGradient": "a gradient",
    "MaxPoolGradient": "a gradient", "AveragePoolGradient": "a gradient", "SoftmaxGradient": "a gradient",
    "LogSoftmaxGradient": "a gradient", "SoftmaxCrossEntropy": "a loss", "SigmoidCrossEntropy": "a loss",
    "SoftmaxCrossEntropyGradient": "a gradient", "SigmoidCrossEntropyGradient": "a gradient",
  ]

  /// With those that one export has no need of, for reasons of its own.
  static func and(_ others: [String: String]) -> [String: String] { reasons.merging(others) { _, own in own } }
}
