import Testing

@testable import NNEngine

@Suite("CSVLogger")
struct CSVLoggerTests {
  private func text(_ folder: TemporaryFolder, _ name: String = "log.csv") throws -> String {
    String(decoding: try folder.read(folder.path + "/" + name), as: UTF8.self)
  }

  private func logger(_ folder: TemporaryFolder, _ more: String = "") throws -> any Callback {
    try Callbacks.make("CSVLogger", #"{"filename": "\#(folder.path)/log.csv"\#(more)}"#)
  }

  /// Python's csv writes numbers as repr does, and ends lines with CR LF; Keras opens the file with newline='\n', which leaves that alone.
  @Test("trap 34: epoch from 0, names in order, all digits, CR LF")
  func format() throws {
    let folder = try TemporaryFolder()
    let (_, history) = try Script.fit([0.1, 1.0 / 3, 1e-07], [logger(folder)], name: "b_metric")
    let (accuracy, loss) = (try history.values("accuracy"), try history.values("loss"))
    #expect(
      try text(folder) == "epoch,accuracy,b_metric,loss\r\n"
        + "0,\(accuracy[0]),0.1,\(loss[0])\r\n1,\(accuracy[1]),0.3333333333333333,\(loss[1])\r\n"
        + "2,\(accuracy[2]),1e-07,\(loss[2])\r\n")
  }

  @Test("trap 34: validation has its columns, NA where an epoch has none")
  func validation() throws {
    let folder = try TemporaryFolder()
    try Script.fit([1, nil, 2], [logger(folder)], options: #""validation_split": 0.5"#)
    let lines = try text(folder).split(separator: "\r\n")
    #expect(lines[0] == "epoch,accuracy,loss,val_accuracy,val_loss")
    #expect(lines[1].hasSuffix(",1.0") && lines[2].hasSuffix(",NA") && lines[3].hasSuffix(",2.0"))
  }

  @Test("append goes on without a second header; else the file is replaced; another separator")
  func append() throws {
    let folder = try TemporaryFolder()
    let (plain, appending) = (try logger(folder), try logger(folder, #", "append": true, "separator": ";""#))
    try Script.fit([1], [appending])
    #expect(try text(folder).hasPrefix("epoch;accuracy;loss;val_loss\r\n0;"))
    try Script.fit([1, 2], [appending])
    #expect(try text(folder).split(separator: "\r\n").count == 4)
    try Script.fit([1, 2], [plain])
    #expect(try text(folder).split(separator: "\r\n").count == 3)
    #expect(try text(folder).hasPrefix("epoch,"))
  }

  @Test("a name with the separator or a quotation mark is quoted as Python does")
  func quoting() throws {
    let folder = try TemporaryFolder()
    try Script.fit([1], [logger(folder)], name: #"a,"b""#)
    #expect(try text(folder).hasPrefix(#"epoch,"a,""b""",accuracy,loss"# + "\r\n"))
  }

  @Test("a path that cannot be written is an error before the first batch; a full disk one after the epoch")
  func failures() throws {
    let model = try Make.classifier()
    let nowhere = try Callbacks.make("CSVLogger", #"{"filename": "/no/such/folder/log.csv"}"#)
    #expect(
      Evaluate.message { try Script.fit([1], [nowhere], model: model) }
        == "CSVLogger: '/no/such/folder/log.csv' could not be written: No such file or directory")
    #expect(model.optimizer?.iterations == 0)
    let full = try Callbacks.make("CSVLogger", #"{"filename": "/dev/full"}"#)
    #expect(
      Evaluate.message { try Script.fit([1], [full], model: model) }
        == "CSVLogger: '/dev/full' could not be written: No space left on device")
    #expect(try Script.fit([1], [], model: model).history.epochs == [0])
  }

  @Test("bad options")
  func badOptions() {
    for json in [
      "{}", #"{"filename": ""}"#, #"{"filename": "a", "separator": ""}"#, #"{"filename": "a", "separator": "ab"}"#,
      #"{"filename": "a", "separator": "\""}"#,
    ] { #expect(Evaluate.message { _ = try Callbacks.make("CSVLogger", json) }.hasPrefix("CSVLogger: ")) }
  }
}
