import Foundation
import Testing

@testable import NNEngine

/// Models as C: compiled with all warnings, the files' self-tests compare with what predict computes.
@Suite("C export")
struct CExportTests {
  static func text(_ model: Model, _ name: String? = nil, weights: String = "float32", samples: [Tensor]? = nil) throws
    -> String
  {
    String(decoding: try model.exportedC(name: name, weights: weights, samples: samples), as: UTF8.self)
  }

  /// An image net: convolutions with each padding, strides, pooling, normalization.
  static func images() throws -> Model {
    let model = try Model(
      name: "images",
      layers: [
        Make.layer(
          "Conv2D",
          #"{"name": "first", "filters": 4, "kernel_size": 3, "padding": "same", "input_shape": [9, 8, 2], "use_bias": false}"#),
        BatchNormalizationFoldingTests.normalization("bn"), Make.layer("ReLU", #"{"name": "relu"}"#),
        Make.layer("MaxPooling2D", #"{"name": "pool"}"#),
        Make.layer(
          "Conv2D", #"{"name": "second", "filters": 5, "kernel_size": 2, "strides": 2, "activation": "elu"}"#),
        Make.layer("GlobalAveragePooling2D", #"{"name": "mean"}"#), Make.layer("Dropout", #"{"rate": 0.5, "name": "drop"}"#),
        Make.dense(3, "softmax", "classes"),
      ])
    try BatchNormalizationFoldingTests.fill(model)
    return model
  }

  @Test("every layer, with float32 and with int8 weights", arguments: CWeights.allCases)
  func everyLayer(_ weights: CWeights) throws {
    var program = try CProgram()
    for name in LayerLaws.names {
      let model = try InferenceGraphTests.model(name)
      try BatchNormalizationFoldingTests.fill(model)
      try program.add(model.exportedC(name: program.nextName, weights: weights.rawValue))
    }
    for model in [try Self.images(), try FunctionalModelTests.twins(), try BatchNormalizationFoldingTests.first()] {
      try program.add(model.exportedC(name: program.nextName, weights: weights.rawValue))
    }
    try program.expectContent()
  }

  @Test("models in models, one layer twice, an input as an output, one value as two outputs")
  func networks() throws {
    var program = try CProgram()
    let (a, b) = (try FunctionalModelTests.input(3, "float"), try FunctionalModelTests.input(3, "a b"))
    let inner = try FunctionalModelTests.twins().asLayer([a, b])
    let more = try FunctionalModelTests.dense(2, "workspace")(inner[1])
    let model = try Model(name: "1 of 2 */", inputs: [a, b], outputs: [inner[1], more, a, more])
    try program.add(model.exportedC(name: program.nextName))
    try program.expectContent()
    let text = try Self.text(model)
    #expect(text.contains("int v1_of_2____predict(const float *float_2, const float *a_b, size_t n, float *"))
    #expect(!text.contains("2 */'"))
  }

  /// The stored expectations are predict's, not only the exported graph's.
  @Test("the file's expectations are predict's numbers for the given samples")
  func samples() throws {
    let model = try Self.images()
    let x = try InferenceGraphTests.samples(model, 2)
    let text = try Self.text(model, samples: x)
    let block = try #require(text.split(separator: "images_expected_y[6] = {").last?.split(separator: "}").first)
    let numbers = block.split { ",\n ".contains($0) }.compactMap { Float($0.dropLast()) }
    expectClose(numbers, try model.predict(x)[0].values, relative: 1e-5, absolute: 1e-6)
  }

  /// A weight in eight bits is off by half a step at most; the header says how far the outputs are.
  @Test("int8: symmetric, a scale for each column, the rounding within half a step")
  func int8() throws {
    let tensor = try Tensor([1, -200, 0, 0.5, 50, 0, -0.25, 3, 0], shape: Shape([3, 3]))
    let kernel = try Int8Kernel(tensor)
    #expect(kernel.scales == [1 / 127, 200 / 127, 1])
    #expect(kernel.values == [127, -127, 0, 64, 32, 0, -32, 2, 0])
    let back = try kernel.dequantized()
    for i in 0..<9 { #expect(abs(back.element(i) - tensor.element(i)) <= Double(kernel.scales[i % 3]) / 2 * 1.0001) }
    let model = try Self.images()
    let text = try Self.text(model, weights: "int8")
    #expect(text.contains("static const signed char images_first_kernel[72]"))
    #expect(text.contains("static const float images_first_kernel_scale[4]"))
    let distance = try #require(
      text.split(separator: "float32 model by ").last?.split(separator: " ").first.flatMap { Double($0) })
    #expect(distance > 0 && distance < 0.03)
    // A kernel that is no number has no scale.
    let bias = try #require(model.variables.first { $0.path == "classes/kernel" })
    try bias.set(Tensor(.infinity, shape: bias.shape))
    #expect(
      Evaluate.message { _ = try Self.text(model, weights: "int8") }
        == "images/classes/kernel: the kernel holds NaN or infinity, which int8 cannot say")
  }

  /// C's decimal numbers are read back to the bit.
  @Test("numbers survive")
  func numbers() throws {
    var values: [Float] = [0, -0.0, 1, -1, .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, 0.1, 1e16, 1e-5]
    var random = TestNumbers(3)
    values += random.floats(200)
    for x in values {
      let text = CNumber.text(x)
      #expect(text.hasSuffix("f") && (text.contains(".") || text.contains("e")))
      #expect(Float(text.dropLast())?.bitPattern == x.bitPattern, "\(text)")
    }
    #expect(CNumber.text(.infinity) == "INFINITY" && CNumber.text(-.infinity) == "-INFINITY" && CNumber.text(.nan) == "NAN")
  }

  @Test("as C++, and the declarations alone")
  func others() throws {
    let folder = try TemporaryFolder()
    let model = try FunctionalModelTests.twins()
    try model.exportC(folder.path + "/twins.c")
    let user = """
      #define TWINS_DECLARATIONS
      #include "twins.c"
      #include "twins.c"
      #undef TWINS_DECLARATIONS
      #include "twins.c"
      int main(void) {
        static float a[2 * TWINS_A_SIZE], b[2 * TWINS_B_SIZE], same[2 * TWINS_SAME_SIZE], kind[2 * TWINS_KIND_SIZE];
        return twins_predict(a, b, 2, same, kind) == 0 && kind[0] + kind[1] + kind[2] > 0.999f ? 0 : 1;
      }
      """
    for (name, flags) in [
      ("main.c", CCompiler.flags),
      ("main.cpp", ["-std=c++11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-O1"]),
    ] {
      let (output, status) = try CCompiler.run(folder.write(name, Array(user.utf8)), in: folder, flags: flags)
      #expect(status == 0, "\(output)")
    }
    #expect(try folder.names().contains("twins.c"))
  }

  @Test("a self-test notices a wrong number")
  func selfTest() throws {
    let folder = try TemporaryFolder()
    var text = try Self.text(try FunctionalModelTests.twins())
    let place = try #require(text.range(of: "twins_shared_kernel[12] = {\n  "))
    text.insert(contentsOf: "9", at: text.index(after: place.upperBound))
    let (output, status) = try CCompiler.run(
      folder.write("wrong.c", Array(text.utf8)), in: folder, flags: CCompiler.flags + ["-DTWINS_SELF_TEST"])
    #expect(status == 1 && output.contains("WRONG"), "\(output)")
  }

  // MARK: Misuse

  @Test("what is wrong is said")
  func misuse() throws {
    let model = try Self.images()
    let folder = try TemporaryFolder()
    func message(_ body: () throws -> Void) -> String { Evaluate.message(body) }
    #expect(
      message { try model.exportC(folder.path + "/images.h5") }
        == "export_c: the file's name must end in .c, .cc, .cpp, .h, got '\(folder.path)/images.h5'")
    #expect(
      message { try model.exportC("/nowhere/images.c") }
        == "'/nowhere/images.c' could not be written: its folder does not exist")
    #expect(
      message { _ = try model.exportedC(weights: "int4") }
        == "export_c: 'weights' must be one of 'float32', 'int8', got 'int4'")
    #expect(message { _ = try model.exportedC(name: "2d") }.hasPrefix("export_c: 'name' must be an identifier of C"))
    #expect(message { _ = try model.exportedC(name: "static") }.contains("a word of C's own, got 'static'"))
    #expect(
      message { _ = try model.exportedC(samples: [Tensor(zeros: Shape([3, 9, 8, 3]))]) }
        == "export_c: the model takes samples of shape (None, 9, 8, 2), got x of shape (3, 9, 8, 3)")
    let unbuilt = try Model(name: "unbuilt", layers: [Make.dense(3, "linear", "dense")])
    #expect(
      message { try unbuilt.exportC(folder.path + "/m.c") }
        == "unbuilt: export_c: the model is not built yet: the shape of its input is not known")
    // No file is left behind.
    #expect(try folder.names().isEmpty)
  }

  @Test("a model that mixes the samples of a batch is refused")
  func batches() throws {
    let centred = try LambdaTests.layer(
      LambdaTests.function { (x, _) throws(NNError) in try x[0] - x[0].mean(axes: [0], keepDims: true) },
      [("input_shape", .list([.integer(2)]))])
    let model = try Model(name: "m", layers: [centred])
    #expect(
      Evaluate.message { _ = try model.exportedC() }
        == "m: export_c: the model's outputs for a sample depend on the other samples of its batch; what is exported takes one at a time"
    )
  }

  @Test("users' functions are in it")
  func users() throws {
    var program = try CProgram()
    let waves = try LambdaTests.layer(
      LambdaTests.function { (x, _) throws(NNError) in try x[0].apply("sin").transposed([0, 2, 1]) * x[0].transposed([0, 2, 1]).sum(axes: [1], keepDims: true) },
      [("input_shape", .list([.integer(4), .integer(3)]))])
    try program.add(try Model(name: "m", layers: [waves]).exportedC(name: program.nextName))
    try program.expectContent()
  }
}
