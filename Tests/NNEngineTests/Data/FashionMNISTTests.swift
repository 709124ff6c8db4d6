import Glibc
import Testing

@testable import NNEngine

@Suite("Fashion-MNIST")
struct FashionMNISTTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A data set of `count` pictures with these labels.
  func write(labels: [UInt8], pictures count: Int = 3, side: UInt32 = 28) throws {
    for set in ["train", "t10k"] {
      let pixels = [UInt8](repeating: 9, count: count * Int(side * side))
      let images = IDXTests.header(8, [UInt32(count), side, side]) + pixels
      _ = try folder.writeGzip("\(set)-images-idx3-ubyte.gz", images)
      // One compressed, one not: both are published.
      _ = try folder.write("\(set)-labels-idx1-ubyte", IDXTests.header(8, [UInt32(labels.count)]) + labels)
    }
  }

  @Test("the first folder that has it; uint8")
  func load() throws {
    try write(labels: [0, 9, 3])
    let (train, test) = try FashionMNIST.load(directories: [folder.path + "/elsewhere", folder.path])
    #expect(train.x.shape.dimensions == [3, 28, 28])
    #expect(test.y.values == [0, 9, 3])
    #expect(train.x.dtype == .uint8)
    #expect(FashionMNIST.classNames.count == 10 && FashionMNIST.classNames[9] == "Ankle boot")
  }

  @Test("missing: the message names the package and where was looked")
  func missing() {
    #expect { _ = try FashionMNIST.load(directories: [folder.path]) } throws: { error in
      let text = "\(error)"
      return (error as? NNError)?.code == .notFound && text.contains("apt-get install dataset-fashion-mnist")
        && text.contains(folder.path)
    }
    #expect(throws: NNError.self) { try FashionMNIST.load(directories: []) }
  }

  @Test("wrong contents")
  func wrong() throws {
    try write(labels: [0, 10, 3])
    let label = Evaluate.message { _ = try FashionMNIST.load(directories: [folder.path]) }
    #expect(label.contains("y has label 10 at row 1 (counted from 0), but the output has 10 classes"))
    try write(labels: [0, 1])
    #expect(Evaluate.message { _ = try FashionMNIST.load(directories: [folder.path]) }.contains("expected uint8 (3,)"))
    try write(labels: [0, 1, 2], side: 5)
    #expect(
      Evaluate.message { _ = try FashionMNIST.load(directories: [folder.path]) }.contains("expected uint8 (n, 28, 28)"))
  }

  /// Known of the real data: 6000 pictures of each class to train with, 1000 to test with.
  @Test("Debian's package", .enabled(if: FashionMNIST.isInstalled, "dataset-fashion-mnist is not installed"))
  func debian() throws {
    let (train, test) = try FashionMNIST.load()
    #expect(train.x.shape.dimensions == [60000, 28, 28] && test.x.shape.dimensions == [10000, 28, 28])
    for (y, count) in [(train.y, 6000), (test.y, 1000)] {
      var counts = [Int](repeating: 0, count: 10)
      for i in 0..<y.rows { counts[Int(y.element(i))] += 1 }
      #expect(counts == [Int](repeating: count, count: 10))
    }
    // The pictures are the published ones: their mean grey value is known.
    let mean = try Evaluate.values(Evaluate.input(test.x).mean())[0].item()
    #expect(abs(mean / 255 - 0.2868) < 0.0001)
  }
}

extension FashionMNIST {
  fileprivate static var isInstalled: Bool { access(systemFolder + "/t10k-labels-idx1-ubyte.gz", R_OK) == 0 }
}
