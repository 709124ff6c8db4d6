/// What stands in an ONNX file, as far as models here need it: https://onnx.ai/onnx/repo-docs/IR.html. Field numbers are those of onnx.proto.
enum ONNX {
  /// The set of operators whose meaning is meant: 17, of onnx 1.12 (2022), has all that is used.
  static let operatorSet = 17
  /// The version of the file's own structure that goes with it.
  static let fileVersion = 8

  enum ElementType: Int {
    case float = 1
    case int64 = 7
    case bool = 9
  }

  struct Node {
    let name: String
    let type: String
    var inputs: [String]
    var outputs: [String]
    let attributes: [Attribute]
    /// Which layers' work it is.
    let documentation: String
  }

  struct Attribute {
    let name: String
    let value: Value

    enum Value {
      case integer(Int)
      case integers([Int])
      case number(Float)
      /// A tensor with one element.
      case element(Float)
    }

    init(_ name: String, _ value: Int) { (self.name, self.value) = (name, .integer(value)) }
    init(_ name: String, _ value: [Int]) { (self.name, self.value) = (name, .integers(value)) }
    init(_ name: String, _ value: Float) { (self.name, self.value) = (name, .number(value)) }
    init(_ name: String, element: Float) { (self.name, value) = (name, .element(element)) }
  }

  struct Initializer {
    let name: String
    let contents: Contents

    enum Contents {
      case numbers(Tensor)
      /// A scalar.
      case number(Float)
      /// A vector.
      case integers([Int])
    }
  }

  /// An input or output of the whole.
  struct Port {
    let name: String
    let shape: [ONNXExtent]
  }

  struct Graph {
    let name: String
    var documentation = ""
    var nodes: [Node] = []
    var initializers: [Initializer] = []
    var inputs: [Port] = []
    var outputs: [Port] = []
  }
}

/// An extent of a shape, for any batch size.
enum ONNXExtent: Hashable {
  case fixed(Int)
  /// A multiple of the batch size.
  case batch(times: Int)
}

// MARK: As messages

extension ONNX.Graph {
  /// The whole file, if it is not larger than Protocol Buffers allow.
  func file(for call: String) throws(NNError) -> ProtobufMessage {
    let file = model
    guard file.count <= Int(Int32.max) else {
      throw NNError(
        .notSupported, "\(call): the file would have \(file.count) bytes, and ONNX allows \(Int32.max)", path: [name])
    }
    return file
  }

  private var model: ProtobufMessage {
    var model = ProtobufMessage()
    model.append(1, ONNX.fileVersion)
    model.append(2, "libnn")
    model.append(3, LibraryVersion.number)
    model.append(6, documentation)
    model.append(7, message)
    var operators = ProtobufMessage()
    operators.append(1, "")
    operators.append(2, ONNX.operatorSet)
    model.append(8, operators)
    return model
  }

  private var message: ProtobufMessage {
    var graph = ProtobufMessage()
    for node in nodes { graph.append(1, node.message) }
    graph.append(2, name)
    for initializer in initializers { graph.append(5, initializer.message) }
    for port in inputs { graph.append(11, port.message) }
    for port in outputs { graph.append(12, port.message) }
    return graph
  }
}

extension ONNX.Node {
  fileprivate var message: ProtobufMessage {
    var node = ProtobufMessage()
    for input in inputs { node.append(1, input) }
    for output in outputs { node.append(2, output) }
    node.append(3, name)
    node.append(4, type)
    for attribute in attributes { node.append(5, attribute.message) }
    if !documentation.isEmpty { node.append(6, documentation) }
    return node
  }
}

extension ONNX.Attribute {
  fileprivate var message: ProtobufMessage {
    var attribute = ProtobufMessage()
    attribute.append(1, name)
    let kind: Int
    switch value {
    case .number(let x):
      attribute.append(2, x)
      kind = 1
    case .integer(let n):
      attribute.append(3, n)
      kind = 2
    case .element(let x):
      var tensor = ProtobufMessage()
      tensor.append(1, 1)
      tensor.append(2, ONNX.ElementType.float.rawValue)
      tensor.append(4, x)
      attribute.append(5, tensor)
      kind = 4
    case .integers(let list):
      for n in list { attribute.append(8, n) }
      kind = 7
    }
    attribute.append(20, kind)
    return attribute
  }
}

extension ONNX.Initializer {
  fileprivate var message: ProtobufMessage {
    var tensor = ProtobufMessage()
    switch contents {
    case .numbers(let numbers):
      for extent in numbers.shape.dimensions { tensor.append(1, extent) }
      tensor.append(2, ONNX.ElementType.float.rawValue)
      tensor.append(8, name)
      tensor.append(9, raw: numbers)
    case .number(let x):
      tensor.append(2, ONNX.ElementType.float.rawValue)
      tensor.append(4, x)
      tensor.append(8, name)
    case .integers(let list):
      tensor.append(1, list.count)
      tensor.append(2, ONNX.ElementType.int64.rawValue)
      tensor.append(8, name)
      tensor.append(9, raw: list)
    }
    return tensor
  }
}

extension ONNX.Port {
  fileprivate var message: ProtobufMessage {
    var shape = ProtobufMessage()
    for extent in self.shape {
      var dimension = ProtobufMessage()
      switch extent {
      case .fixed(let n): dimension.append(1, n)
      case .batch(let times): dimension.append(2, times == 1 ? "batch" : "\(times)*batch")
      }
      shape.append(1, dimension)
    }
    var tensor = ProtobufMessage()
    tensor.append(1, ONNX.ElementType.float.rawValue)
    tensor.append(2, shape)
    var type = ProtobufMessage()
    type.append(1, tensor)
    var port = ProtobufMessage()
    port.append(1, name)
    port.append(2, type)
    return port
  }
}
