internal import CCPU
public import CNN
internal import Glibc
internal import NNEngine

private let version: StaticString = "0.1.0"

/// Made once and never freed: callers keep the pointer.
nonisolated(unsafe) private let buildInfo: UnsafePointer<CChar>? = {
  let kernels =
    switch UInt32(ccpu_level()) {
    case CCPU_AVX512.rawValue: "x86-64-v4"
    case CCPU_AVX2.rawValue: "x86-64-v3"
    default: "none"
    }
  return UnsafePointer(strdup("libnn \(version.string), \(compiler), kernels \(kernels)"))
}()

@c @implementation
public func nn_version_number() -> Int32 { NN_VERSION_MAJOR * 10000 + NN_VERSION_MINOR * 100 + NN_VERSION_PATCH }

@c @implementation
public func nn_version() -> UnsafePointer<CChar>? { version.cString }

@c @implementation
public func nn_build_info() -> UnsafePointer<CChar>? { buildInfo }

@c @implementation
public func nn_require(_ versionNumber: Int32) -> nn_status {
  entry("nn_require") { () throws(NNError) in
    guard versionNumber <= nn_version_number() else {
      throw NNError(
        .notSupported,
        "the program was compiled with nn.h \(versionNumber / 10000).\(versionNumber / 100 % 100).\(versionNumber % 100), "
          + "but this library is \(version.string)")
    }
  }
}

@c @implementation
public func nn_set_seed(_ seed: UInt64) -> nn_status {
  entry("nn_set_seed") { () throws(NNError) in RandomState.set(seed: seed) }
}

@c @implementation
public func nn_free(_ memory: UnsafeMutableRawPointer?) { free(memory) }
