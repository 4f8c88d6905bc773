#!/usr/bin/env bash
# Builds the binary `controlplane` (every component of a cluster, kubectl too)
# and prints the directory it is in as the last line. Built once for each
# content of this directory: $ERRAND_CACHE/cluster/VERSION-HASH/bin.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
if ! command -v go >/dev/null; then
  echo "go is not installed: Go 1.26 or later builds the test cluster" >&2
  exit 1
fi
cache=${ERRAND_CACHE:-$HOME/.cache/errand}/cluster
version=$(sed -n 's/^\tk8s.io\/kubernetes //p' go.mod)
hash=$({ go env GOVERSION; sha256sum ./*.go go.mod go.sum build.sh; } | sha256sum | cut -c1-12)
home=$cache/$version-$hash
mkdir -p "$home"

# Two builds at once would take twice the memory for the same binary.
exec 9>"$cache/lock"
flock 9
if [[ ! -x $home/bin/controlplane ]]; then
  minor=${version#v1.}
  flags="-s -w"
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    flags+=" -X $package.gitVersion=$version -X $package.gitMajor=1 -X $package.gitMinor=${minor%%.*}"
    flags+=" -X $package.gitTreeState=archive"
  done
  rm -rf "$home/building"
  CGO_ENABLED=0 go build -p 2 -ldflags "$flags" -o "$home/building/controlplane" . >&2
  ln -s controlplane "$home/building/kubectl"
  mv -T "$home/building" "$home/bin" # whole or not at all
fi
echo "$home/bin"
