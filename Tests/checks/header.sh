# include/nn.h by itself, in every language standard that its users may have.
printf '#include "nn.h"\n#include "nn.h"\nint main(void) { return 0; }\n' >"$scratch/header.c"
cp "$scratch/header.c" "$scratch/header.cpp"

strict=(-Wall -Wextra -Werror -pedantic -Iinclude -fsyntax-only)
for standard in c89 c99 c11 c17; do
  check "nn.h as $standard" "$CC" -std=$standard "${strict[@]}" "$scratch/header.c"
done
for standard in c++98 c++11 c++17 c++20; do
  check "nn.h as $standard" "$CXX" -std=$standard "${strict[@]}" "$scratch/header.cpp"
done
