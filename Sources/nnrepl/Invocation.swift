/// What the command line asks for. Options are those of `lua`, by its rules, and -h, -q and the long ones.
struct Invocation: Equatable {
  enum Step: Equatable {
    case execute(String)
    /// `-l mod`: global mod = require "mod";  `-l g=mod`: global g.
    case require(global: String, module: String)
    case warningsOn
  }

  enum Source: Equatable {
    case file(String)
    case standardInput
  }

  var steps: [Step] = []
  var script: Source?
  /// Position of the script among the arguments; that of the program when there is no script.
  var scriptIndex = 0
  var isInteractive = false
  var showsVersion = false
  var ignoresEnvironment = false
  var isQuiet = false
  var neverColor = false
  /// `-g`: globals must have been given a value before they are read.
  var isStrict = false
  var wantsHelp = false
  /// `--version`: print it and nothing else.
  var wantsVersionOnly = false

  struct Mistake: Error, Equatable {
    let message: String
  }

  /// Parses all arguments, the program's name included.
  init(_ arguments: [String]) throws(Mistake) {
    var index = 1
    scan: while index < arguments.count {
      let option = arguments[index]
      guard option.hasPrefix("-"), option != "-" else { break }
      switch option {
      case "--":
        index += 1
        if index < arguments.count {  // after "--" even "-" is a file
          script = .file(arguments[index])
          scriptIndex = index
        }
        return
      case "-E": ignoresEnvironment = true
      case "-W": steps.append(.warningsOn)
      case "-v": showsVersion = true
      case "-i": (isInteractive, showsVersion) = (true, true)
      case "-q": isQuiet = true
      case "-g": isStrict = true
      case "-h", "--help": wantsHelp = true
      case "--version": wantsVersionOnly = true
      case "--no-color": neverColor = true
      default: steps.append(try Invocation.stepWithValue(option, arguments, &index))
      }
      index += 1
    }
    guard index < arguments.count else { return }
    script = arguments[index] == "-" ? .standardInput : .file(arguments[index])
    scriptIndex = index
  }

  /// `-e stat`, `-estat`, `-l mod`, `-lmod`. Like lua, a value in the next argument may not look like an option.
  private static func stepWithValue(
    _ option: String, _ arguments: [String], _ index: inout Int
  ) throws(Mistake) -> Step {
    let kind = option.prefix(2)
    guard kind == "-e" || kind == "-l" else { throw Mistake(message: "unrecognized option '\(option)'") }
    var value = String(option.dropFirst(2))
    if value.isEmpty {
      index += 1
      guard index < arguments.count, !arguments[index].hasPrefix("-") else {
        throw Mistake(message: "'\(option)' needs argument")
      }
      value = arguments[index]
    }
    if kind == "-e" { return .execute(value) }
    guard let equals = value.firstIndex(of: "=") else { return .require(global: value, module: value) }
    return .require(global: String(value[..<equals]), module: String(value[value.index(after: equals)...]))
  }

  /// Nothing was asked for: a prompt, or all of standard input when that is no terminal.
  var isBare: Bool {
    guard script == nil, !showsVersion else { return false }
    return !steps.contains { if case .execute = $0 { true } else { false } }
  }

  static let usage = """
    usage: nnrepl [options] [script [args]]
    Available options are:
      -e stat      execute string 'stat'
      -i           enter interactive mode after executing 'script'
      -l mod       require library 'mod' into global 'mod'
      -l g=mod     require library 'mod' into global 'g'
      -v           show version information
      -E           ignore environment variables and the start-up script
      -W           turn warnings on
      -g           undefined global variables are errors
      -q           do not greet
      -h, --help   show this help and exit
      --version    show version information and exit
      --no-color   never use colors
      --           stop handling options
      -            stop handling options and execute stdin

    """
}
