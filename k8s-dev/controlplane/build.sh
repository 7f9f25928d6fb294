#!/bin/bash
# Builds the control plane (etcd, kube-apiserver, kube-controller-manager, kubectl, helm) unless it lies in the cache already,
# and prints the folder with the programs; it is fit to be used as KUBEBUILDER_ASSETS. Progress goes to standard error.
#
#   build.sh            build if need be, print the folder
#   build.sh --where    print the folder only; exit code 1 when nothing is built yet
#   build.sh --cluster  instead, the programs of a whole cluster, whose pods run: ../cluster
#
# The cache is $ANCHORHOLD_CACHE, else ~/.cache/anchorhold. A new version of the sources gets a folder of its own.
set -euo pipefail
cd "$(dirname "$0")"

what=controlplane programs="etcd kube-apiserver kube-controller-manager helm kubectl"
if [ "${1:-}" = --cluster ]; then
  shift
  cd ../cluster
  what=cluster programs="etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy coredns helm kubectl"
fi
kubernetes=v1.34.4
version=k8s.io/component-base/version
ldflags="-s -w -X $version.gitVersion=$kubernetes -X $version.gitMajor=1 -X $version.gitMinor=34 -X $version.gitTreeState=clean"
# No debugger's data, and a compiler that seldom collects garbage: each takes a fifth off the build (a compiler takes 1.5 GiB at most).
gcflags=all=-dwarf=false
export CGO_ENABLED=0 GOGC=400
cache=${ANCHORHOLD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/anchorhold}
target=$cache/$what-$( (cat go.mod go.sum ./*.go; echo "$ldflags $gcflags") | sha256sum | cut -c1-16)
[ "${1:-}" = --where ] || [ -e "$target/kubectl" ] || building=yes

if [ "${building:-}" ]; then
  minor=$(go env GOVERSION 2>/dev/null | sed -n 's/^go1\.\([0-9]*\).*/\1/p' || true)
  [ "${minor:-0}" -ge 21 ] || { # from 1.21 on it fetches by itself the version that go.mod asks for
    echo "The control plane is built from Go modules, and there is no Go 1.21 or newer in PATH. Get one from https://go.dev/dl," \
      "or name a cluster by ANCHORHOLD_KUBECONFIG, or a folder with etcd, kube-apiserver and kubectl by KUBEBUILDER_ASSETS." >&2
    exit 1
  }
  mkdir -p "$cache"
  exec 9>"$target.lock"
  flock -n 9 || { echo "Another build of the $what is running; waiting for it." >&2; flock 9; }
fi

if [ "${building:-}" ] && [ ! -e "$target/kubectl" ]; then
  echo "Building the $what (etcd, Kubernetes $kubernetes) into $target, once: 4 to 7 minutes on two cores." >&2
  work=$(mktemp -d "$target.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  go mod download
  packages=$(go list -deps . | wc -l)
  nice go build -v -trimpath -gcflags "$gcflags" -ldflags "$ldflags" -o "$work/$what" . 2>&1 | tee "$work/build.log" |
    awk -v all="$packages" -v what="$what" '{ step = int(++n * 10 / all); if (step > last) { last = step; print "  " what ": " step * 10 " % compiled"; fflush() } }' >&2 ||
    { grep -v '^[a-z0-9./_-]*$' "$work/build.log" | tail -20 >&2; exit 1; }
  [ $what != cluster ] || go build -trimpath -ldflags "-s -w" -o "$work/pause" ./pause
  for program in $programs; do ln -s $what "$work/$program"; done
  rm "$work/build.log"
  rm -rf "$target"
  mv "$work" "$target"
fi

[ ! -e "$target.lock" ] || touch "$target.lock" # used today: see k8s-dev/prune-cache
echo "$target"
[ -e "$target/kubectl" ]
