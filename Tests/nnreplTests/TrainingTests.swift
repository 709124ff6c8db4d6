import Foundation
import Testing

/// A model that trains for hours unless somebody stops it.
private let setUp = """
  nn.set_seed(1)
  model = nn.Sequential{nn.layers.Dense{64, activation="elu", input_shape={32}}, nn.layers.Dense(1)}
  model:compile{loss="mse", optimizer="sgd"}
  x, y = nn.random.normal{2048, 32}, nn.zeros{2048, 1}

  """

@Suite("Training at the prompt", .serialized) struct TrainingAtThePromptTests {
  @Test("Ctrl-C ends fit after its batch: history, model and prompt are alive") func interrupt() throws {
    let folder = try TemporaryFolder()
    let terminal = try PseudoTerminal(["-q", "-i", folder.write("set-up.lua", setUp)])
    try terminal.wait(for: "nn> ")
    for _ in 1...2 {
      terminal.type("history = model:fit(x, y, {epochs=1000000})" + Key.enter)
      try terminal.wait(for: "Epoch 3/1000000")
      terminal.type(Key.controlC)
      try terminal.wait(for: "interrupted at epoch ")
      try terminal.wait(for: "the model keeps the weights so far")
      try terminal.wait(for: "nn> ")
      terminal.type("history.interrupted, #history.epoch >= 2" + Key.enter)
      try terminal.wait(for: "\rtrue\ttrue\r\n")
      try terminal.wait(for: "nn> ")
    }
    terminal.type("model:evaluate(x, y, {verbose=0}) < 1" + Key.enter)
    try terminal.wait(for: "\rtrue\r\n")
    try terminal.wait(for: "nn> ")
    terminal.type("before = #history.epoch; model:resume();" + Key.enter)
    try terminal.wait(for: "/1000000")
    terminal.type(Key.controlC)
    try terminal.wait(for: "model:resume() goes on")
    try terminal.wait(for: "nn> ")
    terminal.type("history == model.history, #history.epoch >= before" + Key.enter)
    try terminal.wait(for: "\rtrue\ttrue\r\n")
  }

  @Test("a bar on the terminal") func bar() throws {
    let folder = try TemporaryFolder()
    let terminal = try PseudoTerminal(["-q", "-i", folder.write("set-up.lua", setUp)])
    try terminal.wait(for: "nn> ")
    terminal.type("model:fit(x, y, {epochs=1});" + Key.enter)
    try terminal.wait(for: "Epoch 1/1\r\n")
    try terminal.wait(for: "2048/2048 [==============================] - ")
  }

  @Test("what callbacks say stands below the bar, as in Keras") func messages() throws {
    let folder = try TemporaryFolder()
    let terminal = try PseudoTerminal(["-q", "-i", folder.write("set-up.lua", setUp)])
    try terminal.wait(for: "nn> ")
    terminal.type(
      "model:fit(x, y, {callbacks={nn.callbacks.EarlyStopping{\"loss\", baseline=-1, verbose=1}}});" + Key.enter)
    try terminal.wait(for: "2048/2048 [==============================] - ")
    try terminal.wait(for: "\r\nEpoch 00001: early stopping\r\n")
  }

  @Test("Ctrl-C: fit ends after the batch whose hook is running; a second one ends the hook, too") func hooks() throws {
    let folder = try TemporaryFolder()
    let script = """
      Slow = nn.callbacks.Callback:subclass "Slow"
      function Slow:on_batch_end() print "in the hook" while forever do end end

      """
    let terminal = try PseudoTerminal(["-q", "-i", folder.write("set-up.lua", setUp + script)])
    try terminal.wait(for: "nn> ")
    terminal.type("forever = true; model:fit(x, y, {verbose=0, callbacks={Slow()}})" + Key.enter)
    try terminal.wait(for: "in the hook")
    terminal.type(Key.controlC)
    Thread.sleep(forTimeInterval: 1)  // two signals that are pending together are one
    terminal.type(Key.controlC)
    try terminal.wait(for: "interrupted!")
    try terminal.wait(for: "nn> ")
    terminal.type("forever = false; h = model:fit(x, y, {epochs=1000000, verbose=0, callbacks={Slow()}})" + Key.enter)
    try terminal.wait(for: "in the hook")
    terminal.type(Key.controlC)
    try terminal.wait(for: "interrupted at epoch ")
    try terminal.wait(for: "nn> ")
    terminal.type("#model:fit(x, y, {epochs=2, verbose=0}).epoch" + Key.enter)
    try terminal.wait(for: "\r2\r\n")
  }

