import Glibc
import Synchronization

/// libhdf5's functions, as HDF5 1.10 to 1.14 have them. The library is opened at the first HDF5 file; what it has to say of errors goes nowhere.
struct LibHDF5: Sendable {
  typealias ID = Int64
  typealias Text = UnsafePointer<CChar>?
  typealias Raw = UnsafeMutableRawPointer?
  typealias Close = @convention(c) (ID) -> Int32

  let setErrorHandler: @convention(c) (ID, Raw, Raw) -> Int32
  let createProperties: @convention(c) (ID) -> ID
  let closeProperties: Close
  let useMemory: @convention(c) (ID, Int, CBool) -> Int32
  let useStreams: Close
  let setImageCallbacks: @convention(c) (ID, Raw) -> Int32
  let setImage: @convention(c) (ID, Raw, Int) -> Int32
  let setCloseDegree: @convention(c) (ID, Int32) -> Int32
  let trackTimes: @convention(c) (ID, CBool) -> Int32
  let setAllocation: @convention(c) (ID, Int32) -> Int32
  let setFilling: @convention(c) (ID, Int32) -> Int32
  let externalCount: @convention(c) (ID) -> Int32
  let layout: @convention(c) (ID) -> Int32
  let openFile: @convention(c) (Text, UInt32, ID) -> ID
  let createFile: @convention(c) (Text, UInt32, ID, ID) -> ID
  let flushFile: @convention(c) (ID, Int32) -> Int32
  let fileHandle: @convention(c) (ID, ID, UnsafeMutablePointer<UnsafeMutableRawPointer?>) -> Int32
  let fileSize: @convention(c) (ID, UnsafeMutablePointer<UInt64>) -> Int32
  let closeFile: Close
  let createGroup: @convention(c) (ID, Text, ID, ID, ID) -> ID
  let groupInfo: @convention(c) (ID, Raw) -> Int32
  let linkName: @convention(c) (ID, Text, Int32, Int32, UInt64, UnsafeMutablePointer<CChar>?, Int, ID) -> Int
  let linkInfo: @convention(c) (ID, Text, Raw, ID) -> Int32
  let openObject: @convention(c) (ID, Text, ID) -> ID
  let closeObject: Close
  let kind: @convention(c) (ID) -> Int32
  let createDataset: @convention(c) (ID, Text, ID, ID, ID, ID, ID) -> ID
  let datasetSpace: @convention(c) (ID) -> ID
  let datasetType: @convention(c) (ID) -> ID
  let datasetProperties: @convention(c) (ID) -> ID
  let datasetOffset: @convention(c) (ID) -> UInt64
  let read: @convention(c) (ID, ID, ID, ID, ID, Raw) -> Int32
  let write: @convention(c) (ID, ID, ID, ID, ID, UnsafeRawPointer?) -> Int32
  let scalarSpace: @convention(c) (Int32) -> ID
  let simpleSpace: @convention(c) (Int32, UnsafePointer<UInt64>?, UnsafePointer<UInt64>?) -> ID
  let rank: @convention(c) (ID) -> Int32
  let extents: @convention(c) (ID, UnsafeMutablePointer<UInt64>?, UnsafeMutablePointer<UInt64>?) -> Int32
  let closeSpace: Close
  let copyType: @convention(c) (ID) -> ID
  let setTypeSize: @convention(c) (ID, Int) -> Int32
  let setPadding: @convention(c) (ID, Int32) -> Int32
  let typeClass: @convention(c) (ID) -> Int32
  let typeSize: @convention(c) (ID) -> Int
  let typeOrder: @convention(c) (ID) -> Int32
  let typesAreEqual: @convention(c) (ID, ID) -> Int32
  let isVariable: @convention(c) (ID) -> Int32
  let closeType: Close
  let hasAttribute: @convention(c) (ID, Text) -> Int32
  let createAttribute: @convention(c) (ID, Text, ID, ID, ID, ID) -> ID
  let openAttribute: @convention(c) (ID, Text, ID) -> ID
  let attributeType: @convention(c) (ID) -> ID
  let attributeSpace: @convention(c) (ID) -> ID
  let readAttribute: @convention(c) (ID, ID, Raw) -> Int32
  let writeAttribute: @convention(c) (ID, ID, UnsafeRawPointer?) -> Int32
  let closeAttribute: Close
  let reclaim: @convention(c) (ID, ID, ID, Raw) -> Int32
  /// Classes of properties, and types, which are variables of the library.
  let (fileAccess, datasetCreation): (ID, ID)
  let (text, float, double, int64, int32, uint8): (ID, ID, ID, ID, ID, ID)

