/// What a fixture file is made of: JSON, with `{"shape", "data"}` recognised as an array of numbers.
indirect enum FixtureValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case list([FixtureValue])
  case table([String: FixtureValue])
  case array(FixtureArray)
}

/// Numbers with a shape, row-major.
struct FixtureArray: Sendable, Equatable {
  let shape: [Int]
  let data: [Double]

  /// The data as float32; text that was written as a float32 gives that very float back.
  var floats: [Float] { data.map { Float($0) } }

  /// The data as int32 (class labels).
  var int32s: [Int32] { data.map { Int32($0) } }

  /// Row `index` of the first axis: for example the weights after step `index`.
  func row(_ index: Int) -> FixtureArray {
    let rest = Array(shape.dropFirst())
    let size = rest.reduce(1, *)
    return FixtureArray(shape: rest, data: Array(data[index * size..<(index + 1) * size]))
  }
}

extension FixtureValue: Decodable {
  init(from decoder: any Decoder) throws {
    if var list = try? decoder.unkeyedContainer() {
      var values: [FixtureValue] = []
      while !list.isAtEnd { values.append(try list.decode(FixtureValue.self)) }
      self = .list(values)
      return
    }
    let single = try decoder.singleValueContainer()
    // Numbers first: nearly all values are.
    if let number = try? single.decode(Double.self) {
      self = .number(number)
    } else if let string = try? single.decode(String.self) {
      self = .string(string)
    } else if let bool = try? single.decode(Bool.self) {
      self = .bool(bool)
    } else if single.decodeNil() {
      self = .null
    } else {
      let entries = try single.decode([String: FixtureValue].self)
      self = FixtureArray(entries).map { .array($0) } ?? .table(entries)
    }
  }

  /// The value as a number; text counts when it spells one ("inf", "-inf", "nan", "0.01").
  var number: Double? {
    switch self {
    case .number(let value): value
    case .string(let text): Double(text)
    default: nil
    }
  }
}

extension FixtureArray {
  /// Nil unless the entries are exactly a shape and as many numbers as it asks for.
  fileprivate init?(_ entries: [String: FixtureValue]) {
    guard entries.count == 2, case .list(let shape)? = entries["shape"], case .list(let data)? = entries["data"] else {
      return nil
    }
    self.shape = shape.compactMap { $0.number.flatMap { Int(exactly: $0) } }
    self.data = data.compactMap(\.number)
    guard self.shape.count == shape.count, self.data.count == self.shape.reduce(1, *), data.count == self.data.count
    else { return nil }
  }
}
