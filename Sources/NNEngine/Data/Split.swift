/// How rows are divided into two sets.
public struct SplitOptions: Configurable {
  var testSize: SplitSize?
  var trainSize: SplitSize?
  var shuffle = true
  var seed: Int?

  /// The function's name.
  public static let className = "train_test_split"
  /// For help.
  public static let doc = """
    Divides the rows of tensors, the same rows of each, into a set to train with and a set to test with. Without sizes a \
    quarter is for tests.
    """
  /// scikit-learn's arguments.
  public static let fields: [Field<SplitOptions>] = [
    Field("test_size", \.testSize, "Rows of the test set: a fraction (rounded up) or a number of rows."),
    Field("train_size", \.trainSize, "Rows of the training set: a fraction (rounded down) or a number of rows."),
    Field("shuffle", \.shuffle, "Whether the rows are put in random order first."),
    Field("seed", \.seed, aliases: ["random_state"], "Repeats the same order at each call."),
  ]

  /// A quarter for tests, shuffled.
  public init() {}

  /// Options from a call's arguments.
  public init(_ arguments: Arguments) throws(NNError) { self = try SplitOptions.make(arguments) }

  /// The number of rows of both sets, of `count`.
  func counts(of count: Int) throws(NNError) -> (train: Int, test: Int) {
    let test = try testSize?.rows(of: count, "test_size") { $0.rounded(.up) }
    let train = try trainSize?.rows(of: count, "train_size") { $0.rounded(.down) }
    let sizes: (train: Int, test: Int)
    switch (train, test) {
    case (let train?, let test?): sizes = (train, test)
    case (let train?, nil): sizes = (train, count - train)
    case (nil, let test?): sizes = (count - test, test)
    case (nil, nil): sizes = (count - (count + 3) / 4, (count + 3) / 4)
    }
    guard sizes.train + sizes.test <= count else {
      throw .invalid(
        "train_test_split: train_size (\(sizes.train) rows) and test_size (\(sizes.test) rows) are more than "
          + "the \(count) rows there are")
    }
    guard sizes.train > 0, sizes.test > 0 else {
      throw .invalid(
        "train_test_split: of \(count) rows \(sizes.train) would be for training and \(sizes.test) for tests; "
          + "both need at least one")
    }
    return sizes
  }
}

/// A part of a set of rows.
enum SplitSize: ConfigValue, Hashable {
  case fraction(Double)
  case count(Int)

  static let kind = "a fraction between 0 and 1 or a number of rows"
  static func decode(_ value: Value) -> SplitSize? {
    switch value {
    case .integer(let n) where n > 0: .count(n)
    case .number(let x) where x > 0 && x < 1: .fraction(x)
    default: nil
    }
  }
  var encoded: Value {
    switch self {
    case .fraction(let x): .number(x)
    case .count(let n): .integer(n)
    }
  }

  func rows(of count: Int, _ name: String, _ round: (Double) -> Double) throws(NNError) -> Int {
    switch self {
    case .fraction(let x): return Int(round(x * Double(count)))
    case .count(let n):
      guard n < count else {
        throw .invalid("train_test_split: '\(name)' is \(n), but there are \(count) rows")
      }
      return n
    }
  }
}

/// The rows of each tensor, divided the same way, as scikit-learn's function does it: (train, test) for each tensor.
public func trainTestSplit(
  _ tensors: [Tensor], _ options: SplitOptions = SplitOptions()
) throws(NNError) -> [(train: Tensor, test: Tensor)] {
  guard let first = tensors.first else { throw .invalid("train_test_split: no tensors given") }
  for (i, tensor) in tensors.enumerated() {
    guard tensor.shape.rank > 0 else { throw .shape("train_test_split: tensor \(i + 1) is a scalar") }
    guard tensor.rows == first.rows else {
      throw .shape("train_test_split: tensor \(i + 1) has \(tensor.rows) rows, the first has \(first.rows)")
    }
  }
  let (train, test) = try options.counts(of: first.rows)
  guard options.shuffle else {
    guard options.seed == nil else { throw .invalid("train_test_split: 'seed' has no effect without 'shuffle'") }
    var result: [(train: Tensor, test: Tensor)] = []
    for tensor in tensors {
      result.append((try tensor.slice(0..<train), try tensor.slice(train..<(train + test))))
    }
    return result
  }
  let stream = RandomState.newStream(seed: options.seed.map { UInt64(bitPattern: Int64($0)) })
  let order = stream.permutation(first.rows)
  // Training rows come after the test rows in the permutation, also in scikit-learn.
  let (testRows, trainRows) = (Array(order[..<test]), Array(order[test..<(test + train)]))
  var result: [(train: Tensor, test: Tensor)] = []
  for tensor in tensors { result.append((try tensor.take(trainRows), try tensor.take(testRows))) }
  return result
}
