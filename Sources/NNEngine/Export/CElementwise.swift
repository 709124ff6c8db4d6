import KernelTable

/// Loops over all elements of a shape, in which each operand moves by strides of its own. Neighbouring axes on which all behave alike are
/// walked as one.
struct CNest {
  private(set) var axes: [(variable: String, extent: Int)] = []
  /// For each operand.
  private(set) var indices: [CIndex]
  private(set) var result = CIndex()

  /// - Parameter strides: For each operand the step on each axis of `shape`.
  init(_ shape: Shape, _ strides: [[Int]]) {
    let own = shape.strides
    var joined: [(extent: Int, strides: [Int])] = []
    for axis in stride(from: shape.rank - 1, through: 0, by: -1) where shape[axis] != 1 {
      let here = [own[axis]] + strides.map { $0[axis] }
      if let last = joined.last, zip(here, last.strides).allSatisfy({ $0 == $1 * last.extent }) {
        joined[joined.count - 1].extent *= shape[axis]
      } else {
        joined.append((shape[axis], here))
      }
    }
    indices = strides.map { _ in CIndex() }
    let variables = ["i", "j", "k", "l", "p", "q", "r", "s"]
    for (axis, variable) in zip(joined.reversed(), variables) {
      axes.append((variable, axis.extent))
      result = result + CIndex(variable) * axis.strides[0]
      for operand in indices.indices {
        indices[operand] = indices[operand] + CIndex(variable) * axis.strides[operand + 1]
      }
    }
  }

  /// Operands that are broadcast to the result's shape.
  init(broadcasting operands: [CValue], to shape: Shape) {
    self.init(shape, operands.map { BroadcastLoop.strides($0.shape, within: shape) })
  }

  /// Writes `line` once for each element.
  func write(_ text: inout CText, _ line: String) {
    func nested(_ depth: Int, _ text: inout CText) {
      guard depth < axes.count else { return text.line(line) }
      text.loop(axes[depth].variable, axes[depth].extent) { text, _ in nested(depth + 1, &text) }
    }
    nested(0, &text)
  }
}

extension Map: CForm {
  func write(_ step: CStep, _ c: inout CBody) {
    let nest = CNest(broadcasting: step.inputs, to: step.output.shape)
    let value = c.apply(self, to: step.input(0).at(nest.indices[0]))
    nest.write(&c.text, "\(step.output.at(nest.result)) = \(value);")
  }
}

extension Binary: CForm {
  func write(_ step: CStep, _ c: inout CBody) {
    let nest = CNest(broadcasting: step.inputs, to: step.output.shape)
    let (a, b) = (step.input(0).at(nest.indices[0]), step.input(1).at(nest.indices[1]))
    let isSquare = function == .power && step.input(1).fill == 2
    let value = isSquare ? "\(a) * \(a)" : CFunction.binary(function, a, b, &c)
    nest.write(&c.text, "\(step.output.at(nest.result)) = \(value);")
  }
}

extension Select: CForm {
  func write(_ step: CStep, _ c: inout CBody) {
    let nest = CNest(broadcasting: step.inputs, to: step.output.shape)
    let x = zip(step.inputs, nest.indices).map { $0.at($1) }
    nest.write(&c.text, "\(step.output.at(nest.result)) = \(x[0]) != 0.0f ? \(x[1]) : \(x[2]);")
  }
}

extension Transpose: CForm {
  func write(_ step: CStep, _ c: inout CBody) {
    let own = step.input(0).shape.strides
    let nest = CNest(step.output.shape, [axes.map { own[$0] }])
    nest.write(&c.text, "\(step.output.at(nest.result)) = \(step.input(0).at(nest.indices[0]));")
  }
}

extension BroadcastTo: CForm {
  func write(_ step: CStep, _ c: inout CBody) {
    let nest = CNest(broadcasting: step.inputs, to: step.output.shape)
    nest.write(&c.text, "\(step.output.at(nest.result)) = \(step.input(0).at(nest.indices[0]));")
  }
}

/// Views, where they are no views: what goes out and what goes on.
extension Identity: CForm {
  func write(_ step: CStep, _ c: inout CBody) { CCopy.write(step.input(0), step.output, &c) }
}

/// One value's elements to another's place.
enum CCopy {
  static func write(_ from: CValue, _ to: CValue, _ c: inout CBody) {
    c.text.loop("i", to.shape.count) { text, i in text.line("\(to.at(i)) = \(from.at(i));") }
  }
}

extension Concat: CForm {
  func write(_ step: CStep, _ c: inout CBody) {
    let outer = step.output.shape.dimensions[..<axis].reduce(1, *)
    let width = step.output.shape.count / max(1, outer)
    var offset = 0
    for part in step.inputs where part.shape.count > 0 {
      let own = part.shape.count / outer
      c.text.loop("i", outer) { text, i in
        text.loop("j", own) { text, j in
          text.line("\(step.output.at(i * width + j + offset)) = \(part.at(i * own + j));")
        }
      }
      offset += own
    }
  }
}

extension Slice: CForm {
  func write(_ step: CStep, _ c: inout CBody) {
    let whole = step.input(0).shape
    let outer = whole.dimensions[..<axis].reduce(1, *)
    let inner = whole.dimensions[(axis + 1)...].reduce(1, *)
    let (x, y, own, width) = (step.input(0), step.output, count * inner, whole[axis] * inner)
    c.text.loop("i", outer) { text, i in
      text.loop("j", own) { text, j in
        text.line("\(y.at(i * own + j)) = \(x.at(i * width + j + first * inner));")
      }
    }
  }
}
