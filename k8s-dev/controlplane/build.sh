#!/bin/bash
# Builds the control plane (etcd, kube-apiserver, kube-controller-manager, kubectl, helm) unless it lies in the cache already,
# and prints the folder with the programs; it is fit to be used as KUBEBUILDER_ASSETS. Progress goes to standard error.
#
#   build.sh            build if need be, print the folder
#   build.sh --where    print the folder only; exit code 1 when nothing is built yet
#
# The cache is $ANCHORHOLD_CACHE, else ~/.cache/anchorhold. A new version of the sources gets a folder of its own.
set -euo pipefail
cd "$(dirname "$0")"

kubernetes=v1.34.4
cache=${ANCHORHOLD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/anchorhold}
target=$cache/controlplane-$(cat go.mod go.sum main.go | sha256sum | cut -c1-16)
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
  flock -n 9 || { echo "Another build of the control plane is running; waiting for it." >&2; flock 9; }
fi

if [ "${building:-}" ] && [ ! -e "$target/kubectl" ]; then
  echo "Building the control plane (etcd, Kubernetes $kubernetes, helm) into $target." >&2
  echo "This happens once and takes 5 to 10 minutes on two cores." >&2
  work=$(mktemp -d "$target.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  version=k8s.io/component-base/version
  flags="-s -w -X $version.gitVersion=$kubernetes -X $version.gitMajor=1 -X $version.gitMinor=34 -X $version.gitTreeState=clean"
  go mod download
  packages=$(CGO_ENABLED=0 go list -deps . | wc -l)
  CGO_ENABLED=0 nice go build -v -trimpath -ldflags "$flags" -o "$work/controlplane" . 2>&1 | tee "$work/build.log" |
    awk -v all="$packages" '{ step = int(++n * 10 / all); if (step > last) { last = step; print "  " step * 10 " % compiled"; fflush() } }' >&2 ||
    { grep -v '^[a-z0-9./_-]*$' "$work/build.log" | tail -20 >&2; exit 1; }
  for program in etcd kube-apiserver kube-controller-manager helm kubectl; do ln -s controlplane "$work/$program"; done
  rm "$work/build.log"
  rm -rf "$target"
  mv "$work" "$target"
fi

echo "$target"
[ -e "$target/kubectl" ]
