/// Keras 3's archives (.keras): a zip file with the configuration and a file of weights.
enum KerasArchive {
  static let configName = "config.json"
  private static let (metadataName, weightsName) = ("metadata.json", "model.weights.h5")

  static func write(_ record: ModelRecord, to sink: any ByteSink) throws(NNError) {
    var config = record.configuration?.table ?? Value.Table()
    if let compilation = record.compilation { config["compile_config"] = .table(compilation) }
    var zip = ZipWriter()
    // Keras does not read it; a fixed date keeps files of equal models equal.
    var metadata = Value.Table([("keras_version", .string("3.0.0")), ("date_saved", .string("1980-01-01@00:00:00"))])
    if let own = record.own { metadata[OwnState.key] = .string(own.text) }
    try zip.add(metadataName, Array(JSON.text(.table(metadata)).utf8))
    try zip.add(configName, Array(JSON.text(.table(config)).utf8))
    try zip.add(weightsName, [])
    var weights = record
    weights.own = nil
    let texts = zip
    try HDF5Writer.image(KerasWeights.group(weights)) { (pieces) throws(NNError) in
      var zip = texts
      for piece in pieces { zip.append(piece) }
      try zip.write(to: sink)
    }
  }

  static func open(_ zip: ZipReader, _ source: ByteSource) throws(NNError) -> ModelFile {
    func json(_ name: String) throws(NNError) -> Value {
      let entry = try zip.entry(name)
      return try JSONReader.parse(entry.bytes(at: 0, count: entry.count), entry.name)
    }
    let config = try json(configName)
    let own = zip.contains(metadataName) ? try json(metadataName).table?[OwnState.key]?.string : nil
    let weights = try zip.entry(weightsName).inMemory()
    let root = try HDF5Reader.read(weights)
    return ModelFile(
      source: source, configuration: config, compilation: config.table?["compile_config"]?.table,
      own: try OwnState(own),
      record: { (model, _) throws(NNError) in try KerasWeights.record(root, weights, for: model) },
      named: { () throws(NNError) in try KerasWeights.named(root, weights) })
  }
}
