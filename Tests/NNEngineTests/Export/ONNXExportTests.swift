import Testing

@testable import NNEngine

/// Models as ONNX, read back by a reader of the tests' own and run by its interpreter. onnxruntime's word is in Tests/interop.
@Suite("ONNX export")
struct ONNXExportTests {
  static func file(_ model: Model, batch: Int? = nil) throws -> ONNXFile {
    try ONNXFile(model.exportedONNX(batch: batch))
  }

  /// Expects what every file must keep to, and that it computes what predict does, for two batch sizes.
  static func expectAgreement(_ model: Model, isIndex: Bool = false, sourceLocation: SourceLocation = #_sourceLocation)
    throws
  {
    let file = try Self.file(model)
    expectOrder(file, sourceLocation: sourceLocation)
    for count in [3, 1] {
      let x = try InferenceGraphTests.samples(model, count, isIndex: isIndex)
      let values = try ONNXInterpreter.run(file, x.map { Array64($0.shape.dimensions, $0.values.map { Double($0) }) })
      let expected = try model.predict(x)
      #expect(values.count == expected.count, sourceLocation: sourceLocation)
      for (value, right) in zip(values, expected) {
        #expect(value.shape == right.shape.dimensions, sourceLocation: sourceLocation)
        expectClose(
          value.data, right.values.map { Double($0) }, relative: 2e-6, absolute: 2e-6, model.name,
          sourceLocation: sourceLocation)
      }
    }
  }

  /// Each value is made once, before it is used; names of nodes are unique; every constant is needed.
  static func expectOrder(_ file: ONNXFile, sourceLocation: SourceLocation = #_sourceLocation) {
    var known = Set(file.inputs.map(\.name))
    for (name, _) in file.initializers {
      #expect(known.insert(name).inserted, "\(name)", sourceLocation: sourceLocation)
    }
    for node in file.nodes {
      for input in node.inputs {
        #expect(known.contains(input), "\(input) of \(node.name)", sourceLocation: sourceLocation)
      }
      for output in node.outputs { #expect(known.insert(output).inserted, "\(output)", sourceLocation: sourceLocation) }
    }
    for output in file.outputs {
      #expect(known.contains(output.name), "\(output.name)", sourceLocation: sourceLocation)
    }
    #expect(Set(file.nodes.map(\.name)).count == file.nodes.count, sourceLocation: sourceLocation)
    #expect(Set(file.outputs.map(\.name)).count == file.outputs.count, sourceLocation: sourceLocation)
    let used = Set(file.nodes.flatMap(\.inputs))
    for (name, _) in file.initializers { #expect(used.contains(name), "\(name)", sourceLocation: sourceLocation) }
  }

  @Test("every layer", arguments: LayerLaws.names)
  func everyLayer(_ name: String) throws {
    let model = try InferenceGraphTests.model(name)
    try BatchNormalizationFoldingTests.fill(model)
    try Self.expectAgreement(model, isIndex: name == "Embedding")
  }

  @Test(
    "several inputs and outputs, models in models, one layer twice, an input as an output, one value as two outputs")
  func networks() throws {
    let (a, b) = (try FunctionalModelTests.input(3, "a"), try FunctionalModelTests.input(3, "b"))
    let inner = try FunctionalModelTests.twins().asLayer([a, b])
    let more = try FunctionalModelTests.dense(2, "more")(inner[1])
    let model = try Model(name: "outer", inputs: [a, b], outputs: [inner[1], more, a, more])
    try Self.expectAgreement(model)
    let file = try Self.file(model)
    #expect(file.inputs == [.init(name: "a", shape: ["batch", "3"]), .init(name: "b", shape: ["batch", "3"])])
    #expect(file.outputs.map(\.shape) == [["batch", "3"], ["batch", "2"], ["batch", "3"], ["batch", "2"]])
    #expect(file.outputs.prefix(2).map(\.name) == Array(model.outputNames.prefix(2)))
    #expect(file.nodes.contains { $0.name.hasPrefix("twins/shared/") })
    // The shared kernel is there once.
    #expect(file.initializers.count { $0.name.hasPrefix("shared/kernel") } == 1)
  }

  @Test("what the file says of itself, and the book's network: normalization in the kernels, names of layers")
  func contents() throws {
    let model = try BatchNormalizationFoldingTests.first()
    try BatchNormalizationFoldingTests.fill(model)
    try Self.expectAgreement(model)
    let file = try Self.file(model)
    #expect(file.version == 8 && file.operatorSets == ["": 17])
    #expect(file.producer == ["libnn", LibraryVersion.number])
    #expect(file.name == model.name && file.documentation.contains("\(model.parameterCount) parameters"))
    #expect(
      file.nodes.map(\.type).filter { $0 != "Reshape" } == ["Gemm", "Elu", "Gemm", "Elu", "Gemm", "Softmax"])
    #expect(file.initializers.filter { $0.tensor.type == 1 }.count == 6)
    let dense = try #require(file.nodes.first { $0.type == "Gemm" })
    #expect(dense.documentation.contains(", "))
    #expect(file.outputs.map(\.name) == model.outputNames)
  }

  @Test("images are turned round once before a row of convolutions and poolings and once behind it")
  func channelsFirst() throws {
    let model = try CExportTests.images()
    try Self.expectAgreement(model)
    let file = try Self.file(model)
    #expect(
      file.nodes.map(\.type).prefix(6) == ["Transpose", "Conv", "Relu", "MaxPool", "Conv", "Elu"])
    #expect(file.nodes.count { $0.type == "Transpose" } == 2)
    // Filters, channels, rows, columns: rearranged in the file, not by a node.
    let kernel = try #require(file.initializers.first { $0.name == "first/kernel" })
    #expect(kernel.tensor.array.shape == [4, 2, 3, 3])
  }

  @Test("one batch size: all extents are numbers")
  func fixedBatch() throws {
    let model = try FunctionalModelTests.twins()
    let file = try Self.file(model, batch: 2)
    #expect(file.inputs.map(\.shape) == [["2", "3"], ["2", "3"]])
    let x = try InferenceGraphTests.samples(model, 2)
    let values = try ONNXInterpreter.run(file, x.map { Array64($0.shape.dimensions, $0.values.map { Double($0) }) })
    for (value, right) in zip(values, try model.predict(x)) {
      expectClose(value.data, right.values.map { Double($0) }, relative: 2e-6, absolute: 2e-6)
    }
  }

  @Test("file and bytes are the same, and the same again")
  func bytes() throws {
    let folder = try TemporaryFolder()
    let model = try CExportTests.images()
    try model.exportONNX(folder.path + "/images.onnx")
    let bytes = try model.exportedONNX()
    #expect(try folder.read(folder.path + "/images.onnx") == bytes)
    #expect(try model.exportedONNX() == bytes)
    #expect(try folder.names() == ["images.onnx"])
  }

  /// Expected bytes: the examples of the format's documentation.
  @Test("the wire format")
  func wire() throws {
    var message = ProtobufMessage()
    message.append(1, 150)
    message.append(2, "testing")
    var outer = ProtobufMessage()
    outer.append(3, message)
    outer.append(1, -2)
    let sink = MemorySink()
    try outer.write(to: sink)
    #expect(
      sink.bytes == [
        0x1A, 12, 0x08, 0x96, 0x01, 0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6E, 0x67, 0x08, 0xFE, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01,
      ])
    #expect(outer.count == sink.bytes.count)
  }

