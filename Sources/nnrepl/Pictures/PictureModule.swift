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
  }
}
