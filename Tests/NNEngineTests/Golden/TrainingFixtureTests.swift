import Testing

@testable import NNEngine

/// Three steps of `train_on_batch` of small models, step by step against Keras: losses, accuracies, all weights, predictions.
@Suite("Golden: training")
struct TrainingFixtureTests {
  struct Recipe: Sendable {
    /// Layers as (class name, configuration), on four inputs.
    let layers: [(String, String)]
    let optimizer: String
    let loss: String
    var metric = "accuracy"
    /// TensorFlow 2.1's training loop ignored clipnorm (its numbers are those of unclipped gradients), so that case is compared
    /// with tf-keras.
    var library = Fixtures.Library.tf21
    /// The first bias is followed by a batch normalization and has no effect, so its gradient is zero but for rounding; an
    /// adaptive optimizer divides that noise by its own size and makes steps of it. There is nothing to compare.
    var hasIdleBias = false

    func isIdle(_ variable: Variable) -> Bool { hasIdleBias && variable.path == "layer0/bias" }
  }

  private static let softmax = ("Dense", #""units": 3, "activation": "softmax""#)
  private static let normalized = [
    ("Dense", #""units": 5"#), ("BatchNormalization", #""momentum": 0.99"#), ("Activation", #""activation": "elu""#),
    softmax,
  ]
  private static let sparse = "sparse_categorical_crossentropy"

  /// As `Fixtures/README.md`'s generator built them.
  static let recipes: [String: Recipe] = [
    "mlp_selu_l2_sgd_nesterov": Recipe(
      layers: [
        (
          "Dense",
          #""units": 6, "activation": "selu", "kernel_regularizer": {"class_name": "l2", "config": {"l": 0.01}}"#
        ),
        ("Dense", softmax.1 + #", "kernel_regularizer": {"class_name": "l2", "config": {"l": 0.02}}"#),
      ],
      optimizer: #"{"class_name": "SGD", "config": {"learning_rate": 0.05, "momentum": 0.9, "nesterov": true}}"#,
      loss: sparse),
    "mlp_maxnorm_sgd": Recipe(
      layers: [
        (
          "Dense",
          #""units": 6, "activation": "relu", "kernel_constraint": {"class_name": "max_norm", "config": {"max_value": 1}}"#
        ),
        softmax,
      ], optimizer: #"{"class_name": "SGD", "config": {"learning_rate": 0.5}}"#, loss: sparse),
    "mlp_constraints_mix_rmsprop": Recipe(
      layers: [
        ("Dense", #""units": 5, "activation": "tanh", "kernel_constraint": "unit_norm""#),
        (
          "Dense",
          #""units": 4, "activation": "softplus", "kernel_constraint": "non_neg", "bias_constraint": "non_neg""#
        ),
        (
          "Dense",
          softmax.1
            + #", "kernel_constraint": {"class_name": "min_max_norm", "config": {"min_value": 0.5, "max_value": 1}}"#
        ),
      ], optimizer: #"{"class_name": "RMSprop", "config": {"learning_rate": 0.01}}"#, loss: sparse),
    "binary_sigmoid_sgd": Recipe(
      layers: [
        ("Dense", #""units": 6, "activation": "elu""#), ("Dense", #""units": 1, "activation": "sigmoid""#),
      ], optimizer: #"{"class_name": "SGD", "config": {"learning_rate": 0.1}}"#, loss: "binary_crossentropy"),
    "dense_bn_elu_softmax_adam": Recipe(
      layers: normalized, optimizer: #"{"class_name": "Adam", "config": {"learning_rate": 0.01}}"#, loss: sparse,
      hasIdleBias: true),
    "dense_bn_elu_softmax_categorical_nadam": Recipe(
      layers: normalized, optimizer: #"{"class_name": "Nadam", "config": {"learning_rate": 0.01}}"#,
      loss: "categorical_crossentropy", hasIdleBias: true),
    "regression_huber_clipnorm": Recipe(
      layers: [("Dense", #""units": 6, "activation": "elu""#), ("Dense", #""units": 1"#)],
      optimizer: #"{"class_name": "SGD", "config": {"learning_rate": 0.1, "momentum": 0.9, "clipnorm": 0.5}}"#,
      loss: "huber", metric: "mae", library: .tfkeras),
    "mlp_l1_leakyrelu_adamax": Recipe(
      layers: [
        (
          "Dense",
          #""units": 6, "kernel_regularizer": {"class_name": "l1", "config": {"l": 0.01}}, "bias_regularizer": "l2""#
        ),
        ("LeakyReLU", #""alpha": 0.3"#), softmax,
      ], optimizer: #"{"class_name": "Adamax", "config": {"learning_rate": 0.01}}"#, loss: sparse),
    "frozen_first_layer_sgd": Recipe(
      layers: [("Dense", #""units": 6, "activation": "elu", "trainable": false"#), softmax],
      optimizer: #"{"class_name": "SGD", "config": {"learning_rate": 0.1}}"#, loss: sparse),
  ]

  @Test("every case has a recipe")
  func complete() throws {
    #expect(try Set(Fixtures.cases(.training).map { try $0.string("name") }) == Set(Self.recipes.keys))
  }

  static func model(_ recipe: Recipe) throws -> Model {
    let layers = try recipe.layers.enumerated().map { i, layer in
      try Make.layer(layer.0, "{\(layer.1), \"name\": \"layer\(i)\"}")
    }
    let model = try Model(name: "golden", layers: [Make.layer("InputLayer", #"{"input_shape": [4]}"#)] + layers)
    try model.compile(
      Make.arguments(
        #"{"loss": "\#(recipe.loss)", "optimizer": \#(recipe.optimizer), "metrics": ["\#(recipe.metric)"]}"#))
    return model
  }

  @Test("losses, weights and predictions are Keras's", arguments: recipes.keys.sorted())
  func keras(_ name: String) throws {
    let recipe = try #require(Self.recipes[name])
    let expected = try Fixtures.named(.training, name, of: recipe.library)
    let model = try Self.model(recipe)
    try model.setWeights(expected.arrays("weights").map(Evaluate.tensor))
    for (i, step) in try expected.tables("steps").enumerated() {
      let results = try model.trainOnBatch(
        x: Evaluate.tensor(step.array("x")), y: Evaluate.tensor(step.array("y")))
      expectClose(
        results, try step.numbers("returned_cumulative_for_keras"), relative: 1e-5, absolute: 1e-6,
        "\(name): loss and accuracy of step \(i)")
      for (variable, right) in zip(model.variables, try step.arrays("weights_after")) {
        if recipe.isIdle(variable) {
          // Keras's value, so that the moving mean, which contains it, and the prediction can be compared tightly.
          try variable.set(Evaluate.tensor(right))
          continue
        }
        expectClose(
          try variable.value().values, right, relative: 1e-5, absolute: 2e-6,
          "\(name): \(variable.path) after step \(i)")
      }
    }
    expectClose(
      try model.predict(x: Evaluate.tensor(expected.array("x_eval"))).values, try expected.array("predict"),
      relative: 1e-5, absolute: 1e-6, "\(name): prediction")
  }

  @Test("the same through fit, one batch an epoch", arguments: recipes.keys.sorted())
  func fit(_ name: String) throws {
    let recipe = try #require(Self.recipes[name])
    let expected = try Fixtures.named(.training, name, of: recipe.library)
    let model = try Self.model(recipe)
    try model.setWeights(expected.arrays("weights").map(Evaluate.tensor))
    let steps = try expected.tables("steps")
    let x = try steps.flatMap { try $0.array("x").floats }
    let y = try steps.flatMap { try $0.array("y").floats }
    let label = try steps[0].array("y").shape.dropFirst()
    try model.fit(
      x: Tensor(x, shape: Shape([24, 4])), y: Tensor(y, shape: Shape([24] + label)),
      Make.options(#"{"batch_size": 8, "shuffle": false}"#))
    for (variable, right) in zip(model.variables, try #require(steps.last).arrays("weights_after")) {
      // The moving mean contains the idle bias; the test above compares it.
      if recipe.isIdle(variable) || (recipe.hasIdleBias && variable.name == "moving_mean") { continue }
      expectClose(try variable.value().values, right, relative: 1e-5, absolute: 2e-6, "\(name): \(variable.path)")
    }
  }
}
