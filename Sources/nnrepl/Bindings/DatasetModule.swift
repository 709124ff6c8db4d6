import NNEngine

/// `nn.datasets`.
struct DatasetModule {
  let help: Help
  /// $NN_DATASETS: looked into before the system's folder.
  let folder: String?

  /// Adds to the module's table, which is on top.
  func install(_ lua: LuaState) {
    lua.pushTable()
    lua.pushTable()
    let folders = (folder.map { ["\($0)/fashion-mnist", $0] } ?? []) + [FashionMNIST.systemFolder]
    lua.define(
      "load_data", in: "nn.datasets.fashion_mnist", help: help, "()",
      "x_train, y_train, x_test, y_test: pictures {n, 28, 28} and labels {n}, uint8."
    ) { lua throws(LuaError) in
      guard lua.top == 0 else { throw .message("load_data takes no arguments; NN_DATASETS names another folder") }
      let (train, test) = try engine { () throws(NNError) in try FashionMNIST.load(directories: folders) }
      for tensor in [train.x, train.y, test.x, test.y] { lua.push(tensor) }
      return 4
    }
    lua.push(list: FashionMNIST.classNames)
    lua.rawSetField("class_names", in: -2)
    lua.rawSetField("fashion_mnist", in: -2)
    lua.rawSetField("datasets", in: -2)
  }
}
