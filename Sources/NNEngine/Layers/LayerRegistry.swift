extension Layer: Registered {
  /// Class name and configuration.
  public var serialized: (className: String, configuration: Value.Table)? { (className, configuration) }

  /// All kinds of layers.
  public static let registry = Registry<Layer>(
    "layer",
    [
      entry(InputLayer.self), entry(Dense.self), entry(ActivationLayer.self), entry(ReLU.self), entry(LeakyReLU.self),
      entry(PReLU.self), entry(RReLU.self), entry(ELU.self), entry(ThresholdedReLU.self), entry(SoftmaxLayer.self),
      entry(Flatten.self), entry(ReshapeLayer.self), entry(Permute.self), entry(RepeatVector.self),
      entry(Rescaling.self), entry(BatchNormalization.self), entry(LayerNormalization.self), entry(DropoutLayer.self),
      entry(AlphaDropout.self), entry(GaussianNoise.self), entry(GaussianDropout.self),
      entry(ActivityRegularization.self), entry(Merge<AddTensors>.self), entry(Merge<SubtractTensors>.self),
      entry(Merge<MultiplyTensors>.self), entry(Merge<AverageTensors>.self), entry(Merge<MaximumTensors>.self),
      entry(Merge<MinimumTensors>.self), entry(Concatenate.self), entry(DotLayer.self),
      entry(ConvolutionLayer<Plane>.self, aliases: ["Convolution2D"]),
      entry(ConvolutionLayer<Line>.self, aliases: ["Convolution1D"]),
      entry(Pooling<Maximum, Plane>.self, aliases: ["MaxPool2D"]),
      entry(Pooling<Maximum, Line>.self, aliases: ["MaxPool1D"]),
      entry(Pooling<Average, Plane>.self, aliases: ["AvgPool2D"]),
      entry(Pooling<Average, Line>.self, aliases: ["AvgPool1D"]),
      entry(GlobalPooling<Maximum, Plane>.self, aliases: ["GlobalMaxPool2D"]),
      entry(GlobalPooling<Maximum, Line>.self, aliases: ["GlobalMaxPool1D"]),
      entry(GlobalPooling<Average, Plane>.self, aliases: ["GlobalAvgPool2D"]),
      entry(GlobalPooling<Average, Line>.self, aliases: ["GlobalAvgPool1D"]),
      entry(ZeroPadding2D.self), entry(UpSampling2D.self),
      entry(Embedding.self), entry(Normalization.self), entry(Lambda.self),
    ])

  private static func entry<D: LayerFunction>(_ type: D.Type, aliases: [String] = []) -> Registry<Layer>.Entry {
    .init(LayerConfiguration<D>.self, aliases: aliases) { (configuration) throws(NNError) in try Layer(configuration) }
  }

  /// A layer from its name, Keras's {class_name, config}, or an object; a model's configuration gives the model as a layer.
  package static func decode(_ value: Value) throws(NNError) -> Layer? {
    if let className = value.table?["class_name"]?.string, Model.classNames.contains(className) {
      return try Model(configuration: value).asLayer
    }
    if case .object(let object) = value, let model = object as? Model { return model.asLayer }
    if let className = value.table?["class_name"]?.string, let make = CustomLayers.maker(of: className) {
      return try make(value.table?["config"]?.table ?? Value.Table())
    }
    do throws(NNError) { return try registry.make(value) } catch {
      guard error.code == .notFound, let name = value.table?["class_name"]?.string else { throw error }
      throw NNError(
        .notFound, error.message + "; a class of your own must be among the custom objects: custom_objects.\(name)")
    }
  }
}
