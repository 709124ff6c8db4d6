/// A layer's whole configuration: what its kind declares, and what Keras's base class gives to every layer.
struct LayerConfiguration<D: LayerFunction>: Configurable {
  var definition = D()
  var base = LayerBase()

  static var className: String { D.className }
  static var doc: String { D.doc }
  static var fields: [Field<LayerConfiguration<D>>] {
    // A kind's own field hides the base's of the same name: an embedding's input_dim is no input_shape.
    let own: [Field<LayerConfiguration<D>>] = D.fields.map { $0.lifted(\.definition) }
    let names = Set(own.map(\.name))
    return own + LayerBase.fields.filter { !names.contains($0.name) }.map { $0.lifted(\.base) }
  }

  func validate() throws(NNError) {
    try definition.validate()
    try base.validate()
  }
}

/// The arguments of Keras's base class.
struct LayerBase: Configurable {
  var name: String?
  var trainable = true
  var inputShape: [Int?]?
  var inputDim: Int?
  var batchInputShape: [Int?]?
  var dtype = "float32"

  static let className = "Layer"
  static let doc = "What every layer has."
  static let fields: [Field<LayerBase>] = [
    Field("name", \.name, "Its name in the model; counted by class when not given: dense, dense_1."),
    Field("trainable", \.trainable, "Whether training changes its weights."),
    Field("input_shape", \.inputShape, "Shape of one sample, for the first layer of a model."),
    Field("input_dim", \.inputDim, "Short for an input_shape of one axis."),
    Field("batch_input_shape", \.batchInputShape, "Like input_shape, with the batch size (nil: any) in front."),
    Field("dtype", \.dtype, check: .oneOf("float32"), "Type of weights and results."),
  ]

  func validate() throws(NNError) {
    _ = try sampleShape()
    if let name, name.isEmpty || name.contains("/") {
      throw .invalid("'name' must not be empty and not contain '/', got '\(name)'")
    }
  }

  /// The declared shape of one sample, nil when none was declared.
  func sampleShape() throws(NNError) -> Shape? {
    var dimensions: [Int?]? = inputShape
    if let inputDim { dimensions = [inputDim] }
    if let batch = batchInputShape {
      guard !batch.isEmpty else { throw .invalid("'batch_input_shape' must have the batch axis in front, got ()") }
      dimensions = Array(batch.dropFirst())
    }
    guard let dimensions else { return nil }
    var extents: [Int] = []
    for d in dimensions {
      guard let d, d > 0 else {
        throw .shape(
          "'input_shape' must be positive integers, got \(d.map(String.init) ?? "nil") on axis \(extents.count + 1)")
      }
      extents.append(d)
    }
    return try Shape(extents)
  }
}
