// Names and documentation are those of include/nn.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

internal import CCPU
public import CNN
internal import Glibc
internal import NNEngine

private let version: StaticString = "0.1.0"

/// A static text, so that it can be had on a processor that runs nothing else of the library.
private var buildInfo: StaticString {
  #if arch(x86_64)
    switch UInt32(ccpu_level()) {
    case CCPU_AVX512.rawValue: "kernels: x86-64-v4 (AVX-512)"
    case CCPU_AVX2.rawValue: "kernels: x86-64-v3 (AVX2, FMA)"
    default: "kernels: none for this processor, which lacks x86-64-v3 (AVX2, FMA)"
    }
  #else
    "kernels: portable"
  #endif
}

@c @implementation
public func nn_version_number() -> Int32 { NN_VERSION_MAJOR * 10000 + NN_VERSION_MINOR * 100 + NN_VERSION_PATCH }

@c @implementation
public func nn_version() -> UnsafePointer<CChar>? { version.cString }

@c @implementation
public func nn_build_info() -> UnsafePointer<CChar>? { buildInfo.cString }

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

@c @implementation
public func nn_set_num_threads(_ count: Int32) -> nn_status {
  entry("nn_set_num_threads") { () throws(NNError) in
    guard count >= 0 else {
      throw NNError(.invalidArgument, "argument 'count' must be positive, or 0 for all processors, got \(count)")
    }
    ThreadPool.shared.threadCount = count == 0 ? ThreadPool.processorCount : Int(count)
  }
}

@c @implementation
public func nn_num_threads() -> Int32 {
  getter("nn_num_threads", -1) { () throws(NNError) in Int32(clamping: ThreadPool.shared.threadCount) }
}
