/// A model's structure as Keras's JSON.
extension Model {
  /// {"class_name": "Sequential", "config": {"name", "layers": [{class_name, config}, …]}}
  public var configuration: Value {
    var layers = self.layers
    var items: [Value] = []
    if let inputLayer { layers.insert(inputLayer, at: 0) }
    for layer in layers { items.append(layer.encoded) }
    return .table(
      Value.Table([
        ("class_name", .string("Sequential")),
        ("config", .table(Value.Table([("name", .string(name)), ("layers", .list(items))]))),
      ]))
  }

  /// A new model, with fresh weights, from what `configuration` gives; also from the bare list of layers of old Keras files.
  public convenience init(configuration: Value) throws(NNError) {
    guard let table = configuration.table, let className = table["class_name"]?.string else {
      throw .invalid("model configuration: expected a table with 'class_name' and 'config', got \(configuration.text)")
    }
    guard className == "Sequential" else {
      throw NNError(.notSupported, "model configuration: class '\(className)' is not known; expected 'Sequential'")
    }
    let config = table["config"] ?? .null
    let list = config.table?["layers"] ?? config
    guard case .list(let items) = list else {
      throw .invalid("model configuration: expected a list of layers, got \(list.text)")
    }
    var layers: [Layer] = []
    for (i, item) in items.enumerated() {
      guard let layer = try Layer.decode(item) else {
        throw .invalid("model configuration: layer \(i + 1) is \(item.text), expected {class_name, config}")
      }
      layers.append(layer)
    }
    try self.init(name: config.table?["name"]?.string, layers: layers)
  }
}
