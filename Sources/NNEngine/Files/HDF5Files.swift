/// HDF5 files of any kind.
enum HDF5Tree {
  static func read(_ source: ByteSource) throws(NNError) -> HDF5Group { try HDF5Reader.read(source) }
}
