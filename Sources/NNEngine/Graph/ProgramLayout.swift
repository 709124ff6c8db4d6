import KernelTable

/// Where every result of an ordered graph lives: in a variable, in a constant, or in the arena, at an offset that it may share with
/// results that live at other times.
struct ProgramLayout {
  enum Place {
    case variable(Variable)
    case constant(Storage)
    /// A literal's own memory.
    case tensor(Tensor)
    case arena(buffer: Int)
  }

  let ordering: Ordering
  private(set) var places: [Symbol: Place] = [:]
  private var scratch: [ObjectIdentifier: Int] = [:]
  private let plan: MemoryPlan
  private let arena: Storage
  var arenaBytes: Int { plan.total }

  init(_ ordering: Ordering, _ kernels: KernelTable, shareMemory: Bool) throws(NNError) {
    self.ordering = ordering
    var builder = Builder(ordering, shareMemory: shareMemory)
    try builder.placeAll(kernels)
    places = builder.places
    scratch = builder.scratch
    plan = MemoryPlan(builder.intervals)
    arena = try Storage(byteCount: plan.total)
  }

  func pointer(_ symbol: Symbol) -> Output {
    switch places[symbol] {
    case .variable(let v): v.pointer
    case .constant(let s): s.floats
    case .tensor(let t): Output(mutating: t.floats)
    case .arena(let buffer): (arena.bytes + plan.offsets[buffer]).assumingMemoryBound(to: Float.self)
    case nil: arena.floats  // unreachable: every result of every node has a place
    }
  }

  /// A result in the arena as a tensor that keeps the arena alive, if it fills most of it.
  func tensor(_ symbol: Symbol) -> Tensor? {
    guard let offset = offset(symbol), symbol.shape.count * 8 > plan.total else { return nil }
    return Tensor(shape: symbol.shape, dtype: .float32, storage: arena, byteOffset: offset)
  }

  /// Byte offset in the arena, nil for what lives elsewhere.
  func offset(_ symbol: Symbol) -> Int? {
    if case .arena(let buffer) = places[symbol] { plan.offsets[buffer] } else { nil }
  }

  func binding(_ node: Node, _ kernels: CPU.SharedTable, _ pool: ThreadPool?) -> Binding {
    Binding(
      node: node, inputs: node.inputs.map(pointer), outputs: node.shapes.indices.map { pointer(Symbol(node, $0)) },
      scratch: scratch[ObjectIdentifier(node)].map { arena.bytes + plan.offsets[$0] }, kernels: kernels, pool: pool)
  }
}

/// Decides the places, in the order of execution.
private struct Builder {
  let ordering: Ordering
  let shareMemory: Bool
  var places: [Symbol: ProgramLayout.Place] = [:]
  var scratch: [ObjectIdentifier: Int] = [:]
  var intervals: [MemoryPlan.Interval] = []
  /// The step that uses a result last, views of it included.
  private var lastUse: [Symbol: Int] = [:]

  init(_ ordering: Ordering, shareMemory: Bool) {
    self.ordering = ordering
    self.shareMemory = shareMemory
    for (step, node) in ordering.nodes.enumerated().reversed() {
      // A view lives on in what it shows: its own last use counts for its input, so go backwards.
      let extent = node.operation.isView ? max(step, lastUse[Symbol(node, 0)] ?? step) : step
      let forever = node.operation is Keep
      for input in node.inputs {
        lastUse[input] = max(lastUse[input] ?? 0, forever ? Int.max : extent)
      }
      if forever { lastUse[Symbol(node, 0)] = Int.max }
    }
  }

  mutating func placeAll(_ kernels: KernelTable) throws(NNError) {
    for (step, node) in ordering.nodes.enumerated() {
      if let leaf = node.operation.leaf {
        places[Symbol(node, 0)] = try leaf.place()
        continue
      }
      for index in node.shapes.indices { place(Symbol(node, index), step) }
      let bytes = node.operation.scratchBytes(for: node, kernels)
      if bytes > 0 {
        scratch[ObjectIdentifier(node)] = intervals.count
        intervals.append(.init(bytes: bytes, first: shareMemory ? step : 0, last: shareMemory ? step : Int.max))
      }
    }
  }

  private mutating func place(_ result: Symbol, _ step: Int) {
    let node = result.node
    if let assign = node.operation as? Assign {
      places[result] = .variable(assign.variable)
    } else if node.operation.isView, let input = node.inputs.first {
      places[result] = places[input]
    } else if let variable = ordering.inPlace[result] {
      places[result] = .variable(variable)
    } else if let buffer = overwritableBuffer(result, step) {
      places[result] = .arena(buffer: buffer)
      intervals[buffer].last = max(intervals[buffer].last, lastUse[result] ?? step)
    } else {
      places[result] = .arena(buffer: intervals.count)
      let (first, last) = shareMemory ? (step, lastUse[result] ?? step) : (0, Int.max)
      intervals.append(.init(bytes: result.shape.count * MemoryLayout<Float>.stride, first: first, last: last))
    }
  }

  /// The buffer of an input that nobody needs after this step and that the operation can write over.
  private mutating func overwritableBuffer(_ result: Symbol, _ step: Int) -> Int? {
    guard shareMemory else { return nil }
    let node = result.node
    for (i, input) in node.inputs.enumerated() where node.operation.resultOverwriting(i) == result.index {
      guard input.shape.count == result.shape.count, case .arena(let buffer) = places[input],
        intervals[buffer].last == step
      else { continue }
      // The other inputs and results must not live there too.
      let shared = node.inputs.enumerated().contains { j, other in
        guard j != i, case .arena(let b) = places[other] else { return false }
        return b == buffer
      }
      let taken = (0..<result.index).contains { index in
        if case .arena(let b) = places[Symbol(node, index)] { b == buffer } else { false }
      }
      if shared || taken { continue }
      return buffer
    }
    return nil
  }
}
