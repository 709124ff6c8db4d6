import Foundation

/// Runs an ONNX file in double precision, operator by operator as their documentation defines them (https://onnx.ai/onnx/operators): the tests' own
/// reading of what the file means.
struct ONNXInterpreter {
  typealias Value = ONNXFile.Tensor
  private(set) var values: [String: Value] = [:]

  static func run(_ file: ONNXFile, _ inputs: [Array64]) throws -> [Array64] {
    var interpreter = ONNXInterpreter()
    for (name, tensor) in file.initializers { interpreter.values[name] = tensor }
    for (port, array) in zip(file.inputs, inputs) { interpreter.values[port.name] = Value(type: 1, array: array) }
    for node in file.nodes {
      do { try interpreter.run(node) } catch { throw FixtureError("\(node.name) (\(node.type)): \(error)") }
    }
    return try file.outputs.map { port in
      guard let value = interpreter.values[port.name] else { throw FixtureError("\(port.name) was not made") }
      guard value.type == 1 else { throw FixtureError("\(port.name) is not of float") }
      return value.array
    }
  }

  private mutating func run(_ node: ONNXFile.Node) throws {
    let x = try node.inputs.map { name in
      guard let value = values[name] else { throw FixtureError("the value \(name) is not there") }
      return value
    }
    guard node.outputs.count == 1, values[node.outputs[0]] == nil else {
      throw FixtureError("one new output was expected")
    }
    values[node.outputs[0]] = try Self.result(node, x)
  }

  private static func float(_ shape: [Int], _ data: [Double]) -> Value { Value(type: 1, array: Array64(shape, data)) }

  private static func expect(_ x: Value, type: Int) throws -> Array64 {
    guard x.type == type else { throw FixtureError("type \(type) was expected, got \(x.type)") }
    return x.array
  }
  private static func integers(_ x: Value) throws -> [Int] { try expect(x, type: 7).data.map { Int($0) } }

  // MARK: Operators

  private static func result(_ node: ONNXFile.Node, _ x: [Value]) throws -> Value {
    if let f = unary[node.type] { return float(x[0].array.shape, try expect(x[0], type: 1).map(f)) }
    if let f = try parametric(node) { return float(x[0].array.shape, try expect(x[0], type: 1).map(f)) }
    if let (f, from, to) = binary[node.type] {
      // Shapes are computed with too, by Mul.
      let type = x[0].type == 7 && node.type == "Mul" ? 7 : from
      let operands = try x.map { try expect($0, type: type) }
      return Value(type: to == 1 ? type : to, array: broadcast(operands) { f($0[0], $0[1]) })
    }
    switch node.type {
    case "Identity": return x[0]
    case "Not": return Value(type: 9, array: Array64(x[0].array.shape, try expect(x[0], type: 9).map { 1 - $0 }))
    case "IsNaN": return Value(type: 9, array: Array64(x[0].array.shape, x[0].array.map { $0.isNaN ? 1 : 0 }))
    case "IsInf": return Value(type: 9, array: Array64(x[0].array.shape, x[0].array.map { $0.isInfinite ? 1 : 0 }))
    case "Where":
      let operands = [try expect(x[0], type: 9), try expect(x[1], type: 1), try expect(x[2], type: 1)]
      return Value(type: 1, array: broadcast(operands) { $0[0] != 0 ? $0[1] : $0[2] })
    case "Mod":
      guard try node.integer("fmod", 0) == 1 else { throw FixtureError("Mod of floats needs fmod") }
      return Value(type: 1, array: broadcast(try x.map { try expect($0, type: 1) }) { fmod($0[0], $0[1]) })
    case "Clip":
      let (low, high) = (try expect(x[1], type: 1).data[0], try expect(x[2], type: 1).data[0])
      return float(x[0].array.shape, x[0].array.map { min(max($0, low), high) })
    case "Cast":
      let to = try node.integer("to", 0)
      let f: (Double) -> Double = to == 9 ? { $0 != 0 ? 1 : 0 } : to == 7 ? { $0.rounded(.towardZero) } : { $0 }
      return Value(type: to, array: Array64(x[0].array.shape, x[0].array.map(f)))
    case "MatMul": return try product(try expect(x[0], type: 1), try expect(x[1], type: 1))
    case "Gemm":
      let y = try expect(x[0], type: 1).product(
        expect(x[1], type: 1), node.integer("transA", 0) == 1, node.integer("transB", 0) == 1)
      let columns = x[1].array.shape[try node.integer("transB", 0) == 1 ? 0 : 1]
      let array = Array64([y.count / columns, columns], y)
      return Value(type: 1, array: x.count < 3 ? array : broadcast([array, x[2].array]) { $0[0] + $0[1] })
    case "Softmax", "LogSoftmax":
      guard try node.integer("axis", -1) == -1 else { throw FixtureError("another axis") }
      let isLog = node.type == "LogSoftmax"
      return float(x[0].array.shape, x[0].array.rows { row in Array64.softmax(row).map { isLog ? log($0) : $0 } })
    case "ReduceSum": return try reduced(x[0], integers(x[1]), node) { $0.reduce(0, +) }
    case "ReduceProd": return try reduced(x[0], node.integers("axes") ?? [], node) { $0.reduce(1, *) }
    case "ReduceMax": return try reduced(x[0], node.integers("axes") ?? [], node) { $0.max() ?? .nan }
    case "ReduceMin": return try reduced(x[0], node.integers("axes") ?? [], node) { $0.min() ?? .nan }
    case "ArgMax", "ArgMin":
      let sign = node.type == "ArgMax" ? 1.0 : -1.0
      let y = try reduced(x[0], [node.integer("axis", 0)], node) { line in
        Double(line.indices.max { (sign * line[$0], $1) < (sign * line[$1], $0) } ?? -1)
      }
      return Value(type: 7, array: y.array)
    case "Conv", "ConvTranspose", "MaxPool", "AveragePool":
      return Value(type: 1, array: try ONNXWindows.result(node, x.map { try expect($0, type: 1) }))
    default: return try layout(node, x)
    }
  }

