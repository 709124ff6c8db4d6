/// What an HDF5 file is to us: groups in groups, with attributes, and datasets in them.
struct HDF5Group {
  var attributes: [(name: String, value: HDF5Attribute)] = []
  private var names: [String] = []
  private var nodes: [HDF5Node] = []
  private var places: [String: Int] = [:]

  /// In the order in which they were added.
  var children: [(name: String, node: HDF5Node)] { zip(names, nodes).map { (name: $0, node: $1) } }

  /// A child by name.
  subscript(name: String) -> HDF5Node? { places[name].map { nodes[$0] } }

  /// Adds a child; false when there is one of this name.
  mutating func add(_ name: String, _ node: HDF5Node) -> Bool {
    guard places[name] == nil else { return false }
    places[name] = nodes.count
    names.append(name)
    nodes.append(node)
    return true
  }

  /// The node at the end of a path: "dense/kernel:0".
  func node(at path: String) -> HDF5Node? {
    var node = HDF5Node.group(self)
    for part in path.utf8.split(separator: UInt8(ascii: "/")) {
      guard case .group(let group) = node, let next = group[String(Substring(part))] else { return nil }
      node = next
    }
    return node
  }

  func group(at path: String) -> HDF5Group? { if case .group(let group)? = node(at: path) { group } else { nil } }
  func dataset(at path: String) -> StoredTensor? { if case .dataset(let set)? = node(at: path) { set } else { nil } }

  /// A text attribute.
  func text(_ name: String) -> String? {
    switch attributes.first(where: { $0.name == name })?.value {
    case .text(let text)?: text
    case .texts(let texts)? where texts.count == 1: texts[0]
    default: nil
    }
  }

  /// A list of texts. Keras splits one that is longer than HDF5's limit into name0, name1, …
  func texts(_ name: String) -> [String]? {
    func list(_ name: String) -> [String]? {
      switch attributes.first(where: { $0.name == name })?.value {
      case .texts(let texts)?: texts
      case .text(let text)?: [text]
      case .noTexts?: []
      case nil: nil
      }
    }
    if let whole = list(name) { return whole }
    var result: [String]?
    var part = 0
    while let more = list("\(name)\(part)") {
      result = (result ?? []) + more
      part += 1
    }
    return result
  }

  /// Puts a dataset at the end of a path, making the groups on the way.
  mutating func insert(_ tensor: StoredTensor, at path: String) {
    insert(.dataset(tensor), path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }[...])
  }

  mutating func insert(_ node: HDF5Node, _ path: ArraySlice<String>) {
    guard let first = path.first else { return }
    var new = node
    if path.count > 1 {
      var inner = HDF5Group()
      if case .group(let known)? = self[first] { inner = known }
      inner.insert(node, path.dropFirst())
      new = .group(inner)
    }
    if let index = places[first] { nodes[index] = new } else { _ = add(first, new) }
  }

  /// A list of texts as attributes, in parts where it is longer than a message of HDF5 can be.
  mutating func set(_ name: String, texts: [String]) {
    // Keras's limit, and its way around it.
    let limit = 64512
    let width = max(1, texts.map(\.utf8.count).max() ?? 1)
    let perPart = max(1, limit / width)
    if texts.isEmpty {
      attributes.append((name, .noTexts))
    } else if texts.count <= perPart {
      attributes.append((name, .texts(texts)))
    } else {
      for (part, first) in stride(from: 0, to: texts.count, by: perPart).enumerated() {
        attributes.append(("\(name)\(part)", .texts(Array(texts[first..<min(texts.count, first + perPart)]))))
      }
    }
  }

  mutating func set(_ name: String, text: String) { attributes.append((name, .text(text))) }
}

indirect enum HDF5Node {
  case group(HDF5Group)
  case dataset(StoredTensor)
}

/// The attributes that Keras's files have.
enum HDF5Attribute {
  /// A scalar of variable length.
  case text(String)
  /// A list of fixed length, padded with zeros.
  case texts([String])
  /// How h5py writes an empty list: float64, shape (0,).
  case noTexts
}
