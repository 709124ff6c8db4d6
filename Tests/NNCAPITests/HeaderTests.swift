import CNN
import Testing

@testable import NNEngine

/// What nn.h and the engine both write down must be the same; everything else is tested in C, in Tests/c.
@Suite struct HeaderTests {
  @Test func everyErrorCodeHasItsConstant() {
    let constants: [(Int, NNError.Code)] = [
      (NN_INVALID_ARGUMENT, .invalidArgument), (NN_SHAPE, .shape), (NN_NOT_FOUND, .notFound), (NN_IO, .io),
      (NN_FORMAT, .format), (NN_OUT_OF_MEMORY, .outOfMemory), (NN_CANCELLED, .cancelled),
      (NN_NOT_SUPPORTED, .notSupported), (NN_STATE, .state), (NN_NOT_FINITE, .notFinite), (NN_INTERNAL, .internal),
    ]
    for (constant, code) in constants { #expect(constant == Int(code.rawValue)) }
    #expect(Set(constants.map(\.1)) == Set(NNError.Code.allCases))
    #expect(NN_OK == 0)
  }

  @Test func everyStorageTypeHasItsConstant() {
    let constants: [(Int, DType)] = [(NN_FLOAT32, .float32), (NN_INT32, .int32), (NN_UINT8, .uint8), (NN_BOOL, .bool)]
    for (constant, type) in constants { #expect(constant == Int(type.rawValue)) }
    #expect(Set(constants.map(\.1)) == Set(DType.allCases))
    #expect(Int(NN_MAX_RANK) == Shape.maximumRank)
  }

  /// A program compiled today passes this many bytes; they may only grow, and never by what was padding.
  @Test func optionsHaveNoPadding() {
    #expect(MemoryLayout<nn_fit_options>.size == 160)
    #expect(MemoryLayout<nn_fit_options>.size == MemoryLayout<nn_fit_options>.stride)
    #expect(MemoryLayout<nn_samples>.size == MemoryLayout<nn_samples>.stride)
    #expect(MemoryLayout<nn_event>.size == MemoryLayout<nn_event>.stride)
  }
}
