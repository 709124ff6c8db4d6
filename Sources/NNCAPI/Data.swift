// Names and documentation are those of include/nn.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

public import CNN
internal import Glibc
internal import NNEngine

@c @implementation
public func nn_fashion_mnist_load(
  _ xTrain: UnsafeMutablePointer<OpaquePointer?>?, _ yTrain: UnsafeMutablePointer<OpaquePointer?>?,
  _ xTest: UnsafeMutablePointer<OpaquePointer?>?, _ yTest: UnsafeMutablePointer<OpaquePointer?>?,
  _ directory: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_fashion_mnist_load") { () throws(NNError) in
    for out in [xTrain, yTrain, xTest, yTest] { out?.pointee = nil }
    let directory = try Given.optionalText(directory, "directory") ?? FashionMNIST.systemFolder
    let (train, test) = try FashionMNIST.load(directories: [directory])
    for (out, tensor) in [(xTrain, train.x), (yTrain, train.y), (xTest, test.x), (yTest, test.y)] {
      out?.pointee = Handles.new(.tensor(tensor))
    }
  }
}

/// Made once and never freed: callers keep the pointers.
nonisolated(unsafe) private let classNames: [UnsafePointer<CChar>?] = FashionMNIST.classNames.map {
  UnsafePointer(strdup($0))
}

@c @implementation
public func nn_fashion_mnist_class_name(_ label: Int32) -> UnsafePointer<CChar>? {
  getter("nn_fashion_mnist_class_name", nil) { () throws(NNError) in
    guard classNames.indices.contains(Int(label)) else {
      throw NNError(.notFound, "argument 'label' is \(label), expected 0 ... \(classNames.count - 1)")
    }
    return classNames[Int(label)]
  }
}

@c @implementation
public func nn_idx_read(_ tensor: UnsafeMutablePointer<OpaquePointer?>?, _ path: UnsafePointer<CChar>?) -> nn_status {
  entry("nn_idx_read") { () throws(NNError) in
    let out = try Given.handle(tensor, "tensor")
    out.pointee = Handles.new(.tensor(try IDX.read(Given.text(path, "path"))))
  }
}

@c @implementation
public func nn_train_test_split(
  _ train: UnsafeMutablePointer<OpaquePointer?>?, _ test: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int32,
  _ tensors: UnsafePointer<OpaquePointer?>?, _ options: UnsafePointer<CChar>?
) -> nn_status {
  entry("nn_train_test_split") { () throws(NNError) in
    let (train, test) = (try Given.pointer(train, "train"), try Given.pointer(test, "test"))
    let given = try Given.tensors(count, tensors)
    for i in given.indices { (train[i], test[i]) = (nil, nil) }
    let parts = try trainTestSplit(given, .make(Arguments([], Given.object(options, "options"))))
    for (i, part) in parts.enumerated() {
      train[i] = Handles.new(.tensor(part.train))
      test[i] = Handles.new(.tensor(part.test))
    }
  }
}
