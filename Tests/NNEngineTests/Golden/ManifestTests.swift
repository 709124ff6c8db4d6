import Foundation
import Testing

@testable import NNEngine

/// What Keras computed for us (Fixtures/manifest.json names every case) and what becomes of it: a case is run by a test, or there is a
/// reason. A case that is neither fails the suite, so a new feature takes its line out of `reasons` and runs its cases.
@Suite("Golden: every case of the manifest is run, or there is a reason")
struct ManifestTests {
  struct File: Decodable {
    let file: String
    let lib: String
    let cases: [String]
  }
  private struct Manifest: Decodable { let files: [File] }

  private static func files() throws -> [File] {
    let url = try #require(Bundle.module.url(forResource: "manifest", withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode(Manifest.self, from: Data(contentsOf: url)).files
  }

  /// Cases that suites run, as "library/topic/name": the very lists that are the suites' arguments.
  private static func run() throws -> Set<String> {
    var names: Set<String> = []
    func add(_ library: Fixtures.Library, _ topic: Fixtures.Topic, _ cases: [FixtureTable]) {
      names.formUnion(cases.map { "\(library)/\(topic)/\(Coverage.name($0))" })
    }
    func add(_ library: Fixtures.Library, _ topic: Fixtures.Topic, _ cases: [String]) {
      names.formUnion(cases.map { "\(library)/\(topic)/\($0)" })
    }
    add(.tf21, .activations, ActivationFixtureTests.cases)
    add(.tf21, .activations, ["layer_PReLU"])  // LayerFixtureTests.prelu
    for (library, name) in ActivationFixtureTests.rowCases { add(library, .activations, [name]) }
    add(.tfkeras, .activations, try Fixtures.cases(.activations, of: .tfkeras))
    add(.keras3, .activations, try Fixtures.cases(.activations, of: .keras3).filter { $0.has("dydx") })
    add(.tf21, .initializers, InitializerTests.scalings + InitializerShapeTests.cases)
    add(.tf21, .initializers, InitializerTableTests.plain.map(\.fixture))
    add(.tf21, .initializers, InitializerTableTests.constants.map(\.fixture))
    add(.tf21, .layers, LayerFixtureTests.cases + BatchNormalizationFixtureTests.cases)
    add(.tf21, .layers, [BatchNormalizationFixtureTests.frozenCase, "embedding"])  // and EmbeddingTests.keras
    add(.tf21, .layers, RegularizerTests.penalties.map(\.fixture) + RegularizerTests.constraints.map(\.fixture))
    for library in [Fixtures.Library.tf21, .tfkeras] {
      add(library, .losses, try Fixtures.cases(.losses, of: library))
      add(library, .optimizers, try Fixtures.cases(.optimizers, of: library))
      add(library, .schedules, try Fixtures.cases(.schedules, of: library))
    }
    add(.tf21, .metrics, try Fixtures.cases(.metrics))
    add(.tf21, .summaries, SummaryFixtureTests.models + SummaryFixtureTests.tables.map(\.name))
    add(.tf21, .summaries, KerasConfigurationTests.cases + [KerasConfigurationTests.variablesCase])
    for library in [Fixtures.Library.tf21, .tfkeras, .keras3] {
      add(library, .models, try Fixtures.cases(.models, of: library))  // KerasFileTests
    }
    for (name, recipe) in TrainingFixtureTests.recipes { add(recipe.library, .training, [name]) }
    return names
  }

  /// Beginning of "library/topic/name" → why no test runs it.
  private static let reasons: [(prefix: String, why: String)] =
    LayerFixtureTests.coverage.skipped.filter { !$0.why.contains("test") }.map { ("tf21/layers/" + $0.prefix, $0.why) }
    + [
      ("tf21/training/regression_huber_clipnorm", "TensorFlow 2.1's training loop ignored clipnorm; tf-keras's is run"),
      ("tfkeras/layers/bn_4d_lastaxis_fusedFalse", "'fused' chooses one of TensorFlow's kernels; we are the fused one"),
      ("tfkeras/optimizers/Adafactor", "not in the chapter"), ("keras3/optimizers/Adafactor", "not in the chapter"),
      ("keras3/layers/groupnorm", "Keras 3 only"), ("keras3/layers/unitnorm", "Keras 3 only"),
      ("keras3/layers/rmsnorm", "Keras 3 only"),
      ("tfkeras/layers/regularizer_orthogonal", "not in the chapter"),
      ("keras3/layers/regularizer_orthogonal", "not in the chapter"),
      ("tfkeras/losses/SparseCategoricalCrossentropy_from_logitsTrue_ignore_class", "not in Keras 2 of the book"),
      ("keras3/losses/SparseCategoricalCrossentropy_from_logitsTrue_ignore_class", "not in Keras 2 of the book"),
      ("tfkeras/losses/CategoricalFocal", "not in the chapter"),
      ("keras3/losses/CategoricalFocal", "not in the chapter"),
      ("keras3/activations/layer_LeakyReLU_negative_slope", "alpha's other name: layer_LeakyReLU_alpha… is run"),
      ("keras3/summaries/", "Keras 2's text is ours"), ("tfkeras/summaries/", "the book's text is TensorFlow 2.1's"),
      ("tfkeras/training/dense_bn_elu_softmax_legacyadam", "TensorFlow 2.1's is run"),
    ]
    + [
      "hard_swish", "hard_silu", "celu", "hard_tanh", "log_sigmoid", "hard_shrink", "soft_shrink", "tanh_shrink",
      "squareplus", "sparse_plus", "sparsemax",
    ].map { ("keras3/activations/" + $0, "Keras 3 only") }

  @Test("no case is forgotten")
  func complete() throws {
    let run = try Self.run()
    var all: Set<String> = []
    var counts = (run: 0, same: 0, later: [String: Int]())
    var unused = Set(Self.reasons.map(\.prefix))
    let tf21 = Set(try Self.files().filter { $0.lib == "tf21" }.flatMap { file in file.cases.map { topic(file) + $0 } })
    for file in try Self.files() {
      for name in file.cases {
        let id = "\(file.lib)/\(topic(file))\(name)"
        all.insert(id)
        let plain = topic(file) + (name.hasPrefix("legacy.") ? String(name.dropFirst(7)) : name)
        if run.contains(id) {
          counts.run += 1
        } else if file.lib != "tf21",
          tf21.contains(plain) || run.contains("tfkeras/" + plain)
            || run.contains("tfkeras/" + topic(file) + "legacy." + name)
        {
          // The same case of several libraries: Keras 2's number is ours, TensorFlow 2.1's where it has one.
          counts.same += 1
        } else if let reason = Self.reasons.first(where: { id.hasPrefix($0.prefix) }) {
          unused.remove(reason.prefix)
          counts.later[reason.why, default: 0] += 1
        } else {
          Issue.record("\(id) is neither run nor left out for a reason")
        }
      }
    }
    for name in run.subtracting(all).sorted() { Issue.record("a test says that it runs \(name), which does not exist") }
    for prefix in unused.sorted() where !prefix.hasSuffix("/summaries/") {
      Issue.record("a reason for \(prefix)…, but no case needs it any more")
    }
    let rest = counts.later.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: "; ")
    print(
      "manifest: \(all.count) cases: \(counts.run) run, \(counts.same) are these of another Keras; not run: \(rest)")
    #expect(all.count == 945)
  }

  private func topic(_ file: File) -> String { String(file.file.prefix { $0 != "." }) + "/" }
}
