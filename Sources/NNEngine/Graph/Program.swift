import KernelTable

/// A graph made ready to run: rewritten, ordered, its memory planned, its kernels bound. A cache: all that lasts lives in
/// variables.
///
/// Everything that can fail fails while it is made; `run()` calls the kernels one after another and does nothing else.
public final class Program {
  /// How a program is made.
  public struct Options: Sendable {
    /// Rewrites, shared memory, threads. Off: every result has a buffer of its own, one kernel an operation, one thread;
    /// what the optimised program is compared with.
    public var optimised = true

    /// All optimisations.
    public static let standard = Options()
    /// None.
    public static let reference = Options(optimised: false)
  }

  private let kernels: [Kernel]
  private let layout: ProgramLayout
  private let outputs: [Symbol]
  private let outputPointers: [Input]
  private let assignedWeights: [Variable]

  /// A program that computes `outputs` and then holds them until its next run, and that gives variables new values. All
  /// assigned values are computed from the variables' old ones; a cycle of plain exchanges is refused.
  public convenience init(
    outputs: [Symbol], assignments: [(Variable, Symbol)] = [], options: Options = .standard
  ) throws(NNError) {
    try self.init(outputs: outputs, assignments: assignments, options: options, table: CPU.kernels)
  }

  init(outputs: [Symbol], assignments: [(Variable, Symbol)], options: Options, table: KernelTable) throws(NNError) {
    var roots: [Symbol] = []
    for output in outputs { roots.append(try Symbol.make(Keep(), output)) }
    var assigned: Set<ObjectIdentifier> = []
    for (variable, value) in assignments {
      guard assigned.insert(ObjectIdentifier(variable)).inserted else {
        throw .invalid("\(variable.path) is assigned twice in one program")
      }
      roots.append(try Symbol.make(Assign(variable), value))
    }
    if options.optimised { roots = try Rewriter.standard(roots) }
    for i in roots.indices { roots[i] = try Program.settled(roots[i]) }
    let ordering = try Ordering(roots.map(\.node), allowInPlace: options.optimised)
    let layout = try ProgramLayout(ordering, table, shareMemory: options.optimised)
    let pool = options.optimised ? ThreadPool.shared : nil
    var kernels: [Kernel] = []
    let shared = CPU.SharedTable(table)
    for node in ordering.nodes {
      if let kernel = node.operation.kernel(layout.binding(node, shared, pool)) { kernels.append(kernel) }
    }
    self.kernels = kernels
    self.layout = layout
    self.outputs = Array(roots.prefix(outputs.count))
    outputPointers = self.outputs.map { Input(layout.pointer($0)) }
    assignedWeights = assignments.map(\.0).filter { $0.role == .weight }
  }

  /// An output that is a variable's own memory is copied: it must not change with the assignments that follow.
  private static func settled(_ root: Symbol) throws(NNError) -> Symbol {
    guard root.node.operation is Keep else { return root }
    var source = root.node.inputs[0]
    while source.node.operation.isView { source = source.node.inputs[0] }
    guard source.node.operation is Read else { return root }
    return try .make(Keep(), .make(Identity(), root.node.inputs[0]))
  }

  /// Computes everything once.
  public func run() {
    for weight in assignedWeights { weight.noteChange() }
    for kernel in kernels { kernel() }
  }

  /// The number of kernels that a run calls.
  public var kernelCount: Int { kernels.count }
  /// Bytes of memory beyond the variables.
  public var arenaBytes: Int { layout.arenaBytes }
  /// What the program consists of, one line a kernel.
  public func explain() -> String { Listing.text(layout) }

  /// Where an output's elements are after a run; valid until the next.
  func pointer(_ output: Int) -> Input { outputPointers[output] }
  func shape(_ output: Int) -> Shape { outputs[output].shape }
  var outputIndices: Range<Int> { outputs.indices }

  /// The only output, for a program that will not run again: shares the program's memory instead of copying it.
  func takeOutput() throws(NNError) -> Tensor {
    if let shared = layout.tensor(outputs[0]) { return shared }
    return try value(0)
  }

  /// A copy of an output of the last run.
  public func value(_ output: Int) throws(NNError) -> Tensor {
    try Tensor(copying: UnsafeRawPointer(pointer(output)), shape: shape(output), dtype: .float32)
  }
}
