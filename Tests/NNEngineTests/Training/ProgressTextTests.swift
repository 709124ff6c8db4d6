import Testing

@testable import NNEngine

@Suite("Progress text")
struct ProgressTextTests {
  static let values: ProgressText.Values = [("loss", 0.50731), ("accuracy", 0.8213)]

  @Test("header and title")
  func titles() {
    #expect(
      ProgressText.header(samples: 48000, validationSamples: 12000)
        == "Train on 48000 samples, validate on 12000 samples\n")
    #expect(ProgressText.header(samples: 5, validationSamples: nil) == "Train on 5 samples\n")
    var text = ProgressText(style: .bar, target: 10)
    #expect(text.begin(epoch: 0, of: 20, now: 0) == "Epoch 1/20\n")
  }

  @Test("the bar on its way: digits, arrow, ETA")
  func bar() {
    var text = ProgressText(style: .bar, target: 48000)
    _ = text.begin(epoch: 0, of: 1, now: 100)
    #expect(
      text.update(32, Self.values, now: 100.01)
        == "\r   32/48000 [..............................] - ETA: 14s - loss: 0.5073 - accuracy: 0.8213")
    #expect(
      text.update(24000, Self.values, now: 101)
        == "\r24000/48000 [==============>...............] - ETA: 1s - loss: 0.5073 - accuracy: 0.8213 ")
    #expect(
      text.update(47968, [("loss", 0.0005)], now: 102)
        == "\r47968/48000 [============================>.] - ETA: 0s - loss: 5.0000e-04"
        + String(repeating: " ", count: 15))
  }

  @Test("the end of an epoch covers what was drawn before")
  func end() {
    var text = ProgressText(style: .bar, target: 48000)
    _ = text.begin(epoch: 0, of: 1, now: 0)
    _ = text.update(100, Self.values, now: 1)
    #expect(
      text.end([("loss", 1), ("val_loss", 0.5)], now: 18.768)
        == "\r48000/48000 [==============================] - 19s 391us/sample - loss: 1.0000 - val_loss: 0.5000\n")
    _ = text.begin(epoch: 1, of: 1, now: 20)
    #expect(
      text.end([("loss", 1)], now: 20.5)
        == "\r48000/48000 [==============================] - 0s 10us/sample - loss: 1.0000\n")
  }

  @Test("drawn at most every 50 ms, and never full before the end")
  func rate() {
    var text = ProgressText(style: .bar, target: 100)
    _ = text.begin(epoch: 0, of: 1, now: 0)
    #expect(!text.update(1, Self.values, now: 0).isEmpty)
    #expect(text.update(2, Self.values, now: 0.049).isEmpty)
    #expect(!text.update(3, Self.values, now: 0.051).isEmpty)
    #expect(text.update(100, Self.values, now: 1).isEmpty)
    _ = text.begin(epoch: 1, of: 1, now: 2)
    #expect(!text.update(1, Self.values, now: 2).isEmpty)
  }

  @Test("an interrupted bar is left on its own line")
  func interrupt() {
    var text = ProgressText(style: .bar, target: 100)
    _ = text.begin(epoch: 0, of: 1, now: 0)
    #expect(text.interrupt() == "")
    _ = text.update(1, Self.values, now: 1)
    #expect(text.interrupt() == "\n")
    #expect(text.interrupt() == "")
  }

  @Test("verbose 2, and one line for files")
  func lines() {
    var lines = ProgressText(style: .lines, target: 48000)
    #expect(lines.begin(epoch: 1, of: 3, now: 0) == "Epoch 2/3\n")
    #expect(lines.update(100, Self.values, now: 1) == "")
    #expect(lines.end(Self.values, now: 2.4) == "48000/48000 - 2s - loss: 0.5073 - accuracy: 0.8213\n")
    #expect(lines.interrupt() == "")
    var plain = ProgressText(style: .plain, target: 48000)
    #expect(plain.begin(epoch: 1, of: 3, now: 0) == "")
    #expect(plain.update(100, Self.values, now: 1) == "")
    #expect(plain.end([("loss", 2)], now: 2.4) == "Epoch 2/3 - 2s 50us/sample - loss: 2.0000\n")
    plain.begin(now: 5)
    #expect(plain.end([("loss", 2)], now: 6) == "48000/48000 - 1s 21us/sample - loss: 2.0000\n")
  }

  @Test(
    "times left",
    arguments: [
      (0, "0s"), (59.9, "59s"), (60, "60s"), (65.2, "1:05"), (3599, "59:59"), (3600, "60:00"), (3723, "1:02:03"),
      (360_000, "100:00:00"), (-1, "0s"), (.nan, "0s"), (.infinity, "277777:46:40"),
    ])
  func duration(_ seconds: Double, _ text: String) { #expect(ProgressText.duration(seconds) == text) }

  @Test(
    "numbers",
    arguments: [
      (0.5, "0.5000"), (0.0011, "0.0011"), (0.001, "1.0000e-03"), (1.23456e-5, "1.2346e-05"), (0, "0.0000e+00"),
      (-2.5, "-2.5000"), (.nan, "nan"), (.infinity, "inf"), (12345.678, "12345.6780"),
    ])
  func number(_ x: Double, _ text: String) { #expect(ProgressText.number(x) == text) }

  @Test("paces", arguments: [(1.5, "2s/step"), (0.25, "250ms/step"), (0.0004, "400us/step")])
  func pace(_ seconds: Double, _ text: String) {
    var progress = ProgressText(style: .bar, target: 2, unit: "step")
    progress.begin(now: 0)
    #expect(progress.end([], now: 2 * seconds).hasSuffix(" " + text + "\n"))
  }

  @Test("nothing to do, and more than was announced, do not trap")
  func odd() {
    var empty = ProgressText(style: .bar, target: 0)
    empty.begin(now: 0)
    #expect(empty.end([], now: 0).hasPrefix("\r0/0 [=============================="))
    var bar = ProgressText(style: .bar, target: 10)
    bar.begin(now: 0)
    #expect(bar.update(11, [], now: 1) == "")
  }
}
