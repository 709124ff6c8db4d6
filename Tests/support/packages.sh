#!/bin/sh
# packages.sh check|install PACKAGE…: names the missing Debian packages, or installs them. Silent when nothing is missing.
set -eu
mode=$1
shift

# Another distribution: its own names, its own tools; a missing header will speak for itself.
command -v dpkg-query >/dev/null 2>&1 || exit 0

missing=
for package in "$@"; do
  status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
  [ "$status" = 'install ok installed' ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$mode" = check ]; then
  echo "error: Debian packages are missing:$missing (make packages installs them)" >&2
  exit 1
fi

sudo=
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "error: Debian packages are missing; as root, run: apt-get install$missing" >&2
    exit 1
  fi
  sudo='sudo'
fi
echo "Installing:$missing"
# $missing is a list of words on purpose; sudo drops the environment, so env passes it on.
$sudo env DEBIAN_FRONTEND=noninteractive apt-get update -qq
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
