/// The test that an exported file brings along: stored samples, and what the engine makes of them.
struct CSelfTest {
  let prefix: String
  let names: CFileNames
  let graph: InferenceGraph
  let samples: CSamples

  func write(to sink: any ByteSink) throws(NNError) {
    let macro = prefix.uppercased()
    try sink.write("#ifdef \(macro)_SELF_TEST\n\n#include <stdio.h>\n\n")
    for (name, x) in zip(names.inputs, samples.inputs) {
      try CArray.write("float", "\(prefix)_test_\(name)", x, to: sink)
    }
    for (name, y) in zip(names.outputs, samples.outputs) {
      try CArray.write("float", "\(prefix)_expected_\(name)", y, to: sink)
    }
    let tolerance = DecimalText.scientific(CSamples.tolerance, places: 0)
    try sink.write(
      """
      /* Whether results are within \(tolerance) of the largest expected number of the output; NaN is expected where it is. */
      static int \(prefix)_compare(const char *name, const float *result, const float *expected, int count) {
        float scale = 0.0f, worst = 0.0f;
        for (int i = 0; i < count; ++i) {
          if (isfinite(expected[i]) && fabsf(expected[i]) > scale) scale = fabsf(expected[i]);
        }
        for (int i = 0; i < count; ++i) {
          const float a = result[i], b = expected[i];
          if (a == b || (a != a && b != b)) continue;
          if (!(fabsf(a - b) <= worst)) worst = a != a || b != b ? INFINITY : fabsf(a - b);
        }
        printf("\(prefix): %s: largest difference %g, allowed %g: %s\\n", name, (double)worst, \(tolerance) * scale,
            worst <= \(tolerance)f * scale ? "ok" : "WRONG");
        return worst <= \(tolerance)f * scale;
      }

      /* Tells on the standard output, and returns 1 when all is well. */
      static int \(prefix)_self_test(void) {

      """)
    var text = CText(depth: 1)
    for name in names.outputs {
      text.line("static float result_\(name)[\(samples.count) * \(macro)_\(name.uppercased())_SIZE];")
    }
    let arguments =
      names.inputs.map { "\(prefix)_test_\($0)" } + ["\(samples.count)"] + names.outputs.map { "result_\($0)" }
    text.line("if (\(prefix)_predict(\(arguments.joined(separator: ", "))) != 0) return 0;")
    text.line("int ok = 1;")
    for (name, y) in zip(names.outputs, samples.outputs) {
      text.line(
        "ok &= \(prefix)_compare(\"\(name)\", result_\(name), \(prefix)_expected_\(name), \(y.shape.count));")
    }
    text.line("return ok;")
    try sink.write(
      text.text + """
        }

        #ifndef \(macro)_NO_MAIN
        int main(void) { return \(prefix)_self_test() ? 0 : 1; }
        #endif

        #endif


        """)
  }
}
