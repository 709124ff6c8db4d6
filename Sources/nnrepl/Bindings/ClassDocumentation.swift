import CLua
import NNEngine

/// What help says of classes and methods, which have no schema of their own.
enum ClassDocumentation {
  /// After the classes are registered.
  static func install(_ lua: LuaState, _ help: Help) {
    help.add(
      HelpEntry(
        name: "Model", signature: "",
        summary: "A stack of layers, made by nn.Sequential{…}. Methods: \(model.map(\.name).joined(separator: ", ")). "
          + "Fields: name, layers, variables, trainable_variables, trainable, optimizer, history, metrics_names, stop_training."
      ))
    for method in model { add(method, of: Model.luaName, lua, help) }
    help.add(
      HelpEntry(
        name: "Run", signature: "",
        summary:
          "A training in the background, made by model:fit_async. Fields: status (running, paused, finished, stopped, "
          + "failed), epoch and batch (from 0), history (so far), model, error. Methods: "
          + "\(run.map(\.name).joined(separator: ", "))."))
    for method in run { add(method, of: BackgroundRun.luaName, lua, help) }
    for method in layer { add(method, of: Layer.luaName, lua, help) }
    help.add(
      HelpEntry(
        name: "Tensor", signature: "",
        summary: "Numbers with a shape, made by nn.tensor{…} and functions. Fields: shape, dtype, ndim, size. "
          + "t[i] is a row or an element, from 1; t[mask] rows; operators broadcast; a .. b appends rows."))
    for method in tensor { add(method, of: Boxed<Tensor>.luaName, lua, help) }
  }

  private struct Method {
    var name: String
    var signature: String
    var summary: String
    var fields: [HelpEntry.Field] = []
  }

  private static func add(_ method: Method, of className: String, _ lua: LuaState, _ help: Help) {
    let entry = HelpEntry(
      name: "\(className):\(method.name)", signature: method.signature, summary: method.summary,
      fields: method.fields)
    luaL_newmetatable(lua.raw, className)
    lua.rawGetField("__members", in: -1)
    lua.rawGetField(method.name, in: -1)
    help.add(entry, valueAt: -1)
    lua.pop(3)
  }

