import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { putCopiedAside } from '../../src/drone/put-copied-aside.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('what a copy says of processes is kept in a folder of its own; checkouts and mirrors stay in use', (t) => {
  const dir = temporaryFolder(t);
  assert.equal(putCopiedAside(dir), null);
  for (const folder of ['run', 'log', 'deploy', 'repos']) mkdirSync(join(dir, folder));
  writeFileSync(join(dir, 'run/1e99f4.json'), '{}');
  const first = putCopiedAside(dir);
  assert.equal(first, 'copied');
  assert.deepEqual(readdirSync(dir).sort(), ['copied', 'deploy', 'repos']);
  assert.deepEqual(readdirSync(join(dir, 'copied'), { recursive: true }).sort(), [
    'log',
    'run',
    'run/1e99f4.json',
  ]);
  mkdirSync(join(dir, 'job'));
  const second = putCopiedAside(dir);
  assert.ok(second !== null && second !== first, 'a second copy does not mix with the first');
});
