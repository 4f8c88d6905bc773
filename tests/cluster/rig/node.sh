#!/usr/bin/env bash
# A real node (containerd, runc, kubelet) for a cluster of `controlplane up`:
#   node.sh up DIR          DIR as given to `controlplane up --node ''`
#   node.sh load DIR TAR    imports an image made by image.py
#   node.sh down [DIR]      before `controlplane down`; without DIR the one left by a killed run
# Needs root, `controlplane` in PATH and Debian's containerd, runc, busybox-static,
# containernetworking-plugins and iptables. SYNC_FREQUENCY (default 1m) is the
# kubelet's; KUBELET_PORT its port on 127.0.0.1 (default 10250).
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
record=/run/errand-node # one node on a machine: its bridge has a fixed name
export PATH=$PATH:/usr/sbin:/sbin

ctr() { command ctr --address "$n/containerd.sock" -n k8s.io "$@"; }

alive() { [[ -f $1 ]] && kill -0 "$(cat "$1")" 2>/dev/null; }

# The Service kubernetes (10.0.0.1:443) of pods, in place of a kube-proxy.
api() {
  iptables -w -t nat "$1" OUTPUT -d 10.0.0.1/32 -p tcp --dport 443 -j DNAT --to-destination "$server"
  iptables -w -t nat "$1" PREROUTING -i errand0 -d 10.0.0.1/32 -p tcp --dport 443 -j DNAT --to-destination "$server"
}

configure() {
  mkdir -p "$n"/{cni,logs,kubelet,bb/bin}
  cat > "$n/containerd.toml" <<E2
version = 2
root = "$n/containerd"
state = "$n/run"
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.devmapper"]
[grpc]
  address = "$n/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$n/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "${SNAPSHOTTER:-overlayfs}"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
E2
  cat > "$n/cni/10-pods.conflist" <<E2
{"cniVersion": "0.4.0", "name": "pods", "plugins": [
  {"type": "bridge", "bridge": "errand0", "isGateway": true, "ipMasq": false,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.244.0.0/24"}]], "routes": [{"dst": "10.0.0.0/24"}], "dataDir": "$n/ipam"}}]}
E2
  cat > "$n/kubelet.yaml" <<E2
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: 127.0.0.1
port: ${KUBELET_PORT:-10250}
healthzPort: 0
containerRuntimeEndpoint: unix://$n/containerd.sock
failCgroupV1: false
cgroupDriver: cgroupfs
cgroupsPerQOS: false
enforceNodeAllocatable: []
failSwapOn: false
makeIPTablesUtilChains: false
podLogsDir: $n/logs/pods
authentication: {anonymous: {enabled: false}, x509: {clientCAFile: $dir/pki/ca.crt}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
syncFrequency: ${SYNC_FREQUENCY:-1m}
evictionHard: {memory.available: 50Mi, nodefs.available: 1%}
E2
}

up() {
  if [[ -f $record ]]; then
    echo "node.sh: this machine has a node in $(cat $record): end it first with $here/node.sh down" >&2
    exit 1
  fi
  echo "$dir" > $record
  configure
  cat /proc/sys/net/ipv4/ip_forward > "$n/ip_forward" # the bridge plugin turns it on
  ip link add errand0 type bridge
  echo 1 > /proc/sys/net/ipv4/conf/errand0/route_localnet
  api -A
  setsid containerd --config "$n/containerd.toml" > "$n/logs/containerd.log" 2>&1 < /dev/null &
  echo $! > "$n/containerd.pid"
  for _ in $(seq 100); do ctr version >/dev/null 2>&1 && break; sleep 0.1; done
  python3 "$here/image.py" "$n/pause.tar" localhost/pause:1 '["/bin/busybox","sleep","infinity"]' /bin/busybox
  cp /bin/busybox "$n/bb/bin/"
  for a in $(/bin/busybox --list | grep -v '^busybox$'); do ln -sf busybox "$n/bb/bin/$a"; done
  python3 "$here/image.py" "$n/busybox.tar" localhost/busybox:1 '["/bin/sh"]' "$n/bb/bin=bin"
  load "$n/pause.tar"
  load "$n/busybox.tar"
  setsid controlplane kubelet --config="$n/kubelet.yaml" --kubeconfig="$dir/node.kubeconfig" \
    --root-dir="$n/kubelet" --cert-dir="$n/pki" --hostname-override=localhost > "$n/logs/kubelet.log" 2>&1 < /dev/null &
  echo $! > "$n/kubelet.pid"
}

load() { ctr images import "$1" >/dev/null; }

end() {
  alive "$n/$1.pid" || return 0
  local pid; pid=$(cat "$n/$1.pid")
  # A pid file outlives a reboot; the process it names then need not be ours.
  grep -qa "$n" "/proc/$pid/cmdline" || return 0
  kill "$pid"
  for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || return 0; sleep 0.1; done
  kill -KILL "$pid"
}

down() {
  end kubelet
  if alive "$n/containerd.pid"; then
    for c in $(ctr tasks ls -q 2>/dev/null); do
      ctr tasks kill -s KILL "$c" >/dev/null 2>&1 || true
      ctr tasks rm -f "$c" >/dev/null 2>&1 || true
    done
    for c in $(ctr containers ls -q 2>/dev/null); do ctr containers rm "$c" >/dev/null 2>&1 || true; done
  fi
  end containerd
  rm -f "$n"/{kubelet,containerd}.pid
  while api -D 2>/dev/null; do :; done
  # What containers and volumes left mounted, the deepest first.
  awk -v d="$n/" 'index($2, d) == 1 {print $2}' /proc/mounts | sort -r | while read -r m; do umount "$m" || true; done
  find /sys/fs/cgroup -depth -type d -path '*/k8s.io*' -exec rmdir {} + 2>/dev/null || true
  if [[ -f $n/ip_forward ]]; then cat "$n/ip_forward" > /proc/sys/net/ipv4/ip_forward; fi
  ip link del errand0 2>/dev/null || true
  rm -f $record
}

verb=${1:?usage: node.sh up DIR | load DIR TAR | down [DIR]}
given=${2:-}
if [[ $verb == down && -z $given ]]; then
  [[ -f $record ]] || exit 0
  given=$(cat $record)
fi
dir=$(readlink -f "${given:?missing DIRECTORY of the cluster}")
n=$dir/real
if [[ ! -f $dir/admin.kubeconfig ]]; then
  # The directory is gone, so nothing in it can say which rules were ours.
  [[ $verb == down ]] || { echo "node.sh: $dir holds no cluster" >&2; exit 1; }
  ip link del errand0 2>/dev/null || true
  rm -f $record
  exit 0
fi
server=$(grep -o '127\.0\.0\.1:[0-9]*' "$dir/admin.kubeconfig")
case $verb in
  up) up ;;
  load) load "${3:?the image archive is missing}" ;;
  down) down ;;
  *) echo "node.sh: unknown verb $verb" >&2; exit 2 ;;
esac
