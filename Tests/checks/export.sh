# Models as C: exported from Lua, compiled with all warnings as errors, their self-tests run, and their outputs compared with predict's.
export_folder="$scratch/export"
mkdir -p "$export_folder"

exports_models() { build/nnrepl Tests/support/export_models.lua "$export_folder"; }
check 'models are exported as C' exports_models

# One file: as C99 with its self-test, and as C++.
compiles_and_tests_itself() {
  local name=$1 macro=${1^^}
  "$CC" -std=c99 -Wall -Wextra -Wpedantic -Werror -O2 "-D${macro}_SELF_TEST" "$export_folder/$name.c" -lm -o "$scratch/self_test" &&
    "$scratch/self_test" &&
    "$CXX" -x c++ -std=c++11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only "$export_folder/$name.c"
}
# A program that reads numbers and prints the outputs; Lua compares them with predict's.
agrees_with_predict() {
  local name=$1 bound=$2
  "$CC" -std=c99 -Wall -Wextra -Wpedantic -Werror -O2 "$export_folder/$name.main.c" -lm -o "$scratch/predict" &&
    "$scratch/predict" <"$export_folder/$name.in" >"$export_folder/$name.out" &&
    build/nnrepl Tests/support/export_compare.lua "$export_folder/$name" "$bound"
}
# float32 to 1e-5 of an output's largest number; int8 by its rounding, half a step of 1/127 of a column's largest weight.
for name in dense conv twins outer users; do
  check "$name.c compiles and tests itself" compiles_and_tests_itself "$name"
  check "$name.c agrees with predict" agrees_with_predict "$name" 1e-5
  check "${name}_int8.c compiles and tests itself" compiles_and_tests_itself "${name}_int8"
  check "${name}_int8.c agrees with predict, by int8" agrees_with_predict "${name}_int8" 0.03
done
