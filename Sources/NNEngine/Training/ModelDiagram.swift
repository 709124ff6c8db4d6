/// A layer's place in a picture of a model.
package struct ModelNode {
  /// The layer's name.
  package let name: String
  /// Keras's class name.
  package let className: String
  /// What comes in and what goes out, as in the summary; nothing comes into an entry.
  package let inputs: [String]
  package let outputs: [String]
  /// The nodes that it is connected to: positions in the list, all before its own.
  package let sources: [Int]
}

extension Model {
  /// The layers, each after those that feed it. A layer that is called several times in a functional model appears as often.
  package func diagram() throws(NNError) -> [ModelNode] {
    guard isBuilt else {
      throw NNError(
        .state, "plot: the model is not built yet; give the first layer an input_shape, or call build or fit",
        path: [name])
    }
    guard let network else {
      return layers.enumerated().map { i, layer in
        ModelNode(
          name: layer.name, className: layer.className, inputs: layer.inputShapes.map(\.batched),
          outputs: layer.outputShapes.map(\.batched), sources: i > 0 ? [i - 1] : [])
      }
    }
    var places: [ObjectIdentifier: Int] = [:]
    return network.calls.enumerated().map { i, call in
      places[ObjectIdentifier(call)] = i
      return ModelNode(
        name: call.layer.name, className: call.layer.className, inputs: call.inputs.map(\.shape.batched),
        outputs: call.outputShapes.map(\.batched), sources: call.inputs.compactMap { places[ObjectIdentifier($0.call)] }
      )
    }
  }
}
