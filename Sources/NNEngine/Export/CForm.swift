import KernelTable

/// An operation that can be written in C.
protocol CForm: Operation {
  func write(_ step: CStep, _ c: inout CBody)
}

/// A value as C sees it.
struct CValue {
  /// An expression that points at the first element; empty for a number that is the same everywhere.
  let pointer: String
  let shape: Shape
  /// The number that all elements are, where no memory holds it.
  var fill: Float?
  /// The array of scales, one for each index of the last axis, where the elements are int8.
  var scale: String?

  func at(_ index: CIndex) -> String { fill.map(CNumber.text) ?? "\(pointer)[\(index.text)]" }
  func from(_ index: CIndex) -> String { index.isZero ? pointer : "\(pointer) + \(index.text)" }
}

/// One operation on its values.
struct CStep {
  let inputs: [CValue]
  let outputs: [CValue]
  var output: CValue { outputs[0] }
  func input(_ i: Int) -> CValue { inputs[i] }
}

/// The body of the exported function, and the functions that it calls.
struct CBody {
  var text: CText
  /// What all names at file scope begin with.
  let prefix: String
  /// In the order in which they are first used.
  private(set) var functions: [CFunction] = []

  init(prefix: String, depth: Int) {
    self.prefix = prefix
    text = CText(depth: depth)
  }

  /// The name of a function, which will be there.
  mutating func function(_ function: CFunction) -> String {
    if !functions.contains(where: { $0.name == function.name }) { functions.append(function) }
    return "\(prefix)_\(function.name)"
  }

  /// A function of one variable on an expression.
  mutating func apply(_ map: Map, to x: String) -> String {
    let (function, arguments) = CFunction.scalar(map)
    return "\(self.function(function))(\(([x] + arguments).joined(separator: ", ")))"
  }

  /// What follows a product.
  mutating func apply(_ epilogue: Product.Epilogue, to x: String) -> String {
    if case .map(let map) = epilogue { apply(map, to: x) } else { x }
  }
}

/// A function of the exported file; "NAME_" in its text stands for the prefix.
struct CFunction {
  let name: String
  let text: String
}

/// The forms of all operations that can stand in a model's function of inference.
enum CForms {
  static func form(of operation: any Operation) -> (any CForm)? { operation as? any CForm }
}