  @Test("training in the background: the line being typed is not torn by what is said") func background() throws {
    let folder = try TemporaryFolder()
    let terminal = try PseudoTerminal(["-q", "-i", folder.write("set-up.lua", setUp)])
    try terminal.wait(for: "nn> ")
    terminal.type("run = model:fit_async(x, y, {epochs=1000000})" + Key.enter)
    try terminal.wait(for: "nn> ")
    terminal.type("run.status, model:predict(x).shape[1]" + Key.enter)
    try terminal.wait(for: "\rrunning\t2048\r\n")
    terminal.type("h = run:stop(); print(h.interrupted, run.status)" + Key.enter)
    try terminal.wait(for: "true\tstopped\r\n")
    try terminal.wait(for: "nn> ")
    // A hook is called while a line is being typed, and prints.
    let hook = "nn.callbacks.LambdaCallback{on_epoch_end=function(e) print('hook', e) end}"
    terminal.type("run = model:fit_async(x, y, {epochs=3, callbacks={\(hook)}})" + Key.enter)
    terminal.type("40 + ")
    try terminal.wait(for: "hook\t2\r\n")
    try terminal.wait(for: "training in the background of 'sequential' has ended: 3 epochs - loss: ")
    try terminal.wait(for: "nn> 40 + ")
    terminal.type("2" + Key.enter)
    try terminal.wait(for: "\r42\r\n")
    terminal.type(
      "model:fit_async(x, y, {callbacks={nn.callbacks.LambdaCallback{on_epoch_end=function() error 'enough' end}}});")
    terminal.type(Key.enter)
    try terminal.wait(for: "training in the background of 'sequential' has failed: ")
  }

  @Test("Ctrl-C in run:wait() ends the waiting, the next time the training; Ctrl-D stops what still trains")
  func waiting() throws {
    let folder = try TemporaryFolder()
    let terminal = try PseudoTerminal(["-q", "-i", folder.write("set-up.lua", setUp)])
    try terminal.wait(for: "nn> ")
    terminal.type("run = model:fit_async(x, y, {epochs=1000000}); run:wait()" + Key.enter)
    Thread.sleep(forTimeInterval: 0.5)
    terminal.type(Key.controlC)
    try terminal.wait(for: "the training goes on in the background")
    try terminal.wait(for: "nn> ")
    terminal.type("run.status" + Key.enter)
    try terminal.wait(for: "\rrunning\r\n")
    terminal.type("run:wait()" + Key.enter)
    Thread.sleep(forTimeInterval: 0.5)
    terminal.type(Key.controlC)
    try terminal.wait(for: "the training in the background is stopped")
    try terminal.wait(for: "nn> ")
    terminal.type("model:fit_async(x, y, {epochs=1000000});" + Key.enter)
    try terminal.wait(for: "nn> ")
    terminal.type("\u{4}")
    try terminal.wait(for: "a training in the background is stopped, unfinished")
  }

  @Test("completion knows the module, options, choices and objects") func completion() throws {
    let folder = try TemporaryFolder()
    let terminal = try PseudoTerminal(["-q", "-i", folder.write("set-up.lua", setUp)])
    try terminal.wait(for: "nn> ")
    terminal.type("nn.layers.Flat" + Key.tab + ".name" + Key.enter)
    try terminal.wait(for: "\rFlatten\r\n")
    terminal.type("nn.layers.Dense{uni" + Key.tab + "77, kernel_init" + Key.tab + "\"he_no" + Key.tab)
    try terminal.wait(for: "units=77, kernel_initializer=\"he_normal")
    terminal.type("\"}:get_config().units" + Key.enter)
    try terminal.wait(for: "\r77\r\n")
    terminal.type("model.optimizer.learning_r" + Key.tab + Key.enter)
    try terminal.wait(for: "\r0.01\r\n")
    terminal.type("model:pred" + Key.tab + "(x).shape[1]" + Key.enter)
    try terminal.wait(for: "\r2048\r\n")
  }

  @Test("help: a class, a name, a misspelt name") func help() throws {
    let terminal = try PseudoTerminal(["-q", "--no-color"])
    try terminal.wait(for: "nn> ")
    terminal.type("? nn.layers.Dense" + Key.enter)
    try terminal.wait(for: "nn.layers.Dense{units, activation=")
    terminal.type("? dense" + Key.enter)
    try terminal.wait(for: "nn.layers.Dense{units")
    terminal.type("help 'Desne'" + Key.enter)
    try terminal.wait(for: "no help for 'Desne'; did you mean 'Dense'?")
  }
}

