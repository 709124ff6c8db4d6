import CLua

/// `nn.plot` and `nn.imshow`.
enum PictureModule {
  /// Adds to the module's table, which is on top.
  static func install(_ lua: LuaState, _ help: Help, _ output: Terminal) {
    let plot = PlotFunction(output: output)
    lua.pushFunction("nn.plot") { lua throws(LuaError) in try plot(lua) }
    help.add(
      HelpEntry(
        name: "nn.plot", signature: "{x, y, …}",
        summary: "Draws lines: of a history, of numbers, of several series; in the terminal or to a file.",
        fields: PlotFunction.fields,
        example: "nn.plot(history)\nnn.plot{x, nn.activations.elu(x), title=\"ELU\", file=\"elu.svg\"}\n"
          + "nn.plot{{x, a, label=\"a\"}, {x, b, label=\"b\"}, log=\"y\"}"), valueAt: -1)
    lua.rawSetField("plot", in: -2)

    let imshow = ImshowFunction(output: output)
    lua.pushFunction("nn.imshow") { lua throws(LuaError) in try imshow(lua) }
    help.add(
      HelpEntry(
        name: "nn.imshow", signature: "(image, {…})",
        summary: "Shows an image, a grid of images, or a confusion matrix; in the terminal or to a file.",
        fields: ImshowFunction.fields,
        example: "nn.imshow(x[1], {title=class_names[y[1] + 1]})\nnn.imshow(x:slice(1, 10), {titles=y:slice(1, 10)})\n"
          + "nn.imshow(confusion, {labels=class_names, file=\"confusion.svg\"})"), valueAt: -1)
    lua.rawSetField("imshow", in: -2)
  }
}
