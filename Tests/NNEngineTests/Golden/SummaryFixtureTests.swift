import Testing

@testable import NNEngine

@Suite("Golden: summaries", .serialized)
struct SummaryFixtureTests {
  /// The texts that models print here; `tables` has those that only rows are made for.
  static let models = ["model_A", "model_A_clone", "model_B_on_A", "model_B_on_A_frozen", "model_l2", "cnn"]

  /// What the book does before each of its models, so that the counters of names stand where they stood.
  private static func start(dense: Int, flatten: Int, sequential: Int) throws {
    LayerNames.reset()
    for _ in 0..<dense { _ = try Make.layer("Dense", #"{"units": 1}"#) }
    for _ in 0..<flatten { _ = try Make.layer("Flatten") }
    for _ in 0..<sequential { _ = try Model() }
  }

  private static func modelA() throws -> Model {
    try start(dense: 11, flatten: 2, sequential: 3)
    let model = try Model()
    try model.add(Make.layer("Flatten", #"{"input_shape": [28, 28]}"#))
    for units in [300, 200, 100, 50, 50, 50] {
      try model.add(Make.layer("Dense", #"{"units": \#(units), "activation": "elu"}"#))
    }
    try model.add(Make.layer("Dense", #"{"units": 10, "activation": "softmax"}"#))
    return model
  }

  /// All layers of A but the last, and a new one.
  private static func modelB() throws -> Model {
    let model = try Model(layers: Array(modelA().layers.dropLast()))
    try model.add(Make.layer("Dense", #"{"units": 1, "activation": "sigmoid"}"#))
    return model
  }

  private static func modelL2() throws -> Model {
    try start(dense: 20, flatten: 3, sequential: 5)
    let model = try Model()
    try model.add(Make.layer("Flatten", #"{"input_shape": [28, 28]}"#))
    for (units, activation) in [(300, "elu"), (100, "elu"), (10, "softmax")] {
      try model.add(
        Make.layer("Dense", #"{"units": \#(units), "activation": "\#(activation)", "kernel_regularizer": "l2"}"#))
    }
    return model
  }

  private static func convolutional() throws -> Model {
    try start(dense: 26, flatten: 5, sequential: 7)
    let model = try Model()
    for (filters, shape) in [(32, #", "input_shape": [28, 28, 1]"#), (64, "")] {
      try model.add(
        Make.layer("Conv2D", #"{"filters": \#(filters), "kernel_size": 3, "activation": "relu"\#(shape)}"#))
      try model.add(Make.layer("MaxPooling2D"))
    }
    try model.add(Make.layer("Flatten"))
    try model.add(Make.layer("Dense", #"{"units": 128, "activation": "relu"}"#))
    try model.add(Make.layer("Dense", #"{"units": 10}"#))
    return model
  }

  /// The counters belong to the process, and tests that run at the same time count, too: once in a while a name is taken.
  private static func expect(_ name: String, _ summary: () throws -> String) throws {
    // `print` ends the line.
    var right = try Fixtures.summary(name)
    #expect(right.popLast() == "\n")
    var last = ""
    for _ in 0..<50 {
      last = try summary()
      if last == right { return }
    }
    #expect(last == right)
  }

  @Test func modelAText() throws { try Self.expect("model_A") { try Self.modelA().summary() } }

  @Test("a copy from the configuration keeps the names")
  func clone() throws {
    try Self.expect("model_A_clone") { try Model(configuration: Self.modelA().configuration).summary() }
  }

  @Test func sharedLayers() throws { try Self.expect("model_B_on_A") { try Self.modelB().summary() } }

  @Test("freezing changes the counts at once")
  func frozen() throws {
    try Self.expect("model_B_on_A_frozen") {
      let model = try Self.modelB()
      for layer in model.layers.dropLast() { layer.trainable = false }
      return try model.summary()
    }
  }

  @Test func convolutions() throws { try Self.expect("cnn") { try Self.convolutional().summary() } }

  @Test func regularized() throws { try Self.expect("model_l2") { try Self.modelL2().summary() } }

  static let tables: [(name: String, length: Int)] = [
    ("leakyrelu_model", 65), ("model_1", 65), ("model_2", 65), ("model_A_wide", 100), ("model_dropout", 65),
    ("model_dropout_compiled", 65),
  ]

  @Test("every other text, from its rows")
  func rows() throws {
    for (name, length) in Self.tables {
      let right = try Fixtures.summary(name)
      #expect(try Self.table(right, length) == right, "\(name)")
    }
  }

  /// The table for the rows that `text` shows; cut cells are completed.
  private static func table(_ text: String, _ length: Int) throws -> String {
    let classes = [
      "BatchNormalization", "Dense", "Flatten", "Dropout", "LeakyReLU", "Activation",
    ]
    let lines = text.split(separator: "\n").map(String.init)
    func number(_ line: String) -> Int { Int(line.filter(\.isNumber)) ?? -1 }
    let rows: [SummaryTable.Row] = try lines.filter { $0.contains(" (") && !$0.hasPrefix("Layer") }.map { line in
      let name = String(line.prefix { $0 != " " })
      let cut = line.dropFirst(name.count + 2).prefix { $0.isLetter || $0.isNumber }
      let shape = try #require(line.firstMatch(of: /\(None[^)]*\)/))
      return SummaryTable.Row(
        name: name, className: try #require(classes.first { $0.hasPrefix(cut) }), outputShape: String(shape.0),
        parameterCount: number(String(line[shape.range.upperBound...])))
    }
    let model = try #require(lines[0].firstMatch(of: /"(.*)"/))
    let totals = lines.suffix(4)
    return SummaryTable.text(
      name: String(model.1), rows: rows, trainable: number(try #require(totals.first { $0.hasPrefix("Trainable") })),
      nonTrainable: number(try #require(totals.first { $0.hasPrefix("Non") })), lineLength: length)
      + (text.hasSuffix("\n") ? "\n" : "")
  }
}
