/// Where a cross-entropy computes the probabilities anyway, a softmax of the same logits (asked for by a metric) is that result.
struct SharedSoftmax: Rewriter.Rule {
  /// logits → probabilities, from the cross-entropies met so far.
  private var probabilities: [Symbol: Symbol] = [:]

  mutating func apply(_ node: Node, _ graph: Rewriter) throws(NNError) -> [Symbol]? {
    if node.operation is SoftmaxCrossEntropy {
      probabilities[node.inputs[0]] = Symbol(node, 1)
    } else if node.operation is Softmax, let known = probabilities[node.inputs[0]] {
      return [known]
    }
    return nil
  }
}
