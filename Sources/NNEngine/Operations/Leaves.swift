import KernelTable

/// An operation without inputs: its result is memory that exists before the program runs.
protocol Leaf: Operation {
  /// Where the memory is; a constant's is filled here, once.
  func place() throws(NNError) -> ProgramLayout.Place
}

extension Leaf {
  var leaf: (any Leaf)? { self }
  func gradient(of node: Node, _ cotangents: [Symbol?]) -> [Symbol?] { [] }
  func kernel(_ memory: Binding) -> Kernel? { nil }
}

/// A variable's value at the start of the run.
struct Read: Leaf {
  static let name = "Read"
  let variable: Variable
  var label: String { "Read(\(variable.path))" }
  func shapes(of inputs: [Shape]) -> [Shape] { [variable.shape] }
  func place() -> ProgramLayout.Place { .variable(variable) }
  static func == (a: Read, b: Read) -> Bool { a.variable === b.variable }
  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(variable)) }
}

/// One number everywhere.
struct Fill: Leaf {
  static let name = "ConstantOfShape"
  let value: Float
  let shape: Shape
  var label: String { "Fill(\(value))" }
  func shapes(of inputs: [Shape]) -> [Shape] { [shape] }
  // By bits: 0 and −0 are equal, but not the same constant.
  static func == (a: Fill, b: Fill) -> Bool { a.value.bitPattern == b.value.bitPattern && a.shape == b.shape }
  func hash(into hasher: inout Hasher) {
    hasher.combine(value.bitPattern)
    hasher.combine(shape)
  }
  func place() throws(NNError) -> ProgramLayout.Place {
    let storage = try Storage(byteCount: shape.count * MemoryLayout<Float>.stride)
    storage.floats.update(repeating: value, count: shape.count)
    return .constant(storage)
  }
}

/// Given numbers.
struct Literal: Leaf {
  static let name = "Constant"
  let tensor: Tensor
  func shapes(of inputs: [Shape]) -> [Shape] { [tensor.shape] }
  func place() throws(NNError) -> ProgramLayout.Place { .tensor(try tensor.astype(.float32)) }
  static func == (a: Literal, b: Literal) -> Bool {
    a.tensor.bytes == b.tensor.bytes && a.tensor.shape == b.tensor.shape && a.tensor.dtype == b.tensor.dtype
  }
  func hash(into hasher: inout Hasher) {
    hasher.combine(tensor.bytes)
    hasher.combine(tensor.shape)
  }
}

/// Gives a variable a new value at the end of the run.
struct Assign: Operation {
  static let name = "Assign"
  let variable: Variable
  init(_ variable: Variable) { self.variable = variable }
  var label: String { "Assign(\(variable.path))" }
  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    guard inputs[0] == variable.shape else {
      throw .shape("assignment to \(variable.path): expected shape \(variable.shape), got \(inputs[0])")
    }
    return inputs
  }
  func gradient(of node: Node, _ cotangents: [Symbol?]) -> [Symbol?] { [nil] }
  func kernel(_ memory: Binding) -> Kernel? {
    memory.input(0) == Input(memory.output()) ? nil : copyKernel(memory)
  }
  static func == (a: Assign, b: Assign) -> Bool { a.variable === b.variable }
  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(variable)) }
}

/// A result that outlives the run.
struct Keep: Operation {
  static let name = "Keep"
  var isView: Bool { true }
  func shapes(of inputs: [Shape]) -> [Shape] { inputs }
  func gradient(of node: Node, _ cotangents: [Symbol?]) -> [Symbol?] { cotangents }
  func kernel(_ memory: Binding) -> Kernel? { nil }
}

/// A copy.
struct Identity: Operation {
  static let name = "Identity"
  func shapes(of inputs: [Shape]) -> [Shape] { inputs }
  func gradient(of node: Node, _ cotangents: [Symbol?]) -> [Symbol?] { cotangents }
  func kernel(_ memory: Binding) -> Kernel? { copyKernel(memory) }
}

/// The same value, through which no gradient flows.
struct StopGradient: Operation {
  static let name = "StopGradient"
  var isView: Bool { true }
  func shapes(of inputs: [Shape]) -> [Shape] { inputs }
  func gradient(of node: Node, _ cotangents: [Symbol?]) -> [Symbol?] { [nil] }
  func kernel(_ memory: Binding) -> Kernel? { nil }
}

extension Operation {
  /// Result 0 = input 0.
  func copyKernel(_ memory: Binding) -> Kernel {
    let (x, y, copy) = (memory.input(0), memory.output(), memory.kernels.copy)
    return memory.overRange(memory.count) { r in copy(r.count, x + r.lowerBound, y + r.lowerBound) }
  }
}
