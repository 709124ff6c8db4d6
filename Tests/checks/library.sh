# build/libnn.so as a file: what it shows, what it needs, what it is called.
library=build/libnn.so

# Every function that the header declares, and nothing else, is exported.
exports_the_header_only() {
  nm -D --defined-only --extern-only "$library" | awk '{ print $NF }' | sort -u >"$scratch/exported"
  "$CC" -Iinclude -E -P -x c include/nn.h | grep -oE '\bnn_[a-z0-9_]+ *\(\*?' |
    grep -v '\*$' | tr -d ' (' | sort -u >"$scratch/declared"
  [ -s "$scratch/declared" ] || { echo 'the header declares no function'; return 1; }
  diff "$scratch/declared" "$scratch/exported" || { echo '(< declared, > exported)'; return 1; }
}

needs_only() {
  local allowed=' libc.so.6 libm.so.6 libstdc++.so.6 libgcc_s.so.1 libz.so.1 ' needed bad=0
  for needed in $(readelf -d "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
    [[ $allowed == *" $needed "* || $needed == ld-linux* ]] || { echo "needs $needed"; bad=1; }
  done
  return $bad
}

is_called() { [ "$(readelf -d "$library" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')" = "$1" ]; }

# The same functions are compiled for two CPU levels; a weak one that both define could be kept from the wrong level by the linker.
has_no_weak_functions() {
  local objects
  objects=$(find -H "$RELEASE/release/KernelsAVX512.build" -name '*.o')
  [ -n "$objects" ] || { echo 'no objects of KernelsAVX512 found'; return 1; }
  # shellcheck disable=SC2086
  Tests/support/check-symbols.sh $objects
}

check 'libnn.so exports what nn.h declares' exports_the_header_only
check 'libnn.so needs the C and C++ runtimes and zlib only' needs_only
check 'libnn.so is called libnn.so.0' is_called libnn.so.0
check 'libnn.so stays loaded after dlclose' eval 'readelf -d "$library" | grep -q NODELETE'
check 'AVX-512 kernels share no weak function' has_no_weak_functions
