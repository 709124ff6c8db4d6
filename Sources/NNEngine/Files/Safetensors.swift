/// The safetensors format: a length, a JSON header, and the elements one after another.
enum Safetensors {
  private static let types: [(name: String, type: ElementType)] = [
    ("F32", .float32), ("F16", .float16), ("BF16", .bfloat16), ("F64", .float64), ("I8", .int8), ("I16", .int16),
    ("I32", .int32), ("I64", .int64), ("U8", .uint8), ("BOOL", .bool),
  ]
  private static let largestHeader = 100_000_000

  static func write(
    _ tensors: [StoredTensor], metadata: [(String, String)], to sink: any ByteSink
  ) throws(NNError) {
    var entries: [(String, Value)] = []
    if !metadata.isEmpty {
      entries.append(("__metadata__", .table(Value.Table(distinct: metadata.map { ($0.0, .string($0.1)) }))))
    }
    var at = 0
    var names: Set<String> = ["__metadata__"]
    for tensor in tensors {
      guard names.insert(tensor.name).inserted else {
        throw NNError(.notSupported, "the name '\(tensor.name)' would be twice in the file")
      }
      guard let type = types.first(where: { $0.type == tensor.type })?.name else {
        throw NNError(.internal, "'\(tensor.name)' has an unknown type")
      }
      entries.append(
        (
          tensor.name,
          .table(
            Value.Table([
              ("dtype", .string(type)), ("shape", .list(tensor.shape.dimensions.map { .integer($0) })),
              ("data_offsets", .list([.integer(at), .integer(at + tensor.byteCount)])),
            ]))
        ))
      at += tensor.byteCount
    }
    var header = Array(JSON.text(.table(Value.Table(distinct: entries))).utf8)
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    try sink.write(LittleEndian.of(header.count, bytes: 8))
    try sink.write(header)
    for tensor in tensors { try tensor.write(to: sink) }
  }

  /// The tensors in the order of their data, and the metadata.
  static func read(_ source: ByteSource) throws(NNError) -> (tensors: [StoredTensor], metadata: [String: String]) {
    guard source.count >= 8 else { throw source.error("is not a safetensors file, or cut off") }
    let size = try source.integer(at: 0, bytes: 8)
    guard size <= largestHeader, size <= source.count - 8 else {
      throw source.error("is not a safetensors file, or cut off: its header should have \(size) bytes")
    }
    let header = try source.bytes(at: 8, count: size)
    guard header.first == UInt8(ascii: "{") else { throw source.error("is not a safetensors file") }
    guard let table = try JSONReader.parse(header, source.name).table else { throw source.error("has a wrong header") }
    var metadata: [String: String] = [:]
    var found: [(first: Int, end: Int, tensor: StoredTensor)] = []
    let data = 8 + size
    for (name, value) in table.entries {
      if name == "__metadata__" {
        for (key, text) in value.table?.entries ?? [] {
          guard let text = text.string else { throw source.error("has metadata that are no texts") }
          metadata[key] = text
        }
        continue
      }
      guard !name.isEmpty, !name.utf8.contains(0), let table = value.table,
        let type = types.first(where: { $0.name == table["dtype"]?.string })?.type,
        let dimensions = try [Int].decode(table["shape"] ?? .null),
        let offsets = try [Int].decode(table["data_offsets"] ?? .null), offsets.count == 2,
        0 <= offsets[0], offsets[0] <= offsets[1], offsets[1] <= source.count - data
      else { throw source.error("has a wrong entry '\(name.prefix(60))'") }
      let shape: Shape
      do throws(NNError) { shape = try Shape(dimensions) } catch {
        throw source.error("has a wrong shape in '\(name.prefix(60))': \(error.message)")
      }
      let tensor = try StoredTensor(name, shape, type, in: source, at: data + offsets[0])
      guard tensor.byteCount == offsets[1] - offsets[0] else {
        throw source.error("has \(offsets[1] - offsets[0]) bytes for '\(name.prefix(60))' of shape \(shape)")
      }
      found.append((offsets[0], offsets[1], tensor))
    }
    // Whole, without holes: nothing hides between tensors, and no two share bytes.
    found.sort { ($0.first, $0.end) < ($1.first, $1.end) }
    var end = 0
    for part in found {
      guard part.first == end else { throw source.error("is damaged: its tensors overlap, or leave a hole") }
      end = part.end
    }
    guard data + end == source.count else { throw source.error("is cut off, or has bytes that belong to no tensor") }
    return (found.map(\.tensor), metadata)
  }
}