  private static func broadcast(_ x: [Array64], _ f: ([Double]) -> Double) -> Array64 {
    let rank = x.map(\.shape.count).max() ?? 0
    let shapes = x.map { [Int](repeating: 1, count: rank - $0.shape.count) + $0.shape }
    return Array64((0..<rank).map { axis in shapes.map { $0[axis] }.max() ?? 1 }, Array64.broadcast(x, f))
  }

  private static func product(_ a: Array64, _ b: Array64) throws -> Value {
    if a.shape.count == 2 { return float([a.shape[0], b.shape[1]], a.product(b)) }
    guard a.shape.count == 3, b.shape.count == 3, a.shape[0] == b.shape[0] else { throw FixtureError("other ranks") }
    func matrix(_ x: Array64, _ i: Int) -> Array64 {
      let size = x.shape[1] * x.shape[2]
      return Array64([x.shape[1], x.shape[2]], Array(x.data[i * size..<(i + 1) * size]))
    }
    let data = (0..<a.shape[0]).flatMap { matrix(a, $0).product(matrix(b, $0)) }
    return float([a.shape[0], a.shape[1], b.shape[2]], data)
  }

  private static func reduced(
    _ x: Value, _ axes: [Int], _ node: ONNXFile.Node, _ f: ([Double]) -> Double
  ) throws -> Value {
    guard try node.integer("keepdims", 1) == 0, let first = axes.first, axes == Array(first..<first + axes.count) else {
      throw FixtureError("axes \(axes)")
    }
    let x = try expect(x, type: 1)
    let range = first..<first + axes.count
    return float(Array(x.shape[..<first] + x.shape[range.upperBound...]), x.reduce(range, f))
  }

  private static func layout(_ node: ONNXFile.Node, _ x: [Value]) throws -> Value {
    let a = x[0].array
    switch node.type {
    case "Shape":
      let (start, end) = (try node.integer("start", 0), try node.integer("end", a.shape.count))
      return Value(type: 7, array: Array64([end - start], a.shape[start..<end].map { Double($0) }))
    case "ConstantOfShape":
      guard let value = try node.tensor("value"), value.array.shape == [1] else { throw FixtureError("no value") }
      let shape = try integers(x[0])
      return Value(
        type: value.type, array: Array64(shape, .init(repeating: value.array.data[0], count: shape.reduce(1, *))))
    case "Reshape":
      var shape = try integers(x[1])
      for (axis, extent) in shape.enumerated() where extent == 0 { shape[axis] = a.shape[axis] }
      if let free = shape.firstIndex(of: -1) { shape[free] = a.data.count / shape.filter { $0 != -1 }.reduce(1, *) }
      guard shape.reduce(1, *) == a.data.count else { throw FixtureError("\(a.shape) does not fit \(shape)") }
      return Value(type: x[0].type, array: Array64(shape, a.data))
    case "Unsqueeze":
      let axes = try integers(x[1])
      var (shape, rest) = ([Int](), a.shape[...])
      for axis in 0..<a.shape.count + axes.count { shape.append(axes.contains(axis) ? 1 : rest.removeFirst()) }
      return Value(type: x[0].type, array: Array64(shape, a.data))
    case "Transpose":
      let axes = try node.integers("perm") ?? []
      return Value(type: x[0].type, array: Array64(axes.map { a.shape[$0] }, a.transposed(axes)))
    case "Expand":
      let shape = try integers(x[1])
      let ones = Array64(shape, .init(repeating: 0, count: shape.reduce(1, *)))
      return Value(type: x[0].type, array: broadcast([a, ones]) { $0[0] })
    case "Concat":
      let axis = try node.integer("axis", 0)
      let parts = x.map(\.array)
      var shape = a.shape
      shape[axis] = parts.reduce(0) { $0 + $1.shape[axis] }
      let data = (0..<a.shape[..<axis].reduce(1, *)).flatMap { i in
        parts.flatMap { part in
          let width = part.shape[axis...].reduce(1, *)
          return part.data[i * width..<(i + 1) * width]
        }
      }
      return Value(type: x[0].type, array: Array64(shape, data))
    case "Slice":
      guard let first = try integers(x[1]).first, let end = try integers(x[2]).first,
        let axis = try integers(x[3]).first
      else { throw FixtureError("no axis") }
      let (step, extent) = (x.count > 4 ? try integers(x[4])[0] : 1, a.shape[axis])
      let from = first < 0 ? first + extent : first
      let to = step > 0 ? min(end, extent) : max(end + extent, -1)
      return Value(type: x[0].type, array: picked(a, axis, Array(stride(from: from, to: to, by: step))))
    case "Pad":
      let (edges, value) = (try integers(x[1]), x[2].array.data[0])
      var y = a
      for axis in a.shape.indices {
        let places = (-edges[axis]..<y.shape[axis] + edges[a.shape.count + axis]).map { $0 }
        y = picked(y, axis, places, outside: value)
      }
      return Value(type: 1, array: y)
    case "Gather":
      guard try node.integer("axis", 0) == 0 else { throw FixtureError("another axis") }
      let rows = picked(a, 0, try integers(x[1]))
      return Value(type: x[0].type, array: Array64(x[1].array.shape + a.shape.dropFirst(), rows.data))
    default: throw FixtureError("the operator is not known here")
    }
  }