  // MARK: Misuse

  @Test("what is wrong is said, and no file is left")
  func misuse() throws {
    let folder = try TemporaryFolder()
    let model = try FunctionalModelTests.twins()
    #expect(
      Evaluate.message { try model.exportONNX(folder.path + "/m.h5") }
        == "export_onnx: the file's name must end in .onnx, got '\(folder.path)/m.h5'")
    #expect(
      Evaluate.message { try model.exportONNX("/nowhere/m.onnx") }
        == "'/nowhere/m.onnx' could not be written: its folder does not exist")
    #expect(
      Evaluate.message { _ = try model.exportedONNX(batch: 0) }
        == "export_onnx: 'batch' must be a positive integer, got 0")
    let unbuilt = try Model(name: "unbuilt", layers: [Make.dense(3, "linear", "dense")])
    #expect(
      Evaluate.message { try unbuilt.exportONNX(folder.path + "/m.onnx") }
        == "unbuilt: export_onnx: the model is not built yet: the shape of its input is not known")
    #expect(
      Evaluate.message { try model.save(folder.path + "/m.onnx") }
        == "'\(folder.path)/m.onnx': ONNX is written by export_onnx, and holds no model that can be loaded here")
    #expect(try folder.names().isEmpty)
  }

  /// Not read: only its size is asked.
  @Test("more than 2 GiB is an error")
  func size() throws {
    let number = try Tensor(scalar: 1)
    let huge = Tensor(
      borrowing: UnsafeMutableRawPointer(mutating: number.bytes), shape: Shape(unchecked: [1 << 29]), dtype: .float32,
      release: { _ = number })
    var graph = ONNX.Graph(name: "huge")
    graph.initializers.append(.init(name: "kernel", contents: .numbers(huge)))
    #expect(
      Evaluate.message { _ = try graph.file(for: "export_onnx") }.contains("bytes, and ONNX allows 2147483647"))
  }
}
