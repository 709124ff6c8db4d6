// Names and documentation are those of include/nn.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

public import CNN
internal import NNEngine

@c @implementation
public func nn_tensor_slice(
  _ slice: UnsafeMutablePointer<OpaquePointer?>?, _ tensor: OpaquePointer?, _ first: Int64, _ end: Int64
) -> nn_status {
  entry("nn_tensor_slice") { () throws(NNError) in
    let out = try Given.handle(slice, "slice")
    guard first <= end else {
      throw NNError(.shape, "argument 'first' is \(first), which is beyond 'end' \(end)")
    }
    if case .symbol(let symbol) = try Handles.operand(tensor) {
      let rows = symbol.shape.dimensions.first ?? 0
      guard first >= 0, end <= rows else {
        throw NNError(.shape, "rows \(first) ..< \(end) are not inside 0 ..< \(rows)")
      }
      let part = try symbol.with { (x) throws(NNError) in
        try x.slice(axis: 0, first: Int(first), count: Int(end - first))
      }
      out.pointee = Handles.new(.symbol(part))
      return
    }
    let tensor = try Handles.tensor(tensor)
    out.pointee = Handles.new(.tensor(try tensor.slice(Int(first)..<Int(end))))
  }
}

@c @implementation
public func nn_tensor_take(
  _ taken: UnsafeMutablePointer<OpaquePointer?>?, _ tensor: OpaquePointer?, _ count: Int64,
  _ rows: UnsafePointer<Int64>?
) -> nn_status {
  entry("nn_tensor_take") { () throws(NNError) in
    let out = try Given.handle(taken, "taken")
    let tensor = try Handles.tensor(tensor)
    guard let rows else { throw Given.isNull("rows") }
    guard count >= 0, count <= Int64(Int32.max) else {
      throw NNError(.invalidArgument, "argument 'count' must be 0 ... \(Int32.max), got \(count)")
    }
    let indices = UnsafeBufferPointer(start: rows, count: Int(count)).map { Int($0) }
    out.pointee = Handles.new(.tensor(try tensor.take(indices)))
  }
}

@c @implementation
public func nn_tensor_reshape(
  _ reshaped: UnsafeMutablePointer<OpaquePointer?>?, _ tensor: OpaquePointer?, _ rank: Int32,
  _ shape: UnsafePointer<Int64>?
) -> nn_status {
  entry("nn_tensor_reshape") { () throws(NNError) in
    let out = try Given.handle(reshaped, "reshaped")
    let extents = try Given.extents(rank, shape)
    switch try Handles.operand(tensor) {
    case .tensor(let tensor): out.pointee = Handles.new(.tensor(try tensor.reshaped(extents)))
    case .symbol(let symbol):
      out.pointee = Handles.new(.symbol(try symbol.with { (x) throws(NNError) in try x.reshaped(extents) }))
    }
  }
}

@c @implementation
public func nn_tensor_astype(
  _ converted: UnsafeMutablePointer<OpaquePointer?>?, _ tensor: OpaquePointer?, _ dtype: nn_dtype
) -> nn_status {
  entry("nn_tensor_astype") { () throws(NNError) in
    let out = try Given.handle(converted, "converted")
    let tensor = try Handles.tensor(tensor)
    out.pointee = Handles.new(.tensor(try tensor.astype(Given.dtype(dtype))))
  }
}

@c @implementation
public func nn_tensor_apply(
  _ result: UnsafeMutablePointer<OpaquePointer?>?, _ name: UnsafePointer<CChar>?, _ count: Int32,
  _ tensors: UnsafePointer<OpaquePointer?>?, _ options: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_tensor_apply") { () throws(NNError) in
    let out = try Given.handle(result, "result")
    let function = try TensorFunctions.named(Given.text(name, "name"))
    let operands = try Given.operands(count, tensors)
    let arguments = Arguments([], try Given.object(options, "options"))
    let numbers = operands.compactMap(\.tensor)
    out.pointee = Handles.new(
      numbers.count == operands.count
        ? .tensor(try function(numbers, arguments)) : .symbol(try function(operands, arguments)))
  }
}
