import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMMANDS } from '../../src/cli/commands.ts';
import { findExecutable, runExternal } from '../../src/cli/external.ts';
import { makeDir, makeIo } from './world.ts';

test('fleet-NAME is the first executable file of that name on the PATH', (t) => {
  const dir = makeDir(t);
  for (const name of ['a', 'b', 'c', 'd']) mkdirSync(join(dir, name));
  mkdirSync(join(dir, 'a/fleet-x'));
  writeFileSync(join(dir, 'b/fleet-x'), '');
  for (const name of ['c', 'd']) {
    writeFileSync(join(dir, name, 'fleet-x'), '#!/bin/sh\n');
    chmodSync(join(dir, name, 'fleet-x'), 0o755);
  }
  const path = ['a', 'b', '', 'c', 'd'].map((name) => name && join(dir, name)).join(':');
  assert.equal(findExecutable('fleet-x', path), join(dir, 'c/fleet-x'));
  assert.equal(findExecutable('fleet-y', path), undefined);
});

test('an external command gets its arguments, and its exit status is returned', async (t) => {
  const dir = makeDir(t);
  const file = join(dir, 'fleet-hello');
  writeFileSync(file, `#!/bin/sh\nprintf '%s|' "$@" > ${join(dir, 'seen')}\nexit 7\n`);
  chmodSync(file, 0o755);
  const io = makeIo(dir, { PATH: `${dir}:/usr/bin:/bin` });
  assert.equal(await runExternal('hello', ['--a=1', 'b c'], io, []), 7);
  const { readFileSync } = await import('node:fs');
  assert.equal(readFileSync(join(dir, 'seen'), 'utf8'), '--a=1|b c|');
});

test('an unknown command is reported as such', async (t) => {
  const io = makeIo(makeDir(t), { PATH: '/nowhere' });
  assert.equal(await runExternal('nope', [], io, COMMANDS), 1);
  const lines = ['Fleet command "nope" not recognized.', 'Type `fleet help` to see a list of all commands.'];
  assert.equal(io.err, `${lines.join('\n')}\n`);
  io.err = '';
  assert.equal(await runExternal('deplyo', [], io, COMMANDS), 1);
  assert.equal(io.err, `${lines.join('\n').replace('nope', 'deplyo')}\nDid you mean \`fleet deploy\`?\n`);
  assert.equal(await runExternal('../nope', [], io, COMMANDS), 1);
});
