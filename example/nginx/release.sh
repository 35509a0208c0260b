#!/usr/bin/env bash
# A release by hand, behind nginx: release.sh FILE COMMAND…
# Spawns HEAD on every drone, waits until each process answers, writes FILE with an upstream for these, has nginx read it, and
# stops those that it had before. The upstream is called as FILE is: webapp for /etc/nginx/conf.d/webapp.conf.
# Run it in the app's checkout, on nginx's machine. RELOAD is the command that has nginx read its files.
set -euo pipefail

file=$1
shift
upstream=$(basename "$file" .conf)
reload=${RELOAD:-nginx -s reload}

address_of() { # DRONE
  fleet drones --json | node -e '
    const drones = JSON.parse(require("fs").readFileSync(0, "utf8"));
    console.log(drones.find(({ name }) => name === process.argv[1]).address);' "$1"
}

answers() { # ADDRESS:PORT
  for _ in $(seq 100); do
    ! curl --silent --fail --output /dev/null --max-time 5 "http://$1/" || return 0
    sleep 0.3
  done
  return 1
}

before=$(sed -n 's/.*# \(.*\)$/\1/p' "$file" 2>/dev/null || true)
fleet deploy
# Each prints (spawned web1#d7048a :20000).
spawned=$(fleet spawn --drone='*' --port=auto --strict -- "$@" | tr -d '():')
servers=
while read -r _ process port; do
  place="$(address_of "${process%#*}"):$port"
  echo "$process at $place"
  if ! answers "$place"; then
    echo "$process does not answer; those from before stay" >&2
    fleet logs "$process" -n 20 >&2
    # shellcheck disable=SC2046
    fleet stop $(awk '{ print $2 }' <<<"$spawned")
    exit 1
  fi
  servers+="  server $place; # $process"$'\n'
done <<<"$spawned"

printf 'upstream %s {\n%s}\n' "$upstream" "$servers" > "$file.new"
mv "$file.new" "$file"
$reload
# shellcheck disable=SC2086
[ -z "$before" ] || fleet stop --grace=30 $before
