public import CNN
internal import NNEngine

@c @implementation
public func nn_catalog_json(_ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> nn_status {
  entry("nn_catalog_json") { () throws(NNError) in
    let out = try Given.text(json, "json")
    try Taken.text(out, JSON.text(Catalog.value))
  }
}
