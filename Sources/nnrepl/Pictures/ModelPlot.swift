import CLua
import NNEngine

/// `model:plot()`.
enum ModelPlot {
  static func add(to members: inout LuaClass<Model>, _ output: Terminal) {
    members.method("plot") { model, lua throws(LuaError) in
      let options = try CallArguments("plot", ["file", "width", "height"], lua.constructorArguments(from: 2))
      let nodes = try engine { () throws(NNError) in try model.diagram() }
      guard let file: String = try options.get("file") else {
        for name in ["width", "height"] where try options.get(name, as: Int.self) != nil {
          throw .message("'\(name)' is the size of a file in pixels; give 'file', too")
        }
        let layout = layout(nodes, width: output.width - 1, isUnicode: output.usesUnicode)
        let text = DiagramText(isUnicode: output.usesUnicode).draw(layout).text(output.colorDepth)
        if output.isTerminal { output.write(text) }
        return 0
      }
      let layout = DiagramLayout(nodes.map { node($0, isUnicode: true) })
      let width: Int = try options.get("width") ?? min(max(9 * layout.width + 40, 200), 10000)
      let height: Int = try options.get("height") ?? min(max(18 * layout.height + 40, 150), 10000)
      guard (50...10000).contains(width), (50...10000).contains(height) else {
        throw .message("'width' and 'height' must be from 50 to 10000, got \(width) and \(height)")
      }
      do throws(Gnuplot.Mistake) {
        try Gnuplot.write(DiagramCommands.text(layout), to: file, width: width, height: height)
      } catch { throw .message(error.message) }
      return 0
    }
  }

  /// Boxes are cut when the widest rank does not fit.
  private static func layout(_ nodes: [ModelNode], width: Int, isUnicode: Bool) -> DiagramLayout {
    var limit = 60
    while true {
      let cut = nodes.map { node in
        let whole = self.node(node, isUnicode: isUnicode)
        return DiagramLayout.Node(
          lines: whole.lines.map { TextGrid.fitting($0, limit, isUnicode: isUnicode) }, sources: whole.sources)
      }
      let layout = DiagramLayout(cut)
      if layout.width <= width || limit <= 12 { return layout }
      limit -= 6
    }
  }

  /// The name and class, and below them the shapes.
  static func node(_ node: ModelNode, isUnicode: Bool) -> DiagramLayout.Node {
    func list(_ shapes: [String]) -> String { shapes.joined(separator: ", ") }
    let shapes =
      node.inputs.isEmpty ? list(node.outputs) : "\(list(node.inputs)) \(isUnicode ? "→" : "->") \(list(node.outputs))"
    return DiagramLayout.Node(lines: ["\(node.name) (\(node.className))", shapes], sources: node.sources)
  }
}

/// A layout in gnuplot's language.
enum DiagramCommands {
  static func text(_ layout: DiagramLayout) -> String {
    var text = "unset key\nunset tics\nunset border\nset margins 1, 1, 1, 1\n"
    text += "set xrange [-1:\(layout.width + 1)]\nset yrange [\(layout.height):-1]\n"
    for box in layout.boxes {
      let (right, bottom) = (box.x + box.width, box.y + box.height)
      text += "set object rectangle from \(box.x),\(box.y) to \(right),\(bottom) "
      text += "fillcolor rgb '#e8f0f8' fillstyle solid border linecolor rgb '#305080'\n"
      for (offset, line) in box.lines.enumerated() {
        let middle = Double(box.x) + Double(box.width) / 2
        text +=
          "set label \(Gnuplot.quoted(line)) at \(middle),\(Double(box.y) + Double(offset) + 1.5) center noenhanced front\n"
      }
    }
    for wire in layout.wires {
      let (x, end) = (Double(wire.from.x) + 0.5, Double(wire.to.x) + 0.5)
      let turn = Double(wire.turn) + 0.5
      var corners = [(x, Double(wire.from.y)), (x, turn), (end, turn), (end, Double(wire.to.y) + 1)]
      if x == end { corners = [corners[0], corners[3]] }
      for (number, (a, b)) in zip(corners, corners.dropFirst()).enumerated() {
        let isLast = number == corners.count - 2
        let head = wire.hasArrow && isLast ? "head filled size screen 0.008,25 fixed" : "nohead"
        text += "set arrow from \(a.0),\(a.1) to \(b.0),\(b.1) \(head) linecolor rgb '#305080'\n"
      }
    }
    return text + "plot NaN notitle\n"
  }
}
