/// Every type of operation that a graph can hold: what the laws of operations quantify over.
enum OperationRegistry {
  static let all: [any Operation.Type] = leaves + elementwise + layout + products + rows + updates

  private static let leaves: [any Operation.Type] = [
    Read.self, Fill.self, Literal.self, Assign.self, Keep.self, Identity.self, StopGradient.self,
  ]
  private static let elementwise: [any Operation.Type] = [Map.self, MapGradient.self, Binary.self, Select.self]
  private static let layout: [any Operation.Type] = [Reshape.self, Transpose.self, BroadcastTo.self, Reduce.self]
  private static let products: [any Operation.Type] = [MatMul.self, Product.self]
  private static let rows: [any Operation.Type] = [
    Softmax.self, SoftmaxGradient.self, LogSoftmax.self, LogSoftmaxGradient.self, SoftmaxCrossEntropy.self,
    SoftmaxCrossEntropyGradient.self, SigmoidCrossEntropy.self, SigmoidCrossEntropyGradient.self,
  ]
  private static let updates: [any Operation.Type] = [OptimizerStep.self, ProductUpdateStep.self]
}
