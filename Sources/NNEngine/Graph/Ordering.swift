/// The order of a program's kernels: inputs before their users, readers of a variable before whoever overwrites it.
struct Ordering {
  let nodes: [Node]
  /// Position of each node in `nodes`.
  let position: [ObjectIdentifier: Int]
  /// Assignments whose producer writes straight into the variable's memory: producer's result → variable.
  let inPlace: [Symbol: Variable]

  /// - Parameter allowInPlace: false gives every assigned value a buffer of its own, and a copy.
  init(_ roots: [Node], allowInPlace: Bool) throws(NNError) {
    let natural = Traversal.postorder(roots)
    let index = Dictionary(uniqueKeysWithValues: natural.enumerated().map { (ObjectIdentifier($1), $0) })
    var consumers = [[Int]](repeating: [], count: natural.count)
    for (i, node) in natural.enumerated() {
      for input in node.inputs { if let j = index[ObjectIdentifier(input.node)] { consumers[j].append(i) } }
    }
    let readers = Ordering.readers(natural, consumers)
    var edges = [[Int]](repeating: [], count: natural.count)  // extra: from → to
    var inPlace: [Symbol: Variable] = [:]
    for (i, node) in natural.enumerated() {
      guard let assign = node.operation as? Assign else { continue }
      let value = node.inputs[0]
      let old = (readers[ObjectIdentifier(assign.variable)] ?? []).filter { $0 != i }
      for r in old { edges[r].append(i) }
      guard allowInPlace, let producer = index[ObjectIdentifier(value.node)], inPlace[value] == nil,
        Ordering.overwrites(value, assign.variable), !Ordering.isKept(producer, natural, consumers),
        !Ordering.reaches(from: producer, anyOf: Set(old).subtracting([producer]), consumers, edges)
      else { continue }
      inPlace[value] = assign.variable
      for r in old where r != producer { edges[r].append(producer) }
    }
    nodes = try Ordering.sorted(natural, consumers, edges)
    position = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { (ObjectIdentifier($1), $0) })
    self.inPlace = inPlace
  }

  /// For each variable the nodes that look at its memory, directly or through views.
  private static func readers(_ natural: [Node], _ consumers: [[Int]]) -> [ObjectIdentifier: [Int]] {
    var result: [ObjectIdentifier: [Int]] = [:]
    for (i, node) in natural.enumerated() {
      guard let read = node.operation as? Read else { continue }
      var pending = consumers[i]
      var seen: Set<Int> = []
      while let c = pending.popLast() {
        guard seen.insert(c).inserted else { continue }
        if natural[c].operation.isView {
          pending += consumers[c]
        } else {
          result[ObjectIdentifier(read.variable), default: []].append(c)
        }
      }
    }
    return result
  }

  /// Whether the node that makes `value` may write it over its input that is `variable`.
  private static func overwrites(_ value: Symbol, _ variable: Variable) -> Bool {
    for (i, input) in value.node.inputs.enumerated() where value.node.operation.resultOverwriting(i) == value.index {
      if let read = input.node.operation as? Read, read.variable === variable { return true }
    }
    return false
  }

  /// Whether a result of this node is an output of the program: it must not change with the variable afterwards.
  private static func isKept(_ producer: Int, _ natural: [Node], _ consumers: [[Int]]) -> Bool {
    var pending = consumers[producer]
    while let c = pending.popLast() {
      if natural[c].operation is Keep { return true }
      if natural[c].operation.isView { pending += consumers[c] }
    }
    return false
  }

  /// Whether one of `targets` must come after `start`, by what is known so far.
  private static func reaches(
    from start: Int, anyOf targets: Set<Int>, _ consumers: [[Int]], _ edges: [[Int]]
  ) -> Bool {
    if targets.isEmpty { return false }
    var pending = consumers[start] + edges[start]
    var seen: Set<Int> = []
    while let c = pending.popLast() {
      if targets.contains(c) { return true }
      if seen.insert(c).inserted { pending += consumers[c] + edges[c] }
    }
    return false
  }

  /// Kahn's algorithm; among the nodes that are ready, the one that comes first in the natural order.
  private static func sorted(_ natural: [Node], _ consumers: [[Int]], _ edges: [[Int]]) throws(NNError) -> [Node] {
    var waiting = [Int](repeating: 0, count: natural.count)
    for i in natural.indices { for c in consumers[i] + edges[i] { waiting[c] += 1 } }
    var ready = Heap(natural.indices.filter { waiting[$0] == 0 })
    var result: [Node] = []
    while let i = ready.pop() {
      result.append(natural[i])
      for c in consumers[i] + edges[i] {
        waiting[c] -= 1
        if waiting[c] == 0 { ready.push(c) }
      }
    }
    guard result.count == natural.count else {
      throw NNError(.invalidArgument, "assignments form a cycle: a value needs what it overwrites")
    }
    return result
  }
}

/// The smallest of many numbers, again and again.
private struct Heap {
  private var items: [Int] = []

  init(_ initial: [Int]) { for item in initial { push(item) } }

  mutating func push(_ item: Int) {
    items.append(item)
    var i = items.count - 1
    while i > 0, items[(i - 1) / 2] > items[i] {
      items.swapAt(i, (i - 1) / 2)
      i = (i - 1) / 2
    }
  }

  mutating func pop() -> Int? {
    guard let first = items.first, let last = items.popLast() else { return nil }
    if items.isEmpty { return first }
    items[0] = last
    var i = 0
    while true {
      var least = i
      for child in [2 * i + 1, 2 * i + 2] where child < items.count && items[child] < items[least] { least = child }
      if least == i { return first }
      items.swapAt(i, least)
      i = least
    }
  }
}
