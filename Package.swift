// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Code that computes: built for one x86-64 level (without effect on other processors), and with `squareRoot()` as one
/// instruction instead of a call that sets errno. Optimised in debug builds too: tests would crawl otherwise.
func hot(_ level: String) -> [SwiftSetting] {
  strict + [
    .unsafeFlags(["-Xcc", "-fno-math-errno"]),
    .unsafeFlags(["-Xcc", "-march=\(level)"], .when(traits: ["Haswell"])),
    .unsafeFlags(["-O"], .when(configuration: .debug)),
  ]
}

/// The kernel modules: generic loops in one file, the functions they are specialised for in another, so that without
/// whole-module optimisation debug builds would call them unspecialised, a hundred times slower.
func kernel(_ level: String) -> [SwiftSetting] {
  hot(level) + [
    .unsafeFlags(["-wmo", "-num-threads", "2", "-disable-batch-mode"], .when(configuration: .debug))
  ]
}

let kernels = "Sources/NNEngine/Kernels"

let package = Package(
  name: "nn",
  products: [
    .library(name: "NNEngine", targets: ["NNEngine"]),
    .library(name: "nn", type: .dynamic, targets: ["NNCAPI"]),
    .library(name: "nnlua", type: .dynamic, targets: ["NNLua"]),
    .executable(name: "nnrepl", targets: ["nnrepl"]),
  ],
  traits: [
    .trait(name: "Haswell", description: "Generate AVX2/FMA code (x86-64-v3) and, beside it, AVX-512 kernels."),
    .trait(name: "Standalone", description: "Link the Swift runtime into libnn.so and nn.so."),
    .default(enabledTraits: ["Haswell"]),
  ],
  targets: [
    // Headers only: nnrepl links Lua, the module is loaded by a program that has it.
    .systemLibrary(name: "CLua", providers: [.apt(["liblua5.4-dev"])]),
    .systemLibrary(name: "CReadline", providers: [.apt(["libreadline-dev"])]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CCPU"),
    .systemLibrary(name: "CNN", path: "include"),
    // Optimised in debug builds, too: unoptimised, looking at a closure in a task allocates.
    .target(
      name: "KernelTable", path: kernels + "/Table",
      swiftSettings: strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]),
    .target(
      name: "KernelsAVX2", dependencies: ["KernelTable", "CCPU"], path: kernels + "/Code",
      swiftSettings: kernel("x86-64-v3")),
    // CodeAVX512 is a symbolic link to Code: the same source, built a second time with lanes twice as wide.
    .target(
      name: "KernelsAVX512", dependencies: ["KernelTable", "CCPU"], path: kernels + "/CodeAVX512",
      swiftSettings: kernel("x86-64-v4") + [.define("AVX512", .when(traits: ["Haswell"]))]),
    .target(
      name: "NNEngine", dependencies: ["KernelTable", "KernelsAVX2", "KernelsAVX512", "CZlib", "CCPU"],
      exclude: ["Kernels"], swiftSettings: hot("x86-64-v3")),
    .target(
      name: "NNCAPI", dependencies: ["CNN", "CCPU", "NNEngine"], exclude: ["libnn.map"], swiftSettings: strict,
      linkerSettings: [
        .unsafeFlags([
          "-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/NNCAPI/libnn.map",
          "-Xlinker", "-soname=libnn.so.0",
          // Its threads would outlive their code: once loaded, dlclose() leaves it where it is.
          "-Xlinker", "-z", "-Xlinker", "nodelete",
        ]),
        .unsafeFlags(["-static-stdlib", "-Xlinker", "--gc-sections"], .when(traits: ["Standalone"])),
      ]),
    .executableTarget(
      name: "nnrepl", dependencies: ["CLua", "CReadline", "CCPU", "NNEngine"], exclude: ["LuaModule"],
      swiftSettings: strict, linkerSettings: [.linkedLibrary("lua5.4")]),
    // nnrepl's bindings, built a second time: its folder holds symbolic links to those of nnrepl that are not the prompt's.
    .target(
      name: "NNLua", dependencies: ["CLua", "CCPU", "NNEngine"], path: "Sources/nnrepl/LuaModule",
      exclude: ["nn.map"], swiftSettings: strict,
      linkerSettings: [
        .unsafeFlags([
          "-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/nnrepl/LuaModule/nn.map",
          // Lua closes it before it frees its memory by a function in here, and threads would outlive their code.
          "-Xlinker", "-z", "-Xlinker", "nodelete",
        ]),
        .unsafeFlags(["-static-stdlib", "-Xlinker", "--gc-sections"], .when(traits: ["Standalone"])),
      ]),
    .testTarget(
      name: "NNEngineTests", dependencies: ["NNEngine", "KernelTable"], resources: [.copy("Fixtures")]),
    .testTarget(name: "NNCAPITests", dependencies: ["CNN", "NNCAPI"]),
    .testTarget(name: "nnreplTests", dependencies: ["nnrepl", "CLua"]),
  ],
  swiftLanguageModes: [.v6])
