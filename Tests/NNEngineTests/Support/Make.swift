import Testing

@testable import NNEngine

/// Components from the JSON that C and files use, so that a test shows a model in a few lines.
enum Make {
  static func arguments(_ json: String) throws -> Arguments {
    Arguments([], try #require(try JSON.parse(json).table, "not a table: \(json)"))
  }

  static func layer(_ className: String, _ json: String = "{}") throws -> Layer {
    try Layer.make(className, arguments(json))
  }

  /// Dense layers of these units with names of their own: tests that run at the same time share the counters of names.
  static func dense(_ units: Int, _ activation: String, _ name: String, input: Int? = nil, _ more: String = "")
    throws -> Layer
  {
    let shape = input.map { #", "input_shape": [\#($0)]"# } ?? ""
    return try layer(
      "Dense", #"{"units": \#(units), "activation": "\#(activation)", "name": "\#(name)"\#(shape)\#(more)}"#)
  }

  /// Two layers on `inputs` numbers, with weights that depend on nothing else.
  static func classifier(
    inputs: Int = 4, hidden: Int = 6, classes: Int = 3, loss: String = "sparse_categorical_crossentropy",
    optimizer: String = #""sgd""#, last: String = "softmax", name: String = "model"
  ) throws -> Model {
    let model = try Model(
      name: name,
      layers: [dense(hidden, "tanh", "hidden", input: inputs), dense(classes, last, "output")])
    var numbers = TestNumbers(3)
    for variable in model.variables {
      try variable.set(Tensor(numbers.floats(variable.shape.count, scale: 0.7), shape: variable.shape))
    }
    try model.compile(
      arguments(#"{"loss": "\#(loss)", "optimizer": \#(optimizer), "metrics": ["accuracy"]}"#))
    return model
  }

  /// Samples of `width` numbers and labels 0 ..< classes that can be learned from them.
  static func samples(_ count: Int, width: Int = 4, classes: Int = 3, seed: UInt64 = 1) throws -> (x: Tensor, y: Tensor)
  {
    var numbers = TestNumbers(seed)
    let x = numbers.floats(count * width)
    let y = (0..<count).map { row in
      Float((0..<classes).max { x[row * width + $0] < x[row * width + $1] } ?? 0)
    }
    return (try Tensor(x, shape: Shape([count, width])), try Tensor(y))
  }

  static func options(_ json: String) throws -> FitOptions { try FitOptions(arguments(json)) }

  static func weights(_ model: Model) throws -> [[Float]] { try model.getWeights().map(\.values) }
}
