import KernelTable

/// What a node computes: the contract of an operation with the graph, the differentiation, the planner and the kernels.
///
/// Equal operations on the same inputs are the same node: that is why an operation is Hashable. Adding one is described in
/// docs/design.md; the suite refuses an operation that has no case in `OperationCases`.
protocol Operation: Hashable, SendableMetatype {
  /// The ONNX name where one exists.
  static var name: String { get }
  /// What listings call it: the name with what matters of its attributes.
  var label: String { get }
  /// The results' shapes; the error names the operation and the shapes that do not fit.
  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape]
  /// For each input what the loss changes by, given that for each result; nil is zero. Emits nodes.
  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?]
  /// The work bound to memory; called once, when a program is compiled. nil: nothing has to run.
  func kernel(_ memory: Binding) -> Kernel?
  /// Result 0 is input 0's memory under another shape.
  var isView: Bool { get }
  /// The result that may be written over this input's memory, if any.
  func resultOverwriting(_ input: Int) -> Int?
  /// Itself, for an operation that computes nothing but says where memory is.
  var leaf: (any Leaf)? { get }
  /// Bytes of scratch memory that the kernel needs while it runs.
  func scratchBytes(for node: Node, _ kernels: KernelTable) -> Int
}

/// One step of a program. Reads and writes only the memory that it was bound to; allocates, locks and throws nothing.
typealias Kernel = () -> Void

extension Operation {
  var label: String { Self.name }
  var isView: Bool { false }
  var leaf: (any Leaf)? { nil }
  func resultOverwriting(_ input: Int) -> Int? { nil }
  func scratchBytes(for node: Node, _ kernels: KernelTable) -> Int { 0 }

  /// Whether `other` is the same operation with the same attributes.
  func isEqual(_ other: any Operation) -> Bool { (other as? Self) == self }
}
