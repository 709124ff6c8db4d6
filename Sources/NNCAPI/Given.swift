internal import CNN
internal import NNEngine

/// What C gave, checked: pointers, texts, shapes, sizes. Nothing from outside goes further unchecked.
enum Given {
  /// A pointer that must not be NULL.
  static func pointer<T>(_ pointer: UnsafeMutablePointer<T>?, _ argument: String) throws(NNError)
    -> UnsafeMutablePointer<T>
  {
    guard let pointer else { throw isNull(argument) }
    return pointer
  }

  /// Where a handle goes; NULL until there is one.
  static func handle(_ pointer: UnsafeMutablePointer<OpaquePointer?>?, _ argument: String) throws(NNError)
    -> UnsafeMutablePointer<OpaquePointer?>
  {
    let pointer = try Given.pointer(pointer, argument)
    pointer.pointee = nil
    return pointer
  }

  /// Where a text goes; NULL until there is one.
  static func text(_ pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ argument: String) throws(NNError)
    -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  {
    let pointer = try Given.pointer(pointer, argument)
    pointer.pointee = nil
    return pointer
  }

  /// A text that must be there.
  static func text(_ text: UnsafePointer<CChar>?, _ argument: String) throws(NNError) -> String {
    guard let text = try optionalText(text, argument) else { throw isNull(argument) }
    return text
  }

  /// A text, nil for NULL.
  static func optionalText(_ text: UnsafePointer<CChar>?, _ argument: String) throws(NNError) -> String? {
    guard let text else { return nil }
    guard let string = String(validatingCString: text) else {
      throw NNError(.invalidArgument, "argument '\(argument)' is not valid UTF-8")
    }
    return string
  }

  /// The fields of a JSON object; none for NULL and for a blank text.
  static func object(_ json: UnsafePointer<CChar>?, _ argument: String) throws(NNError) -> Value.Table {
    guard let text = try optionalText(json, argument), !text.utf8.allSatisfy({ $0 <= 0x20 }) else { return .init() }
    let value = try parsed(text, argument)
    guard let table = value.table else {
      throw NNError(.format, "argument '\(argument)' must be a JSON object such as {\"units\": 300}, got \(value.text)")
    }
    return table
  }

  /// A JSON text.
  static func parsed(_ text: String, _ argument: String) throws(NNError) -> Value {
    do throws(NNError) { return try JSON.parse(text) } catch {
      throw NNError(error.code, "argument '\(argument)': \(error.message)")
    }
  }

  /// Extents, not yet checked for signs.
  static func extents(_ rank: Int32, _ shape: UnsafePointer<Int64>?, most: Int = Shape.maximumRank) throws(NNError)
    -> [Int]
  {
    guard rank >= 0, rank <= most else {
      throw NNError(.shape, "argument 'rank' must be 0 ... \(most), got \(rank)")
    }
    if rank == 0 { return [] }
    guard let shape else { throw isNull("shape") }
    return (0..<Int(rank)).map { Int(shape[$0]) }
  }

  /// A shape: extents that are not negative, and whose product is a possible size.
  static func shape(_ rank: Int32, _ shape: UnsafePointer<Int64>?) throws(NNError) -> Shape {
    do throws(NNError) { return try Shape(extents(rank, shape)) } catch {
      throw NNError(error.code, "argument 'shape': \(error.message)")
    }
  }

  /// A storage type.
  static func dtype(_ dtype: nn_dtype) throws(NNError) -> DType {
    guard let type = DType(rawValue: dtype) else {
      let known = DType.allCases.map { "\($0.rawValue) (\($0.name))" }.joined(separator: ", ")
      throw NNError(.invalidArgument, "argument 'dtype' is \(dtype), expected one of \(known)")
    }
    return type
  }

  /// An array of tensors; `most` keeps a wrong count from walking through memory.
  static func tensors(_ count: Int32, _ handles: UnsafePointer<OpaquePointer?>?, most: Int32 = 1024) throws(NNError)
    -> [Tensor]
  {
    guard count >= 0, count <= most else {
      throw NNError(.invalidArgument, "argument 'count' must be 0 ... \(most), got \(count)")
    }
    guard let handles else { throw isNull("tensors") }
    var tensors: [Tensor] = []
    for i in 0..<Int(count) { tensors.append(try Handles.tensor(handles[i], "tensors[\(i)]")) }
    return tensors
  }

  /// An array of handles, each read by `find`.
  static func array<T>(
    _ handles: UnsafePointer<OpaquePointer?>?, _ count: Int32, _ argument: String, most: Int32 = 1024,
    _ find: (OpaquePointer?, String) throws(NNError) -> T
  ) throws(NNError) -> [T] {
    guard count >= 0, count <= most else {
      throw NNError(.invalidArgument, "the count of '\(argument)' must be 0 ... \(most), got \(count)")
    }
    guard count > 0 else { return [] }
    guard let handles else { throw isNull(argument) }
    var result: [T] = []
    for i in 0..<Int(count) { result.append(try find(handles[i], "\(argument)[\(i)]")) }
    return result
  }

  /// An array of tensors and symbols.
  static func operands(_ count: Int32, _ handles: UnsafePointer<OpaquePointer?>?) throws(NNError) -> [SymbolOperand] {
    guard count >= 0, count <= 1024 else {
      throw NNError(.invalidArgument, "argument 'count' must be 0 ... 1024, got \(count)")
    }
    guard let handles else { throw isNull("tensors") }
    var operands: [SymbolOperand] = []
    for i in 0..<Int(count) { operands.append(try Handles.operand(handles[i], "tensors[\(i)]")) }
    return operands
  }

  /// A count of samples that 0 leaves to the default; nil then.
  static func optionalCount(_ count: Int64, _ argument: String) throws(NNError) -> Int? {
    guard count >= 0 else {
      throw NNError(.invalidArgument, "argument '\(argument)' must be positive, or 0 for the default, got \(count)")
    }
    return count == 0 ? nil : Int(count)
  }

  /// A truth value.
  static func flag(_ flag: Int32, _ argument: String) throws(NNError) -> Bool {
    guard flag == 0 || flag == 1 else {
      throw NNError(.invalidArgument, "argument '\(argument)' must be 0 or 1, got \(flag)")
    }
    return flag == 1
  }

  /// The index of one of `count` things.
  static func index(_ index: Int32, below count: Int, _ things: String) throws(NNError) -> Int {
    guard index >= 0, index < count else {
      let expected = count == 0 ? "but there are no \(things)" : "expected 0 ... \(count - 1) (\(things))"
      throw NNError(.invalidArgument, "argument 'index' is \(index), \(expected)")
    }
    return Int(index)
  }

  static func isNull(_ argument: String) -> NNError {
    NNError(.invalidArgument, "argument '\(argument)' is NULL")
  }
}