  private static let model = [
    Method(name: "add", signature: "(layer)", summary: "Appends a layer; returns the model."),
    Method(name: "pop", signature: "()", summary: "Removes the last layer and returns it."),
    Method(
      name: "build", signature: "{…}", summary: "Makes all variables for samples of this shape: model:build{28, 28}"),
    Method(name: "summary", signature: "()", summary: "Prints layers, output shapes and numbers of parameters."),
    Method(
      name: "plot", signature: "{file=nil}",
      summary: "Draws the layers with their shapes and connections; in the terminal or to a file.",
      fields: [
        field("file", "a string", "nil", "A .svg, .png or .pdf, drawn by gnuplot."),
        field("width", "an integer", "nil", "Of the file, in pixels."),
        field("height", "an integer", "nil", "Of the file, in pixels."),
      ]),
    Method(
      name: "compile", signature: "{optimizer=\"rmsprop\", loss, metrics={}}",
      summary: "Chooses how the model is trained. Example: model:compile{loss=\"mse\", optimizer=\"sgd\"}",
      fields: [
        field("optimizer", "an optimizer or nil", "nil", "By name, or an object; RMSprop when not given."),
        field("loss", "a loss", nil, "What is minimised."),
        field("metrics", "a list of metrics", "{}", "What is reported beside the loss."),
      ]),
    Method(
      name: "fit", signature: "(x, y, {…})", summary: FitOptions.doc,
      fields: FitOptions.fieldInfos.map(Documentation.field)),
    Method(
      name: "resume", signature: "{callbacks=nil, verbose=1}",
      summary:
        "Goes on with a fit that Ctrl-C or model:interrupt() has ended: with the result that it would have had without the "
        + "pause, bit for bit. The learning rate may be changed in between, and the callbacks; what would make another training of it "
        + "(other weights, layers, what is trainable) is an error. A new fit or compile forgets it, an error that ended fit, too.",
      fields: [
        field(
          "callbacks", "a list", "nil",
          "In place of those of fit. Known ones go on (on_train_resume), new ones begin here."
        ),
        field("verbose", "0, 1 or 2", "1", "As in fit."),
      ]),
    Method(
      name: "interrupt", signature: "()",
      summary: "Does what Ctrl-C does: fit, evaluate or predict end after the present batch. For callbacks."),
    Method(
      name: "fit_async", signature: "(x, y, {…})",
      summary: "fit on a thread of its own, with the same result, bit for bit; returns a run at once: local run = "
        + "model:fit_async(x, y, {epochs=20}). The model can be looked at meanwhile (predict, evaluate, get_weights wait for the end of "
        + "a batch), its learning rate can be set; what would change the training is an error. Lua callbacks are called at the prompt and "
        + "in the run's methods. No bar is drawn; verbose=0 leaves out the line at the end, too. See help \"Run\"."),
    Method(
      name: "evaluate", signature: "(x, y, {batch_size=256, verbose=1, callbacks={}})",
      summary: "Returns the loss, then the metrics.",
      fields: [
        field("batch_size", "an integer", "256", "Samples computed at once."),
        field("verbose", "0 or 1", "1", "Whether to show progress."),
        field("callbacks", "a list", "{}", "Called at each batch: on_test_begin and so on."),
      ]),
    Method(
      name: "predict", signature: "(x, {batch_size=256, callbacks={}})", summary: "Returns the output for each sample.",
      fields: [
        field("batch_size", "an integer", "256", "Samples computed at once."),
        field("callbacks", "a list", "{}", "Called at each batch: on_predict_begin and so on."),
      ]),
    Method(
      name: "predict_mc", signature: "(x, {samples=100, batch_size=256, callbacks={}})",
      summary: "Returns mean and standard deviation of the outputs over passes with dropout dropping. Example: "
        + "local mean, std = model:predict_mc(x, {samples=100})",
      fields: [
        field("samples", "an integer", "100", "Passes; none is kept."),
        field("batch_size", "an integer", "256", "Samples computed at once; other masks come with another size."),
        field("callbacks", "a list", "{}", "Called at each pass: on_predict_batch_end and so on."),
      ]),
    Method(
      name: "find_learning_rate", signature: "(x, y, {…})", summary: LearningRateSearch.doc,
      fields: LearningRateSearch.fieldInfos.map(Documentation.field)),
    Method(
      name: "fold_batch_normalization", signature: "()",
      summary:
        "A new model that computes the same in inference, with every BatchNormalization beside a Dense inside that "
        + "Dense's weights. It is not compiled; what cannot be folded stays."),
    Method(
      name: "train_on_batch", signature: "(x, y)", summary: "One update; returns the loss before it, then metrics."),
    Method(name: "get_weights", signature: "()", summary: "Returns copies of all variables, a list of tensors."),
    Method(name: "set_weights", signature: "(weights)", summary: "Overwrites all variables."),
    Method(
      name: "get_optimizer_weights", signature: "()",
      summary:
        "Returns what the optimizer keeps, a list of tensors: the count of its steps, then its slots, the first for all weights, "
        + "then the second."),
    Method(
      name: "set_optimizer_weights", signature: "(weights)",
      summary: "Overwrites them: with the weights and the random numbers, training goes on as it did there."),
    Method(name: "get_layer", signature: "(name or index)", summary: "Returns a layer."),
    Method(name: "get_config", signature: "()", summary: "Returns Keras's configuration, a table."),
    Method(name: "count_params", signature: "()", summary: "Returns the number of parameters."),
    Method(
      name: "save", signature: "(filepath, {overwrite=true, include_optimizer=true, format=nil})",
      summary:
        "Saves structure, weights, the arguments of compile and the optimizer's state; the name's end says how: .h5 (all Kerases "
        + "read it), .keras (Keras 3), .safetensors, .npz. Without a name the bytes come back as a string: model:save{format=\"keras\"}."
    ),
    Method(
      name: "save_weights", signature: "(filepath, {overwrite=true, format=nil})",
      summary:
        "Saves the weights alone: .weights.h5 (Keras 3's, with the optimizer's state), .h5 (Keras 2's), .safetensors, .npz. "
        + "Without a name, a string of bytes."),
    Method(
      name: "load_weights", signature: "(filepath, {by_name=false, skip_mismatch=false})",
      summary:
        "Takes over weights from a file, layer by layer in order, or by the layers' names; nothing changes unless all fits. "
        + "skip_mismatch leaves layers that do not fit, and returns their names. bytes=string instead of a name works, too."
    ),
    Method(
      name: "export_c", signature: "(filepath, {name=nil, weights=\"float32\", samples=nil, overwrite=true})",
      summary:
        "Writes the model as one file of C99 that needs libm only: what predict computes, the weights, a test of itself. "
        + "Without a name, a string. Example: model:export_c(\"digits.c\", {weights=\"int8\"}), then "
        + "cc -DDIGITS_SELF_TEST digits.c -lm && ./a.out",
      fields: [
        field("name", "a string", "the model's name", "What all names in the file begin with; an identifier of C."),
        field(
          "weights", "a string", "\"float32\"",
          "\"float32\", or \"int8\": kernels in eight bits, with a scale for each output."),
        field(
          "samples", "a tensor, or a list of one for each input", "four made ones",
          "What the file tests itself with: it holds them and the model's outputs for them."),
        field("overwrite", "true or false", "true", "Whether a file of that name may be replaced."),
      ]),
    Method(
      name: "export_onnx", signature: "(filepath, {batch=nil, overwrite=true})",
      summary:
        "Writes the model as ONNX (operator set 17), which onnxruntime and others run: what predict computes, inputs and outputs as float32 "
        + "under the names that the summary shows. Without a name, a string. Example: model:export_onnx(\"digits.onnx\")",
      fields: [
        field(
          "batch", "a positive integer", "any number",
          "How many samples the file takes at once: for models in which something depends on that, such as a mean over samples."
        ),
        field("overwrite", "true or false", "true", "Whether a file of that name may be replaced."),
      ]),
    Method(
      name: "explain", signature: "{batch_size=32}",
      summary: "Returns the program of one training step, kernel by kernel.",
      fields: [field("batch_size", "an integer", "32", "Samples in the step.")]),
  ]

