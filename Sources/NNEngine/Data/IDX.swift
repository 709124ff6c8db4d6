import CZlib
import Glibc

/// Reader of IDX files, the format in which MNIST and its relatives are published: two zero bytes, a type, the number of axes,
/// the extents (32 bits each, big-endian), then the elements, big-endian, row-major. Compressed by gzip or not.
///
/// A file is trusted with nothing: memory grows with the bytes that really come, not with what the header promises.
public enum IDX {
  /// The tensor in a file.
  public static func read(_ path: String) throws(NNError) -> Tensor {
    let stream = try GzipStream(path)
    let header = try Header(stream)
    let data = try elements(header, stream)
    try stream.expectEnd()
    return Tensor(shape: header.shape, dtype: header.dtype, storage: data)
  }

  private struct Header {
    let dtype: DType
    let shape: Shape

    init(_ stream: GzipStream) throws(NNError) {
      let start = try stream.bytes(4, of: "the header")
      guard start[0] == 0, start[1] == 0 else { throw stream.error("is not an IDX file (wrong first bytes)") }
      dtype =
        switch start[2] {
        case 0x08: .uint8
        case 0x0C: .int32
        case 0x0D: .float32
        case 0x09, 0x0B, 0x0E:
          throw stream.error("has elements of type \(start[2]); only uint8 (8), int32 (12) and float32 (13) are read")
        default: throw stream.error("is not an IDX file (unknown element type \(start[2]))")
        }
      let rank = Int(start[3])
      guard rank >= 1, rank <= Shape.maximumRank else {
        throw stream.error("has \(rank) axes; expected 1 to \(Shape.maximumRank)")
      }
      let extents = try stream.bytes(4 * rank, of: "the header")
      do throws(NNError) {
        shape = try Shape(
          (0..<rank).map { axis in (0..<4).reduce(0) { $0 << 8 | Int(extents[4 * axis + $1]) } })
      } catch {
        throw stream.error("claims a \(error.message)")
      }
    }
  }

  private static func elements(_ header: Header, _ stream: GzipStream) throws(NNError) -> Storage {
    let byteCount = header.shape.count * header.dtype.byteCount
    let memory = try GrowingMemory(stream, byteCount)
    if header.dtype.byteCount == 4 {
      let words = memory.bytes.assumingMemoryBound(to: UInt32.self)
      for i in 0..<header.shape.count { words[i] = UInt32(bigEndian: words[i]) }
    }
    return memory.storage()
  }

  /// Memory for the elements, which doubles as they arrive.
  private struct GrowingMemory {
    let bytes: UnsafeMutableRawPointer
    let byteCount: Int

    init(_ stream: GzipStream, _ byteCount: Int) throws(NNError) {
      var capacity = min(byteCount, 1 << 20)
      var filled = 0
      var bytes: UnsafeMutableRawPointer?
      while bytes == nil || filled < byteCount {
        if filled == capacity { capacity = min(byteCount, 2 * capacity) }
        // As Storage does: kernels may load a whole lane at the end.
        guard let larger = realloc(bytes, capacity + 64) else {
          free(bytes)
          throw NNError(.outOfMemory, "out of memory: \(capacity) bytes could not be allocated")
        }
        bytes = larger
        do throws(NNError) {
          let got = try stream.read(larger + filled, capacity - filled)
          filled += got
          guard got > 0 || filled == byteCount else {
            throw stream.error("ends after \(filled) of \(byteCount) bytes of elements")
          }
        } catch {
          free(larger)
          throw error
        }
      }
      guard let bytes else { throw stream.error("could not be read") }
      self.bytes = bytes
      self.byteCount = byteCount
    }

    func storage() -> Storage {
      // The pointer is the storage's alone from here on.
      nonisolated(unsafe) let owned = bytes
      return Storage(borrowing: owned, byteCount: byteCount) { free(owned) }
    }
  }
}
