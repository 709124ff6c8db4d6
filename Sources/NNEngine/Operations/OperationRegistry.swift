/// Every type of operation that a graph can hold: what the laws of operations quantify over.
enum OperationRegistry {
  static var all: [any Operation.Type] {
    leaves + elementwise + layout + products + windows + rows + updates + training
  }

  private static var leaves: [any Operation.Type] {
    [Read.self, Fill.self, Literal.self, Assign.self, Keep.self, Identity.self, StopGradient.self]
  }
  private static var elementwise: [any Operation.Type] { [Map.self, MapGradient.self, Binary.self, Select.self] }
  private static var layout: [any Operation.Type] {
    [
      Reshape.self, Transpose.self, BroadcastTo.self, Reduce.self, Concat.self, Slice.self, RowGather.self,
      RowScatter.self,
    ]
  }
  private static var products: [any Operation.Type] {
    [MatMul.self, Product.self, BatchMatMul.self, DropoutProduct.self]
  }
  private static var windows: [any Operation.Type] {
    [
      Convolution.self, ConvolutionGradient.self, MaxPool.self, MaxPoolGradient.self, AveragePool.self,
      AveragePoolGradient.self,
    ]
  }
  private static var rows: [any Operation.Type] {
    [
      Softmax.self, SoftmaxGradient.self, LogSoftmax.self, LogSoftmaxGradient.self, SoftmaxCrossEntropy.self,
      SoftmaxCrossEntropyGradient.self, SigmoidCrossEntropy.self, SigmoidCrossEntropyGradient.self,
    ]
  }
  private static var training: [any Operation.Type] {
    [
      Dropout.self, RandomNumbers.self, BatchNormalizationOperation.self, BatchNormalizationGradient.self,
      JoinedNormalizationGradient.self,
    ]
  }
  private static var updates: [any Operation.Type] { [OptimizerStep.self, ProductUpdateStep.self] }
}
