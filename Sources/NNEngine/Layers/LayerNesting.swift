/// Layers inside layers: models that are used as layers, and the layers in fields of users' classes.
extension Layer {
  /// Whether the other is this layer, or inside it, however deep.
  func contains(_ other: Layer) -> Bool {
    var seen: Set<ObjectIdentifier> = []
    var waiting: [Layer] = [self]
    while let layer = waiting.popLast() {
      if layer === other { return true }
      if let model = layer.nested, model === other.nested { return true }
      guard seen.insert(ObjectIdentifier(layer)).inserted else { continue }
      waiting += layer.sublayers
      if let model = layer.nested { waiting += model.layers + (model.userLayer.map { [$0] } ?? []) }
    }
    return false
  }
}
