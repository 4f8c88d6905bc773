#!/usr/bin/env bash
# Installs what building, testing and the demo need on Debian 12: packages by apt
# (only when one is missing), and pytest with its plugin xdist, PyYAML and jsonschema in a virtual
# environment of the project's own, $ERRAND_CACHE/venv (default ~/.cache/errand/venv).
#   install-deps.sh [--no-node | --lint | --fuzz]
#     --no-node   leaves out the real node's packages
#     --lint      adds what `make lint` and `make format` need
#     --fuzz      adds what `make test-fuzz` needs
set -euo pipefail
cache=${ERRAND_CACHE:-$HOME/.cache/errand}

build=(g++ cmake ninja-build make ccache mold pkg-config
  libcpprest-dev libboost-dev libboost-system-dev libboost-thread-dev libboost-chrono-dev
  libyaml-cpp-dev nlohmann-json3-dev libspdlog-dev libfmt-dev libsimdjson-dev libre2-dev
  libcli11-dev prometheus-cpp-dev libgmock-dev libbenchmark-dev libgtest-dev libssl-dev python3-venv)
fuzz=(clang-19 libclang-rt-19-dev)
lint=(clang-format-19 clang-tidy-19 clang-tools-19 shellcheck)
node=(containerd runc busybox-static containernetworking-plugins iptables)

as_root() {
  if [[ $(id -u) == 0 ]]; then "$@"; else sudo -n "$@"; fi
}

absent() {
  local known
  # dpkg-query fails when it has never heard of one of them; the others are printed all the same.
  known=$(dpkg-query -W -f '${binary:Package} ${db:Status-Abbrev}\n' "$@" 2>/dev/null | sed -n 's/^\([^ :]*\)[^ ]* ii.*/\1/p') || true
  for package in "$@"; do grep -qx -- "${package}" <<<"$known" || echo "$package"; done
}

# Debian starts a service as it is installed; the node runs a containerd of its
# own, and a second one would manage the same cgroups.
forbid_starts() {
  local policy=/usr/sbin/policy-rc.d
  [[ ! -e $policy ]] || return 0
  printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
  trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
  as_root chmod 755 $policy
}

install() {
  forbid_starts
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

wanted=("${build[@]}")
# The real node runs as root only; others use the hollow one.
if [[ ${1:-} != --no-node && $(id -u) == 0 ]]; then wanted+=("${node[@]}"); fi
if [[ ${1:-} == --lint ]]; then wanted+=("${lint[@]}"); fi
if [[ ${1:-} == --fuzz ]]; then wanted+=("${fuzz[@]}"); fi
mapfile -t missing < <(absent "${wanted[@]}")
if ((${#missing[@]})); then
  if [[ $(id -u) != 0 ]] && ! sudo -n true 2>/dev/null; then
    echo "install-deps: not root, and sudo asks for a password. As root run:" >&2
    echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  echo "installing ${missing[*]}"
  install "${missing[@]}"
fi

go_version=$(go env GOVERSION 2>/dev/null || true)
if [[ $(printf '%s\n' go1.26 "$go_version" | sort -V | head -1) != go1.26 ]]; then
  echo "install-deps: Go 1.26 or later must be installed and in PATH (found: ${go_version:-none}); it builds the test cluster: https://go.dev/doc/install" >&2
  exit 1
fi

venv=$cache/venv
if ! "$venv/bin/python" -c 'import jsonschema, pytest, xdist, yaml' 2>/dev/null; then
  mkdir -p "$cache"
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet 'pytest>=8,<10' 'pytest-xdist>=3.6,<4' 'pyyaml>=6,<7' 'jsonschema>=4,<5'
fi
