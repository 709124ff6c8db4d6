import Foundation
import Testing

@testable import NNEngine

/// Traps 36–39: what is printed, and in which order samples come.
@Suite("Keras's traps: text and order")
struct KerasTrapsText {
  @Test("trap 36: callbacks count epochs from 0, people from 1")
  func epochs() throws {
    let (x, y) = try Make.samples(8)
    let recorder = Recorder()
    try Make.classifier().fit(x: x, y: y, Make.options(#"{"epochs": 2}"#), callbacks: [recorder])
    #expect(
      recorder.events.filter { $0.hasPrefix("epoch") || $0.hasPrefix("end") } == [
        "epoch 0", "end 0", "epoch 1", "end 1",
      ])
    var text = ProgressText(style: .bar, target: 8)
    #expect(text.begin(epoch: 0, of: 2, now: 0) == "Epoch 1/2\n")
  }

  @Test("trap 37: TensorFlow 2.1's progress line; what is at most 1e-3 is written with an exponent")
  func progress() {
    #expect(
      ProgressText.header(samples: 48000, validationSamples: 12000)
        == "Train on 48000 samples, validate on 12000 samples\n")
    var bar = ProgressText(style: .bar, target: 48000)
    _ = bar.begin(epoch: 0, of: 1, now: 0)
    let drawn = bar.update(24000, [("loss", 0.50731)], now: 1)
    #expect(drawn == "\r24000/48000 [==============>...............] - ETA: 1s - loss: 0.5073")
    #expect(drawn.filter { "=>.".contains($0) }.count == 30 + 1)  // 30 cells, and the point of the number
    let full = bar.end([("loss", 0.001), ("val_loss", 0.00101)], now: 18.768)
    #expect(
      full.trimmingCharacters(in: .whitespacesAndNewlines)
        == "48000/48000 [==============================] - 19s 391us/sample - loss: 1.0000e-03 - val_loss: 0.0010")
    // verbose=2: a line for each epoch, no bar.
    var lines = ProgressText(style: .lines, target: 48000)
    _ = lines.begin(epoch: 0, of: 1, now: 0)
    #expect(lines.update(100, [("loss", 1)], now: 1) == "")
    #expect(!lines.end([("loss", 1)], now: 2).contains("["))
  }

  @Test("trap 38: a summary is 65 wide, its cells are cut at 29 and 55; an unbuilt model has none")
  func summary() throws {
    let model = try Model(
      name: "m",
      layers: [
        Make.dense(3, "elu", "a_name_that_is_longer_than_its_column", input: 4), Make.dense(1, "linear", "b"),
      ])
    let lines = try model.summary().split(separator: "\n").map(String.init)
    #expect(lines[0] == "Model: \"m\"")
    #expect(lines[1] == String(repeating: "_", count: 65))
    #expect(lines[3] == String(repeating: "=", count: 65))
    #expect(lines[4].hasPrefix("a_name_that_is_longer_than_i (None, 3)"))  // cut, not wrapped
    #expect(lines[5] == String(repeating: "_", count: 65))
    #expect(throws: NNError.self) { try Model(name: "n", layers: [Make.dense(1, "linear", "c")]).summary() }
  }

  @Test("trap 39: one seed fixes weights, shuffling and dropout alike; a split's test set is ⌈0.2 n⌉ rows in front")
  func order() throws {
    let order = RandomState.newStream(seed: 7).permutation(63).map(Float.init)
    let parts = try trainTestSplit(
      [Tensor((0..<63).map { Float($0) })],
      SplitTests.options(("seed", .integer(7)), ("test_size", .number(0.2))))[0]
    #expect(parts.test.rows == 13 && parts.train.rows == 50)
    #expect(parts.test.values == Array(order[..<13]) && parts.train.values == Array(order[13...]))
  }
}
