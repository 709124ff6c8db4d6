/// A learned vector for each of a number of things, found by the thing's index.
struct Embedding: LayerDefinition, InputChecking, ShapeDeclaring {
  var inputDim = 1
  var outputDim = 1
  var embeddingsInitializer = Initializer(RandomUniform())
  var embeddingsRegularizer: Regularizer?
  var activityRegularizer: Regularizer?
  var embeddingsConstraint: Constraint?
  var maskZero = false
  var inputLength: Int?

  static let className = "Embedding"
  static let doc = """
    Turns each whole number 0 ... input_dim - 1 into a learned vector of output_dim numbers: inputs of shape (batch, ...) become \
    (batch, ..., output_dim). Example: Embedding{1000, 64, input_length=10}
    """
  static let fields: [Field<Embedding>] = [
    Field(
      "input_dim", \.inputDim, required: true,
      check: Check("a positive integer, at most 2^24") { (1...RowGather.maximumRows).contains($0) },
      "How many vectors there are: the largest index plus 1."),
    Field("output_dim", \.outputDim, required: true, check: .positive, "The length of each vector."),
    Field("embeddings_initializer", \.embeddingsInitializer, "First values of the vectors."),
    Field("embeddings_regularizer", \.embeddingsRegularizer, "Penalty on the vectors, added to the loss."),
    Field("activity_regularizer", \.activityRegularizer, "Penalty on the output, divided by the batch size."),
    Field("embeddings_constraint", \.embeddingsConstraint, "Applied to the vectors after each update."),
    Field(
      "mask_zero", \.maskZero, "Whether index 0 is padding that layers after this one skip: only false is possible."),
    Field(
      "input_length", \.inputLength, check: Check("a positive integer or nil") { $0.map { $0 > 0 } ?? true },
      "How many indices a sample has, where that is the same for all; short for an input_shape of one axis."),
  ]

  func validate() throws(NNError) {
    if maskZero {
      throw NNError(
        .notSupported, "Embedding: 'mask_zero' must be false: no layer here skips padding, so true would have no effect"
      )
    }
  }

  var impliedInputShape: Shape? { inputLength.map { Shape(unchecked: [$0]) } }

  func build(_ input: Shape, _ new: inout VariableFactory) throws(NNError) -> Variable {
    if let inputLength, input.dimensions != [inputLength] {
      throw .shape("Embedding: 'input_length' is \(inputLength), but inputs have shape \(input.batched)")
    }
    return try new.make(
      "embeddings", [inputDim, outputDim], embeddingsInitializer, regularizer: embeddingsRegularizer,
      constraint: embeddingsConstraint)
  }

  func call(_ x: Symbol, _ embeddings: Variable, _ context: CallContext) throws(NNError) -> Symbol {
    try context.read(embeddings).gathered(x)
  }

  func check(input x: Tensor) throws(NNError) {
    guard let index = LabelKind.classIndices.firstWrong(x, inputDim) else { return }
    let row = index / max(1, x.shape.count / max(1, x.rows))
    throw .invalid(
      "x has the index \(LabelKind.text(x.element(index))) at row \(row) (counted from 0), expected whole numbers 0 … "
        + "\(inputDim - 1) ('input_dim' is \(inputDim))")
  }
}

extension Embedding { static var shapes: String { "(n, …), indices → (n, …, output_dim)" } }
