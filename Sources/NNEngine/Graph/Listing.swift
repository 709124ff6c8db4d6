/// A program as text: what `explain()` prints.
enum Listing {
  static func text(_ layout: ProgramLayout) -> String {
    var lines: [String] = []
    for node in layout.ordering.nodes where runs(node, layout) {
      let inputs = node.inputs.map { name($0, layout) }.joined(separator: ", ")
      let results = node.shapes.indices.map { Symbol(node, $0) }.map { "\(name($0, layout)) \($0.shape)" }
      lines.append(
        pad(String(lines.count + 1), 3, left: true) + "  " + pad(node.operation.label, 34) + "  "
          + results.joined(separator: ", ") + " <- " + inputs)
    }
    let head = "\(lines.count) kernels, \(layout.arenaBytes / 1024) KiB of memory beside the variables"
    return ([head] + lines).joined(separator: "\n") + "\n"
  }

  /// Leaves, views and assignments that were made in place have no kernel.
  private static func runs(_ node: Node, _ layout: ProgramLayout) -> Bool {
    if node.operation.leaf != nil || node.operation.isView { return false }
    if node.operation is Assign { return layout.pointer(node.inputs[0]) != layout.pointer(Symbol(node, 0)) }
    return true
  }

  private static func name(_ symbol: Symbol, _ layout: ProgramLayout) -> String {
    switch layout.places[symbol] {
    case .variable(let v): v.path
    case .constant: (symbol.node.operation as? Fill).map { "\($0.value)" } ?? "constant"
    case .tensor: "tensor"
    case .arena: "@" + String(layout.offset(symbol) ?? 0, radix: 16)
    case nil: "?"
    }
  }

  private static func pad(_ text: String, _ width: Int, left: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - text.count))
    return left ? space + text : text + space
  }
}
