#!/usr/bin/env bash
# npm run test:nodes [-- 24 26]: both ways to install from the README and its walk-through, with each supported Node. The
# Nodes come from npm and stay in the user's cache. The last one throws on deprecated calls.
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# -gt 0 ] || set -- 20 22 24 26
platform=$(node -p 'process.platform + "-" + process.arch')
cache=${XDG_CACHE_HOME:-$HOME/.cache}/fleet/nodes
dir=$(mktemp -d "${TMPDIR:-/tmp}/fleet-nodes.XXXXXX")
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
quiet=(--no-audit --no-fund --loglevel=error)
tried=0
skipped=0
[ -z "$(git status --porcelain)" ] || echo 'test:nodes: tests the last commit, without later changes'

for version in "$@"; do
  package=node-$platform
  node=$cache/$version/node_modules/$package/bin/node
  # The newest release of this version; without a network, the cached one.
  npm install --prefix "$cache/$version" "${quiet[@]}" "$package@$version" >/dev/null || true
  if ! "$node" --version >/dev/null; then
    echo "test:nodes: SKIPPED Node $version: npm could not install $package@$version"
    skipped=$((skipped + 1))
    continue
  fi
  work=$dir/$version
  mkdir -p "$work/bin"
  ln -s "$node" "$work/bin/node"
  (
    # This Node runs everything on the PATH, including npm.
    export PATH="$work/bin:$PATH"
    [ "$version" != "${!#}" ] || export NODE_OPTIONS=--throw-deprecation
    echo "test:nodes: Node $(node --version) ${NODE_OPTIONS:-}"
    git clone --quiet . "$work/checkout"
    cd "$work/checkout"

    npm install --global --prefix="$work/linked" "${quiet[@]}" .
    bash example/demo.sh --fleet="$work/linked/bin/fleet"

    git clean --quiet -fdx
    npm ci "${quiet[@]}"
    npm pack --silent --pack-destination="$work"
    npm install --global --prefix="$work/packed" "${quiet[@]}" "$work"/fleet-*.tgz
    bash example/demo.sh --fleet="$work/packed/bin/fleet"
  )
  rm -rf "$work"
  tried=$((tried + 1))
done
echo "test:nodes: $tried passed, $skipped skipped"
