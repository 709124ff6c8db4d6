// Names and documentation are those of include/nn.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

public import CNN
internal import Glibc
internal import NNEngine

@c @implementation
public func nn_tensor_new(
  _ tensor: UnsafeMutablePointer<OpaquePointer?>?, _ dtype: nn_dtype, _ rank: Int32, _ shape: UnsafePointer<Int64>?,
  _ data: UnsafeRawPointer?
) -> nn_status {
  entry("nn_tensor_new") { () throws(NNError) in
    let out = try Given.handle(tensor, "tensor")
    let (dtype, shape) = (try Given.dtype(dtype), try Given.shape(rank, shape))
    let made =
      if let data { try Tensor(copying: data, shape: shape, dtype: dtype) } else {
        try Tensor(zeros: shape, dtype: dtype)
      }
    out.pointee = Handles.new(.tensor(made))
  }
}

@c @implementation
public func nn_tensor_borrow(
  _ tensor: UnsafeMutablePointer<OpaquePointer?>?, _ dtype: nn_dtype, _ rank: Int32, _ shape: UnsafePointer<Int64>?,
  _ data: UnsafeMutableRawPointer?, _ release: nn_release?, _ user: UnsafeMutableRawPointer?
) -> nn_status {
  entry("nn_tensor_borrow") { () throws(NNError) in
    let out = try Given.handle(tensor, "tensor")
    let (dtype, shape) = (try Given.dtype(dtype), try Given.shape(rank, shape))
    guard let data else { throw Given.isNull("data") }
    guard UInt(bitPattern: data) % UInt(dtype.byteCount) == 0 else {
      throw NNError(.invalidArgument, "argument 'data' is not aligned for \(dtype.name)")
    }
    if dtype == .bool {
      let bytes = UnsafeRawBufferPointer(start: data, count: shape.count)
      if let position = bytes.firstIndex(where: { $0 > 1 }) {
        throw NNError(
          .invalidArgument, "argument 'data' holds \(bytes[position]) at position \(position), expected 0 or 1 in bool")
      }
    }
    let made = Tensor(borrowing: data, shape: shape, dtype: dtype) { release?(data, user) }
    out.pointee = Handles.new(.tensor(made))
  }
}

@c @implementation
public func nn_tensor_free(_ tensor: OpaquePointer?) { Handles.free(tensor, .tensor) }

@c @implementation
public func nn_tensor_dtype(_ tensor: OpaquePointer?) -> nn_dtype {
  getter("nn_tensor_dtype", -1) { () throws(NNError) in
    // Symbols compute in float32.
    try (Handles.operand(tensor).tensor?.dtype ?? .float32).rawValue
  }
}

@c @implementation
public func nn_tensor_rank(_ tensor: OpaquePointer?) -> Int32 {
  getter("nn_tensor_rank", -1) { () throws(NNError) in Int32(try Handles.operand(tensor).shape.rank) }
}

@c @implementation
public func nn_tensor_shape(_ tensor: OpaquePointer?) -> UnsafePointer<Int64>? {
  getter("nn_tensor_shape", nil) { () throws(NNError) in
    let extents = try Handles.operand(tensor).shape.dimensions.map(Int64.init)
    let size = extents.count * MemoryLayout<Int64>.stride
    return try Handles.find(tensor, .tensor, "tensor").lend("shape", byteCount: size) {
      $0.copyMemory(from: extents, byteCount: size)
    }.assumingMemoryBound(to: Int64.self)
  }
}

@c @implementation
public func nn_tensor_count(_ tensor: OpaquePointer?) -> Int64 {
  getter("nn_tensor_count", -1) { () throws(NNError) in Int64(try Handles.operand(tensor).shape.count) }
}

@c @implementation
public func nn_tensor_data(_ tensor: OpaquePointer?) -> UnsafeRawPointer? {
  getter("nn_tensor_data", nil) { () throws(NNError) in try Handles.tensor(tensor).bytes }
}

@c @implementation
public func nn_tensor_read(_ out: UnsafeMutableRawPointer?, _ size: Int, _ tensor: OpaquePointer?) -> nn_status {
  entry("nn_tensor_read") { () throws(NNError) in
    guard let out else { throw Given.isNull("out") }
    let tensor = try Handles.tensor(tensor)
    // size_t beyond Int.max arrives as a negative number, and is room enough.
    guard size < 0 || size >= tensor.byteCount else {
      throw NNError(
        .invalidArgument,
        "argument 'size' is \(size), but a \(tensor.dtype.name) tensor of shape \(tensor.shape) has \(tensor.byteCount) bytes"
      )
    }
    out.copyMemory(from: tensor.bytes, byteCount: tensor.byteCount)
  }
}

@c @implementation
public func nn_tensor_item(_ value: UnsafeMutablePointer<Double>?, _ tensor: OpaquePointer?) -> nn_status {
  entry("nn_tensor_item") { () throws(NNError) in
    let out = try Given.pointer(value, "value")
    out.pointee = try Handles.tensor(tensor).item()
  }
}
