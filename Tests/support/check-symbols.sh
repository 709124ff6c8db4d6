#!/bin/sh
# usage: check-symbols.sh OBJECT...   (the objects of KernelsAVX512)
#
# Both kernel modules are linked into one program. Of a weak symbol that several objects define the linker keeps one, so a
# weak function from KernelsAVX512 could become everybody's, and stop an older processor with SIGILL. Weak functions
# that carry the module's name are its own. Any other fails the check; only the compiler's helpers (__swift_…: moving
# values, metadata), which debug builds contain, are allowed as long as they do not use AVX-512.
set -eu
status=0
for object in "$@"; do
  for symbol in $(nm "$object" | awk '$2 == "W" && $3 !~ /KernelsAVX512/ { print $3 }'); do
    case $symbol in
      __swift_*)
        objdump -d --no-show-raw-insn "$object" |
          awk -v name="<$symbol>:" '/^[0-9a-f]+ </ { on = ($2 == name) } on' |
          grep -qE '%zmm|%k[0-7]|%[xy]mm(1[6-9]|2[0-9]|3[01])' || continue
        ;;
    esac
    echo "$object: weak symbol that other modules may share: $symbol" >&2
    status=1
  done
done
exit $status
