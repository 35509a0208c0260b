#!/usr/bin/env bash
# Plays releases on this machine, with a hub, two drones and an app under requests; then deploys and spawns by hand.
# demo.sh [--fleet=PATH] [--keep]: runs this fleet, or the one on the PATH; --keep leaves everything running.
set -euo pipefail

keep=
dir=$(mktemp -d "${TMPDIR:-/tmp}/fleet-demo.XXXXXX")
mkdir "$dir/bin"
for option in "$@"; do
  case $option in
    --fleet=*) ln -s "$(realpath "${option#*=}")" "$dir/bin/fleet" ;;
    --keep) keep=yes ;;
    *) echo "demo.sh [--fleet=PATH] [--keep]" >&2; exit 2 ;;
  esac
done
# The shell's variables for fleet and git must not interfere.
unset "${!FLEET_@}" "${!GIT_@}"
export PATH="$dir/bin:$PATH"
example=$(cd "$(dirname "$0")" && pwd)
pids=()

end() {
  status=$?
  trap - EXIT
  ((status == 0)) || tail -n 20 "$dir"/*.log >&2 || true
  kill "${pids[@]}" 2>/dev/null || true
  wait
  rm -rf "$dir"
  exit "$status"
}
trap end EXIT
trap 'exit 130' INT TERM HUP

say() { printf '\n# %s\n' "$*"; }
show() { printf '%s$ %s\n' "$(basename "$PWD")" "$*"; }

# Shows and runs a command line, prints its output, and fails unless a line matches the pattern.
run() { # PATTERN COMMAND_LINE
  show "$2"
  output=$(eval "$2" 2>&1)
  [ -z "$output" ] || echo "$output"
  grep -Eq "$1" <<<"$output" || { echo "demo: expected $1" >&2; exit 1; }
}

# Waits until a command prints a line that matches the pattern. Leaves its output in $output.
await() { # PATTERN COMMAND…
  for _ in $(seq 600); do
    output=$("${@:2}")
    ! grep -Eq "$1" <<<"$output" || return 0
    sleep 0.1
  done
  echo "demo: ${*:2}: nothing matched $1 within a minute" >&2
  exit 1
}

# Starts a daemon in its own folder, and waits until it has printed a line that matches the pattern.
daemon() { # NAME PATTERN COMMAND_LINE
  mkdir "$dir/$1"
  cd "$dir/$1"
  show "$3"
  touch "$dir/$1.log"
  eval "exec $3" >"$dir/$1.log" 2>&1 &
  pids+=($!)
  await "$2" cat "$dir/$1.log"
  echo "$output"
}

# Sends a request to each process of this version, on the port that it printed.
ask() { # VERSION
  for drone in web1 web2; do
    await "^\[$drone#.* version $1 listening on port" fleet logs
    port=$(sed -En "s/^\[$drone#.* version $1 listening on port ([0-9]+)$/\1/p" <<<"$output")
    run "^webapp version $1 \(webapp/[0-9a-f]{40}\)$" "node -e \"fetch('http://127.0.0.1:$port').then((answer) => answer.text()).then(console.log)\""
  done
}

# Sends requests to the instances, in turn, until `answered` ends it.
requests() {
  mkfifo "$dir/requests"
  show 'node requests.mjs web &'
  node "$example/requests.mjs" web <"$dir/requests" >"$dir/requests.txt" &
  requests=$!
  exec 3>"$dir/requests"
}

# Says how requests were answered. None may have failed.
answered() {
  exec 3>&-
  wait "$requests" || { cat "$dir/requests.txt" >&2; exit 1; }
  cat "$dir/requests.txt"
}

say 'A hub, and two drones. On real servers each would be on a machine of its own.'
daemon hub '^git service' 'fleet hub --port=0 --host=127.0.0.1 --secret=beepboop'
hub=127.0.0.1:$(sed -n 's/^control service listening on ://p' "$dir/hub.log")
for name in web1 web2; do
  daemon $name '^connected to the hub$' "fleet drone --hub=$hub --secret=beepboop --name=$name --stop-on-exit"
done

say 'An app: any git repository. It learns once where its hub is.'
cp -R "$example/webapp" "$dir/webapp"
cd "$dir/webapp"
git init --quiet --initial-branch=main
git config user.name Demo
git config user.email demo@example.org
run '' "git add . && git commit --quiet -m 'Version 1'"
run '' "fleet remote add default --hub=$hub --secret=beepboop"

say 'A release: the Procfile and fleet.toml say how it is built, what runs once, and what runs on and on.'
run 'release: node migrate.js' 'cat Procfile'
run '' 'fleet env set HOST=127.0.0.1'
run '^v1 live  web 2/2' 'fleet up'
run '^web\.2 .* ready ' 'fleet status'

say 'A better one, while requests come in: each new instance is ready before an old one leaves.'
requests
sed 's/version 1/version 2/' "$example/webapp/server.js" >server.js
run '^v2 live  web 2/2' "git commit --quiet -am 'Better' && fleet up"

say 'A broken one changes nothing: the first new instance ends, and so does the release.'
echo 'require("./prices");' >>server.js
run '^v3 failed  web.1 exited with code 1 .*; v2 serves on' "git commit --quiet -am 'Broken' && fleet up || true"

say 'And back to the first.'
run '^v4 live  web 2/2' 'fleet rollback v1'
run '^v4 +live .* v1 again$' 'fleet releases'
say 'All the while, there were requests:'
answered
run 'stopped' 'fleet down'

say 'By hand: deploy starts nothing, spawn starts what you say. Port 0 is any that is free.'
spawn="fleet spawn --drone='*' --env.NODE_ENV=production --env.HOST=127.0.0.1 -- node server.js 0"
sed "s/version 1/version 3/" "$example/webapp/server.js" >server.js
run '^deployed webapp/' "git commit --quiet -am 'By hand' && fleet deploy"
old=$(git rev-parse --short HEAD)
run '^\(spawned web2#' "$spawn"
ask 3

say 'The next one runs beside the old one, until that is stopped.'
sed 's/version 1/version 4/' "$example/webapp/server.js" >server.js
run '^deployed webapp/' "git commit --quiet -am 'Beside it' && fleet deploy"
run '^\(spawned web2#' "$spawn"
ask 4
ask 3
run "^\[web2\] stopped" "fleet stop --repo=webapp --commit=$old"
run 'status: +running' 'fleet ps'

if [ -n "$keep" ]; then
  say 'All of it is still up. Talk to it:'
  echo "cd $dir/webapp; PATH=$dir/bin:\$PATH; fleet ps; fleet monitor; fleet logs -f; fleet help"
  echo "The output of the hub and the drones is in $dir/*.log. To end everything:"
  echo "kill ${pids[*]}; sleep 1; rm -r $dir"
  trap - EXIT
  exit
fi
say 'And the rest.'
run '^\[web2\] stopped' 'fleet stop --repo=webapp'
run '^drone#web2$' 'fleet ps'
say 'Every step was right.'
