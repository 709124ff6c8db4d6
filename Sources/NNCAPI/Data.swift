public import CNN
internal import NNEngine

@c @implementation
public func nn_fashion_mnist_load(
  _ xTrain: UnsafeMutablePointer<OpaquePointer?>?, _ yTrain: UnsafeMutablePointer<OpaquePointer?>?,
  _ xTest: UnsafeMutablePointer<OpaquePointer?>?, _ yTest: UnsafeMutablePointer<OpaquePointer?>?,
  _ directory: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_fashion_mnist_load") { () throws(NNError) in
    for out in [xTrain, yTrain, xTest, yTest] { out?.pointee = nil }
    let data = try FashionMNIST.load(directory: Given.optionalText(directory, "directory"))
    for (out, tensor) in [(xTrain, data.0), (yTrain, data.1), (xTest, data.2), (yTest, data.3)] {
      out?.pointee = Handles.new(.tensor(tensor))
    }
  }
}

@c @implementation
public func nn_idx_read(_ tensor: UnsafeMutablePointer<OpaquePointer?>?, _ path: UnsafePointer<CChar>?) -> nn_status {
  entry("nn_idx_read") { () throws(NNError) in
    let out = try Given.handle(tensor, "tensor")
    out.pointee = Handles.new(.tensor(try IDX.read(path: Given.text(path, "path"))))
  }
}