  private init() throws(NNError) {
    let library = try SharedLibrary(
      [
        "libhdf5_serial.so.103", "libhdf5.so.103", "libhdf5_serial.so.310", "libhdf5.so.310", "libhdf5.so.200",
        "libhdf5.so",
      ],
      package: "libhdf5-103-1", for: "HDF5 files (.h5, .keras)")
    // Nothing of ours is left to do when the process ends.
    let noExit: @convention(c) () -> Int32 = try library.function("H5dont_atexit")
    let open: @convention(c) () -> Int32 = try library.function("H5open")
    _ = noExit()
    guard open() >= 0 else { throw NNError(.notSupported, "libhdf5 could not be started") }
    func id(_ name: String) throws(NNError) -> ID { try library.symbol(name).load(as: ID.self) }
    setErrorHandler = try library.function("H5Eset_auto2")
    createProperties = try library.function("H5Pcreate")
    closeProperties = try library.function("H5Pclose")
    useMemory = try library.function("H5Pset_fapl_core")
    useStreams = try library.function("H5Pset_fapl_stdio")
    setImageCallbacks = try library.function("H5Pset_file_image_callbacks")
    setImage = try library.function("H5Pset_file_image")
    setCloseDegree = try library.function("H5Pset_fclose_degree")
    trackTimes = try library.function("H5Pset_obj_track_times")
    setAllocation = try library.function("H5Pset_alloc_time")
    setFilling = try library.function("H5Pset_fill_time")
    externalCount = try library.function("H5Pget_external_count")
    layout = try library.function("H5Pget_layout")
    openFile = try library.function("H5Fopen")
    createFile = try library.function("H5Fcreate")
    flushFile = try library.function("H5Fflush")
    fileHandle = try library.function("H5Fget_vfd_handle")
    fileSize = try library.function("H5Fget_filesize")
    closeFile = try library.function("H5Fclose")
    createGroup = try library.function("H5Gcreate2")
    groupInfo = try library.function("H5Gget_info")
    linkName = try library.function("H5Lget_name_by_idx")
    linkInfo = try library.function("H5Lget_info", "H5Lget_info1", "H5Lget_info2")
    openObject = try library.function("H5Oopen")
    closeObject = try library.function("H5Oclose")
    kind = try library.function("H5Iget_type")
    createDataset = try library.function("H5Dcreate2")
    datasetSpace = try library.function("H5Dget_space")
    datasetType = try library.function("H5Dget_type")
    datasetProperties = try library.function("H5Dget_create_plist")
    datasetOffset = try library.function("H5Dget_offset")
    read = try library.function("H5Dread")
    write = try library.function("H5Dwrite")
    scalarSpace = try library.function("H5Screate")
    simpleSpace = try library.function("H5Screate_simple")
    rank = try library.function("H5Sget_simple_extent_ndims")
    extents = try library.function("H5Sget_simple_extent_dims")
    closeSpace = try library.function("H5Sclose")
    copyType = try library.function("H5Tcopy")
    setTypeSize = try library.function("H5Tset_size")
    setPadding = try library.function("H5Tset_strpad")
    typeClass = try library.function("H5Tget_class")
    typeSize = try library.function("H5Tget_size")
    typeOrder = try library.function("H5Tget_order")
    typesAreEqual = try library.function("H5Tequal")
    isVariable = try library.function("H5Tis_variable_str")
    closeType = try library.function("H5Tclose")
    hasAttribute = try library.function("H5Aexists")
    createAttribute = try library.function("H5Acreate2")
    openAttribute = try library.function("H5Aopen")
    attributeType = try library.function("H5Aget_type")
    attributeSpace = try library.function("H5Aget_space")
    readAttribute = try library.function("H5Aread")
    writeAttribute = try library.function("H5Awrite")
    closeAttribute = try library.function("H5Aclose")
    reclaim = try library.function("H5Dvlen_reclaim")
    (fileAccess, datasetCreation) = (try id("H5P_CLS_FILE_ACCESS_ID_g"), try id("H5P_CLS_DATASET_CREATE_ID_g"))
    (text, float, double) = (try id("H5T_C_S1_g"), try id("H5T_IEEE_F32LE_g"), try id("H5T_IEEE_F64LE_g"))
    (int64, int32, uint8) = (try id("H5T_STD_I64LE_g"), try id("H5T_STD_I32LE_g"), try id("H5T_STD_U8LE_g"))
  }

  private static let shared = Mutex<LibHDF5?>(nil)

  /// Runs something with the library, one thread at a time: not every build of it is made for several.
  static func use<R>(_ body: (LibHDF5) throws(NNError) -> R) throws(NNError) -> R {
    var result: Result<R, NNError> = .failure(NNError(.internal, "libhdf5 was not used"))
    shared.withLock { loaded in
      do throws(NNError) {
        let library: LibHDF5
        if let known = loaded { library = known } else { library = try LibHDF5() }
        loaded = library
        // Each thread has a handler of its own, which prints unless told otherwise.
        _ = library.setErrorHandler(0, nil, nil)
        result = .success(try body(library))
      } catch { result = .failure(error) }
    }
    return try result.get()
  }
}
