// Names and documentation are those of include/nn.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

internal import CCPU
public import CNN
internal import Glibc
internal import NNEngine

/// Whether the engine's code may run here. It is compiled for x86-64-v3, this target for the oldest x86-64: on an older
/// processor nothing of the engine, and nothing generic that the linker may have taken from it, is touched.
private let isProcessorNewEnough = UInt32(ccpu_level()) >= CCPU_AVX2.rawValue

/// Runs the body of an entry point: an error becomes a status and the thread's last error.
func entry(_ name: StaticString, _ body: () throws(NNError) -> Void) -> nn_status {
  guard isProcessorNewEnough else { return LastError.setUnsupportedProcessor(name) }
  do throws(NNError) {
    try body()
    return 0
  } catch {
    return LastError.set(name, error)
  }
}

/// Runs the body of a getter, which has no status to return: `failure` when it throws, and the thread's last error is set.
func getter<T>(_ name: StaticString, _ failure: T, _ body: () throws(NNError) -> T) -> T {
  guard isProcessorNewEnough else {
    _ = LastError.setUnsupportedProcessor(name)
    return failure
  }
  do throws(NNError) { return try body() } catch {
    _ = LastError.set(name, error)
    return failure
  }
}

@c @implementation
public func nn_last_error() -> UnsafePointer<CChar>? { LastError.text() }

@c @implementation
public func nn_last_error_code() -> nn_status { LastError.code() }

@c @implementation
public func nn_strerror(_ status: nn_status) -> UnsafePointer<CChar>? {
  let text: StaticString =
    switch status {
    case 0: "no error"
    case -1: "invalid argument"
    case -2: "shapes do not fit together"
    case -3: "not found"
    case -4: "input or output failed"
    case -5: "malformed contents"
    case -6: "out of memory"
    case -7: "cancelled"
    case -8: "not supported"
    case -9: "called at the wrong moment"
    case -10: "NaN or infinity"
    case -11: "internal fault of the library"
    default: "unknown status"
    }
  return text.cString
}

extension StaticString {
  /// The text as C sees it: static, ends with a zero byte.
  var cString: UnsafePointer<CChar> { UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self) }
  var string: String { String(cString: cString) }
}
