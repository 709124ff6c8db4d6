import CCPU
import Glibc

// Before anything else: code built for a newer processor would end in SIGILL.
if ccpu_level() < Int32(CCPU_AVX2.rawValue) {
  Terminal(.errors).writeLine("nnrepl: this processor is too old: x86-64-v3 (AVX2, FMA, BMI2) is needed")
  exit(EXIT_FAILURE)
}
exit(Application(arguments: CommandLine.arguments, environment: .ofProcess()).run())
