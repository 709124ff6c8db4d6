import Foundation

/// A message in the wire format of Protocol Buffers: for each field number what was there, in order.
struct WireMessage {
  enum Field {
    case varint(Int)
    case fixed32(UInt32)
    case bytes([UInt8])
  }
  private(set) var fields: [Int: [Field]] = [:]

  init(_ bytes: [UInt8]) throws {
    var at = 0
    func varint() throws -> Int {
      var (result, shift) = (UInt64(0), UInt64(0))
      while true {
        guard at < bytes.count, shift < 64 else { throw FixtureError("a varint is cut off at \(at)") }
        result |= UInt64(bytes[at] & 0x7F) << shift
        at += 1
        if bytes[at - 1] < 0x80 { return Int(truncatingIfNeeded: result) }
        shift += 7
      }
    }
    while at < bytes.count {
      let key = try varint()
      let field: Field
      switch key & 7 {
      case 0: field = .varint(try varint())
      case 2:
        let count = try varint()
        guard count >= 0, count <= bytes.count - at else { throw FixtureError("field \(key >> 3) is cut off") }
        field = .bytes(Array(bytes[at..<at + count]))
        at += count
      case 5:
        guard bytes.count - at >= 4 else { throw FixtureError("field \(key >> 3) is cut off") }
        field = .fixed32((0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << (8 * $1) })
        at += 4
      default: throw FixtureError("field \(key >> 3) is of the unknown kind \(key & 7)")
      }
      fields[key >> 3, default: []].append(field)
    }
  }

  func integers(_ field: Int) -> [Int] {
    (fields[field] ?? []).compactMap { if case .varint(let n) = $0 { n } else { nil } }
  }
  func integer(_ field: Int) -> Int? { integers(field).last }
  func bytes(_ field: Int) -> [[UInt8]] {
    (fields[field] ?? []).compactMap { if case .bytes(let b) = $0 { b } else { nil } }
  }
  func texts(_ field: Int) -> [String] { bytes(field).map { String(decoding: $0, as: UTF8.self) } }
  func text(_ field: Int) -> String { texts(field).last ?? "" }
  func messages(_ field: Int) throws -> [WireMessage] { try bytes(field).map { try WireMessage($0) } }
  func numbers(_ field: Int) -> [Float] {
    (fields[field] ?? []).compactMap { if case .fixed32(let n) = $0 { Float(bitPattern: n) } else { nil } }
  }
}

/// An ONNX file as the tests see it, read by the field numbers of onnx.proto.
struct ONNXFile {
  /// A tensor of float (1), int64 (7) or bool (9).
  struct Tensor {
    var type: Int
    var array: Array64
  }

  struct Node {
    let name: String
    let type: String
    let inputs: [String]
    let outputs: [String]
    let documentation: String
    private let attributes: [String: WireMessage]

    init(_ message: WireMessage) throws {
      (name, type, documentation) = (message.text(3), message.text(4), message.text(6))
      (inputs, outputs) = (message.texts(1), message.texts(2))
      attributes = Dictionary(uniqueKeysWithValues: try message.messages(5).map { ($0.text(1), $0) })
    }

    var attributeNames: Set<String> { Set(attributes.keys) }
    func integer(_ name: String, _ usual: Int) throws -> Int {
      guard let attribute = attributes[name] else { return usual }
      guard attribute.integer(20) == 2, let value = attribute.integer(3) else {
        throw FixtureError("\(name) is no integer")
      }
      return value
    }
    func integers(_ name: String) throws -> [Int]? {
      guard let attribute = attributes[name] else { return nil }
      guard attribute.integer(20) == 7 else { throw FixtureError("\(name) is no list of integers") }
      return attribute.integers(8)
    }
    func number(_ name: String, _ usual: Double) throws -> Double {
      guard let attribute = attributes[name] else { return usual }
      guard attribute.integer(20) == 1, let value = attribute.numbers(2).first else {
        throw FixtureError("\(name) is no number")
      }
      return Double(value)
    }
    func tensor(_ name: String) throws -> Tensor? {
      guard let attribute = attributes[name] else { return nil }
      guard attribute.integer(20) == 4, let value = try attribute.messages(5).first else {
        throw FixtureError("\(name) is no tensor")
      }
      return try ONNXFile.tensor(value)
    }
  }

  struct Port: Equatable {
    let name: String
    /// Numbers, or names of extents.
    let shape: [String]
  }

  let version: Int
  let operatorSets: [String: Int]
  let producer: [String]
  let name: String
  let documentation: String
  let nodes: [Node]
  let initializers: [(name: String, tensor: Tensor)]
  let inputs: [Port]
  let outputs: [Port]

  init(_ bytes: [UInt8]) throws {
    let model = try WireMessage(bytes)
    version = model.integer(1) ?? 0
    producer = [model.text(2), model.text(3)]
    documentation = model.text(6)
    operatorSets = Dictionary(uniqueKeysWithValues: try model.messages(8).map { ($0.text(1), $0.integer(2) ?? 0) })
    guard let graph = try model.messages(7).first else { throw FixtureError("there is no graph") }
    name = graph.text(2)
    nodes = try graph.messages(1).map { try Node($0) }
    initializers = try graph.messages(5).map { ($0.text(8), try ONNXFile.tensor($0)) }
    inputs = try graph.messages(11).map { try ONNXFile.port($0) }
    outputs = try graph.messages(12).map { try ONNXFile.port($0) }
  }

  private static func tensor(_ message: WireMessage) throws -> Tensor {
    let (shape, type) = (message.integers(1), message.integer(2) ?? 0)
    let raw = message.bytes(9).last ?? []
    func words(_ size: Int) -> [UInt64] {
      stride(from: 0, to: raw.count, by: size).map { at in
        (0..<size).reduce(0) { $0 | UInt64(raw[at + $1]) << (8 * $1) }
      }
    }
    let values: [Double] =
      switch type {
      case 1:
        (message.numbers(4) + words(4).map { Float(bitPattern: UInt32($0)) }).map { Double($0) }
      case 7: words(8).map { Double(Int64(bitPattern: $0)) }
      default: throw FixtureError("tensors of type \(type) are not read")
      }
    guard values.count == shape.reduce(1, *) else { throw FixtureError("\(values.count) elements for shape \(shape)") }
    return Tensor(type: type, array: Array64(shape, values))
  }

  private static func port(_ message: WireMessage) throws -> Port {
    guard let type = try message.messages(2).first?.messages(1).first, type.integer(1) == 1 else {
      throw FixtureError("\(message.text(1)) is no tensor of float")
    }
    let dimensions = try type.messages(2).first?.messages(1) ?? []
    return Port(name: message.text(1), shape: dimensions.map { $0.integer(1).map(String.init) ?? $0.text(2) })
  }
}