@Suite("Training in scripts") struct TrainingInScriptsTests {
  @Test("a signal ends fit after its batch, then the script", arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
  func interrupt(_ signal: Int32, _ status: Int32) throws {
    let folder = try TemporaryFolder()
    let ready = folder.url("ready").path
    let code = setUp + "io.open('\(ready)', 'w'):close() model:fit(x, y, {epochs=1000000, verbose=0}) print 'went on'"
    let outcome = try NNRepl.run(["-e", code]) { process in
      while !FileManager.default.fileExists(atPath: ready), process.isRunning { usleep(1000) }
      usleep(50_000)
      kill(process.processIdentifier, signal)
    }
    #expect(outcome.output.hasPrefix("interrupted at epoch "))
    #expect(!outcome.output.contains("went on"))
    #expect(outcome.errors.contains("interrupted!"))
    #expect(outcome.status == status)
  }

  @Test("a third signal has its default effect: the way out of code that neither polls nor is Lua") func insistent()
    throws
  {
    let folder = try TemporaryFolder()
    let ready = folder.url("ready").path
    // A pattern whose matching takes longer than the universe has.
    let code = "io.open('\(ready)', 'w'):close(); (\"x\"):rep(100000):find('.-.-.-.-b')"
    let outcome = try NNRepl.run(["-e", code]) { process in
      while !FileManager.default.fileExists(atPath: ready), process.isRunning { usleep(1000) }
      for _ in 1...3 {
        usleep(200_000)  // signals that are pending together are one
        kill(process.processIdentifier, SIGINT)
      }
    }
    #expect(outcome.status == SIGINT)
  }

  @Test("a script that ends while a training runs in the background says so, and stops it") func unfinished() throws {
    for (ending, status) in [("", Int32(0)), ("error 'enough'", 1)] {
      let outcome = try NNRepl.run(["-e", setUp + "model:fit_async(x, y, {epochs=1000000}) \(ending)"])
      #expect(outcome.status == status)
      #expect(outcome.errors.contains("a training in the background is stopped, unfinished"))
    }
    #expect(try NNRepl.run(["-e", setUp + "model:fit_async(x, y, {epochs=1000000}) os.exit(3, true)"]).status == 3)
  }

  @Test("plain lines without control characters where there is no terminal") func plainProgress() throws {
    let outcome = try NNRepl.run(["-e", setUp + "model:fit(x, y, {epochs=2}) model:evaluate(x, y)"])
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines.first == "Train on 2048 samples")
    #expect(lines.dropFirst().first?.hasPrefix("Epoch 1/2 - ") == true)
    #expect(!outcome.output.contains { $0 == "\r" || $0 == "\u{1B}" || $0 == "\u{8}" })
  }

  @Test("verbose = 0 is silent") func silent() throws {
    let code = setUp + "model:fit(x, y, {verbose=0}) model:evaluate(x, y, {verbose=0}) model:predict(x)"
    #expect(try NNRepl.run(["-e", code]).output == "")
  }

  @Test("the same losses at 1 and 2 threads, and at the lower processor level the same again on any machine")
  func reproducible() throws {
    let code = setUp + "print(table.concat(model:fit(x, y, {epochs=3, verbose=0}).history.loss, ' '))"
    let one = try NNRepl.run(["-e", code], environment: ["NN_NUM_THREADS": "1"]).output
    #expect(try NNRepl.run(["-e", code], environment: ["NN_NUM_THREADS": "2"]).output == one)
    #expect(!one.isEmpty)
    let lower = ["NN_CPU": "avx2"]
    #expect(
      try NNRepl.run(["-e", code], environment: lower).output == NNRepl.run(["-e", code], environment: lower).output)
  }

  @Test("impossible settings", arguments: [("NN_NUM_THREADS", "0"), ("NN_NUM_THREADS", "many"), ("NN_CPU", "z80")])
  func settings(_ name: String, _ value: String) throws {
    let outcome = try NNRepl.run(["-e", "print(1)"], environment: [name: value])
    #expect(outcome.errors.hasPrefix("nnrepl: \(name) must be "))
    #expect(outcome.output == "")
    #expect(outcome.status == 1)
  }

  @Test("a missing data set: the error names the package; a broken one: the file") func datasets() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("train-images-idx3-ubyte", "no pictures")
    let code = "print(pcall(nn.datasets.fashion_mnist.load_data))"
    let broken = try NNRepl.run(["-e", code], environment: ["NN_DATASETS": folder.path])
    #expect(broken.output.hasPrefix("false\t") && broken.output.contains("fashion_mnist: "))
    #expect(broken.output.split(separator: "\n").count == 1)
  }
}