  private static let run = [
    Method(name: "pause", signature: "()", summary: "Stands still after the present batch; returns the run."),
    Method(name: "resume", signature: "()", summary: "Goes on after a pause; returns the run."),
    Method(
      name: "stop", signature: "()",
      summary: "Ends the training after the present batch; returns the history. model:resume() can go on with it."),
    Method(
      name: "wait", signature: "()",
      summary:
        "Waits for the end and returns the history; an error of the training is one here. Ctrl-C ends the waiting, Ctrl-C in a "
        + "later wait ends the training."),
    Method(name: "plot", signature: "{…}", summary: "Draws the history so far, as nn.plot does."),
  ]

  private static let layer = [
    Method(
      name: "adapt", signature: "(x)",
      summary:
        "Lets a layer that learns from data before training (Normalization) look at all of it; batches may be a list."),
    Method(name: "count_params", signature: "()", summary: "Returns the number of parameters."),
    Method(name: "get_config", signature: "()", summary: "Returns Keras's configuration, a table."),
    Method(name: "get_weights", signature: "()", summary: "Returns copies of all variables, a list of tensors."),
    Method(name: "set_weights", signature: "(weights)", summary: "Overwrites all variables."),
  ]

  private static let tensor = [
    Method(name: "slice", signature: "(first, last)", summary: "Rows first … last, both included; from the end: -1."),
    Method(name: "take", signature: "{…}", summary: "The rows at these positions."),
    Method(name: "reshape", signature: "{…}", summary: "The same elements in another shape; one extent may be -1."),
    Method(
      name: "split", signature: "(parts, {axis=1})",
      summary: "A list of so many equal parts; or the parts that end at the positions in a list, and the rest."),
    Method(name: "astype", signature: "\"dtype\"", summary: "Converted to float32, int32, uint8 or bool."),
    Method(name: "tolist", signature: "()", summary: "Nested tables."),
    Method(name: "item", signature: "()", summary: "The only element."),
  ]

  private static func field(
    _ name: String, _ kind: String, _ defaultValue: String?, _ doc: String
  ) -> HelpEntry.Field {
    HelpEntry.Field(name: name, defaultValue: defaultValue, summary: doc, choices: Documentation.choices(kind))
  }
}
