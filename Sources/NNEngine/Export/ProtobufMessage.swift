/// A message in the wire format of Protocol Buffers: fields one after another, each a number and a kind in front of its contents. The part of it
/// that ONNX needs, without a library: https://protobuf.dev/programming-guides/encoding. Tensors are not copied into it.
struct ProtobufMessage {
  private enum Piece {
    case bytes([UInt8])
    case tensor(Tensor)
  }

  /// How many bytes it has.
  private(set) var count = 0
  private var pieces: [Piece] = []

  private enum Wire: Int {
    case varint = 0
    case lengthDelimited = 2
    case fixed32 = 5
  }

  mutating func append(_ field: Int, _ value: Int) {
    append(ProtobufMessage.key(field, .varint) + ProtobufMessage.varint(value))
  }

  mutating func append(_ field: Int, _ value: Float) {
    append(ProtobufMessage.key(field, .fixed32) + LittleEndian.of(Int(value.bitPattern), bytes: 4))
  }

  mutating func append(_ field: Int, _ text: String) {
    let bytes = Array(text.utf8)
    append(ProtobufMessage.key(field, .lengthDelimited) + ProtobufMessage.varint(bytes.count) + bytes)
  }

  mutating func append(_ field: Int, _ message: ProtobufMessage) {
    append(ProtobufMessage.key(field, .lengthDelimited) + ProtobufMessage.varint(message.count))
    for piece in message.pieces {
      if case .bytes(let bytes) = piece { append(bytes) } else { pieces.append(piece) }
    }
    count += message.count - message.byteCount
  }

  /// Numbers as little-endian int64, as raw bytes.
  mutating func append(_ field: Int, raw integers: [Int]) {
    append(ProtobufMessage.key(field, .lengthDelimited) + ProtobufMessage.varint(8 * integers.count))
    append(integers.flatMap { LittleEndian.of($0, bytes: 8) })
  }

  /// Elements of float32, as raw bytes.
  mutating func append(_ field: Int, raw tensor: Tensor) {
    let size = tensor.shape.count * MemoryLayout<Float>.stride
    append(ProtobufMessage.key(field, .lengthDelimited) + ProtobufMessage.varint(size))
    pieces.append(.tensor(tensor))
    count += size
  }

  func write(to sink: any ByteSink) throws(NNError) {
    for piece in pieces {
      switch piece {
      case .bytes(let bytes): try sink.write(bytes)
      case .tensor(let tensor):
        let size = tensor.shape.count * MemoryLayout<Float>.stride
        try sink.write(UnsafeRawBufferPointer(start: tensor.bytes, count: size))
        withExtendedLifetime(tensor) {}
      }
    }
  }

  /// Without those of tensors.
  private var byteCount: Int {
    pieces.reduce(0) { if case .bytes(let bytes) = $1 { $0 + bytes.count } else { $0 } }
  }

  /// Small pieces are joined.
  private mutating func append(_ new: [UInt8]) {
    count += new.count
    if case .bytes(var bytes) = pieces.last {
      pieces.removeLast()
      bytes += new
      pieces.append(.bytes(bytes))
    } else {
      pieces.append(.bytes(new))
    }
  }

  private static func key(_ field: Int, _ wire: Wire) -> [UInt8] { varint(field << 3 | wire.rawValue) }

  /// Seven bits a byte, the lowest first; a negative number is its 64 bits.
  private static func varint(_ value: Int) -> [UInt8] {
    var rest = UInt64(bitPattern: Int64(value))
    var bytes: [UInt8] = []
    repeat {
      let more = rest > 0x7F
      bytes.append(UInt8(rest & 0x7F) | (more ? 0x80 : 0))
      rest >>= 7
    } while rest > 0
    return bytes
  }
}
