import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BIN } from '../fixtures/real-fleet.ts';
import { makeDir } from './world.ts';

test('a file of variables is for the process that is spawned, and not for fleet or node', (t) => {
  const dir = makeDir(t);
  writeFileSync(join(dir, 'app.env'), 'FLEET_HUB=127.0.0.1:1\nFLEET_SECRET=hush\n');
  const { FLEET_HUB: _, FLEET_SECRET: __, ...env } = process.env;
  for (const file of ['app.env', 'nope.env']) {
    const words = ['spawn', `--env-file=${file}`, '--', 'true'];
    const { status, stderr } = spawnSync(BIN, words, {
      cwd: dir,
      encoding: 'utf8',
      env: { ...env, HOME: dir },
    });
    assert.deepEqual([status, stderr], [2, 'fleet: Specify a --hub or set a remote.\n'], file);
  }
});
