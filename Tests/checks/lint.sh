#!/usr/bin/env bash
# Rules about the sources that need no compiler.
set -uo pipefail
cd "$(dirname "$0")/../.."
failed=0

# Files of the project: those that git tracks, or, in an unpacked archive, those that are there.
files() {
  git ls-files 2>/dev/null | grep . ||
    find . -type f ! -path './.build*' ! -path './build/*' ! -path './.git/*' ! -path '*/venv/*' | sed 's|^\./||'
}

# A developer's own folders have no place in the project. (The pattern does not match itself.)
if files | xargs -d '\n' grep -d skip -nIE '(^|[^A-Za-z0-9_.}])/(home/[a-z]|Users/|r[o]ot/|w[o]rk/)'; then
  echo 'error: paths of a developer'"'"'s machine (above)' >&2
  failed=1
fi

for script in $(files | grep -E '\.sh$|^\.ci/run$'); do
  bash -n "$script" || failed=1
done

# Not an error: a question to whoever wrote it.
files | grep -E '\.(swift|c|h|lua|py|sh)$' | xargs -d '\n' wc -l |
  awk '$2 != "total" && $1 > 400 { print "note: " $2 " has " $1 " lines: does it still have one job?" }'

[ "$failed" -eq 0 ] && echo 'lint: no findings'
exit "$failed"
