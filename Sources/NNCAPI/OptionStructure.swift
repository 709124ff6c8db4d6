internal import NNEngine

/// Structures that begin with their size, so that programs with older and newer headers go on working.
enum OptionStructure {
  /// Copies what the caller gave: what an older header lacks stays zero, which is every member's default; what a newer one has
  /// beyond ours must be zero.
  static func copy(
    _ source: UnsafeRawPointer, _ argument: String, _ type: String, _ macro: String,
    to target: UnsafeMutableRawBufferPointer
  ) throws(NNError) {
    let size = source.loadUnaligned(as: Int.self)
    guard size >= MemoryLayout<Int>.size, size <= 4096 else {
      throw NNError(
        .invalidArgument, "\(argument).struct_size is \(size), expected sizeof(\(type)) (start from \(macro))")
    }
    // No member is ever half copied: whole words only.
    let whole = min(size, target.count) & ~(MemoryLayout<UnsafeRawPointer>.alignment - 1)
    target.copyMemory(from: UnsafeRawBufferPointer(start: source, count: whole))
    let known = target.count
    if size > known, !(known..<size).allSatisfy({ source.load(fromByteOffset: $0, as: UInt8.self) == 0 }) {
      throw NNError(
        .notSupported, "\(argument) has members that this library (older than the program's nn.h) does not know")
    }
  }
}
