internal import Glibc
internal import NNEngine

/// The last error of each thread: a block of memory from malloc under a pthread key, freed when the thread ends.
///
enum LastError {
  private static let capacity = 2048
  private static let textOffset = 8
  private static let none: StaticString = ""

  private static let key: pthread_key_t? = {
    var key = pthread_key_t()
    return pthread_key_create(&key) { free($0) } == 0 ? key : nil
  }()

  private static func block(create: Bool) -> UnsafeMutableRawPointer? {
    guard let key else { return nil }
    if let block = pthread_getspecific(key) { return block }
    guard create, let block = calloc(1, capacity) else { return nil }
    guard pthread_setspecific(key, block) == 0 else {
      free(block)
      return nil
    }
    return block
  }

  static func text() -> UnsafePointer<CChar> {
    guard let block = block(create: false) else { return none.cString }
    return UnsafePointer((block + textOffset).assumingMemoryBound(to: CChar.self))
  }

  static func code() -> Int32 { block(create: false)?.load(as: Int32.self) ?? 0 }

  /// What a user's function means by a status: its last error, when that is why.
  static func error(_ status: Int32, of function: String) -> NNError {
    let message = code() == status ? String(cString: text()) : ""
    let reason = message.isEmpty ? "\(function) returned the status \(status)" : "\(function): \(message)"
    return NNError(NNError.Code(rawValue: status) ?? .invalidArgument, reason)
  }

  /// Records an error under the name of the entry point, and gives its status.
  static func set(_ name: StaticString, _ error: NNError) -> Int32 {
    guard let block = block(create: true) else { return NNError.Code.outOfMemory.rawValue }
    block.storeBytes(of: error.code.rawValue, as: Int32.self)
    var message = name.string + ": " + Self.message(of: error, calledBy: name.string)
    message.withUTF8 { write(block, $0) }
    return error.code.rawValue
  }

  /// Records, with nothing but copies of bytes, that the processor lacks what the engine was compiled for.
  static func setUnsupportedProcessor(_ name: StaticString) -> Int32 {
    let reason: StaticString = ": this processor is too old: the library needs x86-64-v3 (AVX2, FMA, BMI2)"
    let status: Int32 = -8
    guard let block = block(create: true) else { return status }
    block.storeBytes(of: status, as: Int32.self)
    memcpy(block + textOffset, name.utf8Start, name.utf8CodeUnitCount)
    memcpy(block + textOffset + name.utf8CodeUnitCount, reason.utf8Start, reason.utf8CodeUnitCount + 1)
    return status
  }

  /// The engine's messages often begin with its own name of the call, "fit: …"; after "nn_model_fit" that says nothing new.
  private static func message(of error: NNError, calledBy name: String) -> String {
    var error = error
    if let colon = error.message.firstIndex(of: ":"), name.hasSuffix("_" + error.message[..<colon]) {
      error.message = String(error.message[colon...].dropFirst(2))
    }
    return error.description
  }

  /// One line, cut between characters when it is too long.
  private static func write(_ block: UnsafeMutableRawPointer, _ text: UnsafeBufferPointer<UInt8>) {
    let out = (block + textOffset).assumingMemoryBound(to: UInt8.self)
    var count = min(text.count, capacity - textOffset - 1)
    if count < text.count { while count > 0, text[count] & 0xC0 == 0x80 { count -= 1 } }
    for i in 0..<count { out[i] = text[i] < 0x20 ? UInt8(ascii: " ") : text[i] }
    out[count] = 0
  }
}
