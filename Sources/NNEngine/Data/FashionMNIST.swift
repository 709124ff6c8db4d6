import Glibc

/// Zalando's 70,000 pictures of clothes, 28 × 28 grey values, in ten classes.
public enum FashionMNIST {
  /// What the labels 0 … 9 mean, as the book names them.
  public static let classNames = [
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
  ]

  /// Where Debian's package puts the files.
  public static let systemFolder = "/usr/share/datasets/fashion-mnist"

  /// Pictures (n, 28, 28) and labels (n,), all uint8.
  public typealias Pictures = (x: Tensor, y: Tensor)

  /// 60,000 pictures to train with and 10,000 to test with, from the first of these folders that has the files (as published:
  /// IDX, compressed or not).
  public static func load(
    directories: [String] = [systemFolder]
  ) throws(NNError) -> (train: Pictures, test: Pictures) {
    for directory in directories where file("train-images-idx3-ubyte", in: directory) != nil {
      return (try pictures("train", in: directory), try pictures("t10k", in: directory))
    }
    let places = directories.map { "'\($0)'" }.joined(separator: ", ")
    throw NNError(
      .notFound,
      "fashion_mnist: no data set in \(places.isEmpty ? "no folder" : places); "
        + "it is in Debian's package dataset-fashion-mnist: apt-get install dataset-fashion-mnist")
  }

  private static func file(_ name: String, in directory: String) -> String? {
    ["\(directory)/\(name).gz", "\(directory)/\(name)"].first { access($0, R_OK) == 0 }
  }

  private static func pictures(_ set: String, in directory: String) throws(NNError) -> Pictures {
    let x = try read("\(set)-images-idx3-ubyte", in: directory)
    let y = try read("\(set)-labels-idx1-ubyte", in: directory)
    guard x.dtype == .uint8, x.shape.rank == 3, x.shape.sample.dimensions == [28, 28] else {
      throw NNError(
        .format, "fashion_mnist: the \(set) pictures are \(x.dtype.name) \(x.shape), expected uint8 (n, 28, 28)")
    }
    guard y.dtype == .uint8, y.shape.dimensions == [x.rows] else {
      throw NNError(
        .format, "fashion_mnist: the \(set) labels are \(y.dtype.name) \(y.shape), expected uint8 (\(x.rows),)")
    }
    do throws(NNError) { try LabelKind.classIndices.check(y, classes: classNames.count) } catch {
      throw NNError(.format, "fashion_mnist: the \(set) labels are wrong: \(error.message)")
    }
    return (x, y)
  }

  private static func read(_ name: String, in directory: String) throws(NNError) -> Tensor {
    guard let path = file(name, in: directory) else {
      throw NNError(.notFound, "fashion_mnist: '\(directory)/\(name).gz' is missing or cannot be read")
    }
    do throws(NNError) { return try IDX.read(path) } catch {
      throw NNError(error.code, "fashion_mnist: \(error.message)")
    }
  }
}
