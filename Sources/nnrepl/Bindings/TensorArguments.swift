import CLua
import NNEngine

extension LuaState {
  /// Pushes a new tensor; the collector hears of its size.
  func push(_ tensor: Tensor) { push(new: Boxed(tensor), cost: tensor.byteCount) }

  /// Pushes a tensor that shares another's memory.
  func push(view tensor: Tensor) { push(new: Boxed(tensor)) }

  /// Pushes one element: a boolean, an integer or a number.
  func push(elementOf tensor: Tensor, _ index: Int) {
    let value = tensor.element(index)
    switch tensor.dtype {
    case .bool: push(value != 0)
    case .int32, .uint8: push(Int(value))
    case .float32: push(value)
    }
  }

  func tensor(_ index: Int32) -> Tensor? { object(index, Boxed<Tensor>.self)?.value }

  /// A tensor, or what becomes one: a number, a boolean, evenly nested tables of them.
  func requireTensor(_ index: Int32, _ name: String) throws(LuaError) -> Tensor {
    if let tensor = tensor(index) { return tensor }
    switch type(index) {
    case .number:
      let value = number(index) ?? .nan
      return try engine { () throws(NNError) in try Tensor(scalar: Float(value)) }
    case .boolean, .table:
      do throws(LuaError) {
        return try Tensor.make(numbers(index))
      } catch {
        guard case .message(let text) = error else { throw error }
        throw .message("\(name): \(text)")
      }
    default: throw .message("\(name) must be a tensor, got \(typeName(index))")
    }
  }

  /// The data of `model:fit(x, y, {…})` or `model:fit{x, y, …}`, and the further arguments.
  func dataArguments(_ names: [String], from first: Int32 = 2) throws(LuaError) -> ([Tensor], Arguments) {
    guard top == first, type(first) == .table, rawLength(first) == 0 || !isNumbers(first) else {
      var tensors: [Tensor] = []
      for (offset, name) in names.enumerated() { tensors.append(try requireTensor(first + Int32(offset), name)) }
      return (tensors, try constructorArguments(from: first + Int32(names.count)))
    }
    var arguments = try constructorArguments(from: first)
    var tensors: [Tensor] = []
    for name in names {
      let value: Value?
      if arguments.positional.isEmpty {
        value = arguments.named[name]
        arguments.named[name] = nil
      } else {
        value = arguments.positional.removeFirst()
      }
      guard case .object(let object)? = value, let boxed = object as? Boxed<Tensor> else {
        throw .message("\(name) must be a tensor, got \(value?.text ?? "nothing")")
      }
      tensors.append(boxed.value)
    }
    return (tensors, arguments)
  }

  /// Whether a table is data rather than a call's arguments: its first element is a number, a boolean or a table.
  private func isNumbers(_ index: Int32) -> Bool {
    rawGet(1, in: index)
    defer { pop() }
    return [.number, .boolean, .table].contains(type(-1))
  }
}

extension Tensor {
  /// float32, or bool when all were booleans, unless a type is asked for.
  static func make(_ numbers: LuaNumbers, _ dtype: DType? = nil) throws(LuaError) -> Tensor {
    let dtype = dtype ?? (numbers.kind == .boolean ? .bool : .float32)
    return try engine { () throws(NNError) in
      let shape = try Shape(numbers.shape)
      guard dtype == .int32 else {
        return try Tensor(numbers.values.map { Float($0) }, shape: shape).astype(dtype)
      }
      var integers: [Int32] = []  // float32 has too few digits for them
      for value in numbers.values {
        guard let integer = Int32(exactly: value.rounded(.towardZero)) else {
          throw NNError(.invalidArgument, "\(value) does not fit int32")
        }
        integers.append(integer)
      }
      if integers.isEmpty { return try Tensor(zeros: shape, dtype: .int32) }
      return try Tensor(copying: integers, shape: shape, dtype: .int32)
    }
  }
}
