#!/usr/bin/env bash
# Builds what the tests run besides our own programs: the test cluster, the fault
# proxy, and helm 4 and 3 for the chart's tests, in $ERRAND_CACHE (default ~/.cache/errand). Each once.
set -euo pipefail
cache=${ERRAND_CACHE:-$HOME/.cache/errand}
helm=v4.3.1
helm3=v3.22.0
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
tests/cluster/rig/build.sh
tests/faults/proxy/build.sh
if ! go version -m "$cache/bin/helm" 2>/dev/null | grep -q "helm.sh/helm/v4[[:space:]]$helm"; then
  GOBIN=$cache/bin CGO_ENABLED=0 go install -p 2 "helm.sh/helm/v4/cmd/helm@$helm"
fi
if ! go version -m "$cache/bin/helm3/helm" 2>/dev/null | grep -q "helm.sh/helm/v3[[:space:]]$helm3"; then
  GOBIN=$cache/bin/helm3 CGO_ENABLED=0 go install -p 2 "helm.sh/helm/v3/cmd/helm@$helm3"
fi