  /// The given places of an axis; `outside` where there is none.
  private static func picked(_ x: Array64, _ axis: Int, _ places: [Int], outside: Double = .nan) -> Array64 {
    let (outer, count, inner) = x.around(axis..<axis + 1)
    var shape = x.shape
    shape[axis] = places.count
    let data = (0..<outer).flatMap { o in
      places.flatMap { place in
        (0..<inner).map { (0..<count).contains(place) ? x.data[(o * count + place) * inner + $0] : outside }
      }
    }
    return Array64(shape, data)
  }

  // MARK: Functions

  private static let unary: [String: @Sendable (Double) -> Double] = [
    "Relu": { max($0, 0) }, "Selu": { 1.0507009873554805 * ($0 > 0 ? $0 : 1.6732632423543772 * expm1($0)) },
    "Tanh": tanh, "Sigmoid": { 1 / (1 + exp(-$0)) }, "Softplus": { $0 > 30 ? $0 : log1p(exp($0)) },
    "Softsign": { $0 / (1 + abs($0)) }, "HardSigmoid": { max(0, min(1, 0.2 * $0 + 0.5)) }, "Exp": exp, "Log": log,
    "Sqrt": { $0.squareRoot() }, "Reciprocal": { 1 / $0 }, "Neg": { -$0 }, "Abs": { abs($0) },
    "Sign": { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }, "Erf": erf, "Floor": floor, "Ceil": ceil, "Round": rint, "Sin": sin,
    "Cos": cos, "Atanh": atanh,
  ]

  private static func parametric(_ node: ONNXFile.Node) throws -> ((Double) -> Double)? {
    switch node.type {
    case "Elu":
      let alpha = try node.number("alpha", 1)
      return { $0 > 0 ? $0 : alpha * expm1($0) }
    case "LeakyRelu":
      let alpha = try node.number("alpha", 0.01)
      return { $0 >= 0 ? $0 : alpha * $0 }
    case "ThresholdedRelu":
      let alpha = try node.number("alpha", 1)
      return { $0 > alpha ? $0 : 0 }
    default: return nil
    }
  }

  /// With the types of operands and of the result.
  private static let binary: [String: (@Sendable (Double, Double) -> Double, Int, Int)] = [
    "Add": ({ $0 + $1 }, 1, 1), "Sub": ({ $0 - $1 }, 1, 1), "Mul": ({ $0 * $1 }, 1, 1), "Div": ({ $0 / $1 }, 1, 1),
    "Pow": ({ pow($0, $1) }, 1, 1), "Max": ({ max($0, $1) }, 1, 1), "Min": ({ min($0, $1) }, 1, 1),
    "Equal": ({ $0 == $1 ? 1 : 0 }, 1, 9), "Less": ({ $0 < $1 ? 1 : 0 }, 1, 9),
    "LessOrEqual": ({ $0 <= $1 ? 1 : 0 }, 1, 9), "Greater": ({ $0 > $1 ? 1 : 0 }, 1, 9),
    "GreaterOrEqual": ({ $0 >= $1 ? 1 : 0 }, 1, 9), "And": ({ $0 * $1 }, 9, 9), "Or": ({ max($0, $1) }, 9, 9),
    "Xor": ({ $0 != $1 ? 1 : 0 }, 9, 9),
  ]
}
