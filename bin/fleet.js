#!/bin/sh
':' //; [ "$1" != drone ] || export FLEET_OPEN_FILES="$(ulimit -S -n)"; exec node -- "$0" "$@"
// Node raises the limit on open files of its process, and so of all that a drone starts: only a shell before it knows
// the limit that was set. The shell reads no further than the line above, which says nothing to Node. Without its `--`,
// Node 20 takes an --env-file of a command for its own, wherever it is (https://github.com/nodejs/node/issues/54232).

if (!require('node:fs').existsSync(`${__dirname}/../dist`)) {
  console.error('fleet: this checkout is not built yet; run: npm run build');
  process.exit(1);
}
require('../dist/cli/start.js');
