import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { lookForChanges, lookForMending } from '../../src/cli/uncommitted.ts';
import { commit, initRepository } from '../fixtures/local-fleet.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('changes that are not deployed are said, and that they cannot be seen, too', async (t) => {
  const dir = temporaryFolder(t);
  const [unknown = ''] = await lookForChanges(dir);
  assert.match(unknown, /^cannot see whether there are uncommitted changes: /);
  initRepository(dir);
  commit(dir, { 'a.txt': 'one\n' });
  assert.deepEqual(await lookForChanges(dir), []);
  writeFileSync(join(dir, 'a.txt'), 'two\n');
  assert.deepEqual(await lookForChanges(dir), ['there are uncommitted changes, which are not deployed']);
});

test('files of the app that are new or changed are said by name, and others are not', async (t) => {
  const dir = temporaryFolder(t);
  assert.deepEqual(await lookForMending(dir), [], 'no checkout');
  initRepository(dir);
  commit(dir, { 'fleet.toml': '', 'a.txt': 'one\n', 'apps/Procfile': 'web: x\n' });
  writeFileSync(join(dir, 'a.txt'), 'two\n');
  writeFileSync(join(dir, 'apps/Procfile'), 'web: y\n');
  assert.deepEqual(await lookForMending(dir), []);
  writeFileSync(join(dir, 'Procfile'), 'web: x\n');
  const procfile = 'Procfile has changes that are not committed: git add Procfile && git commit';
  assert.deepEqual(await lookForMending(dir), [procfile]);
  writeFileSync(join(dir, 'fleet.toml'), '[services.web]\n');
  mkdirSync(join(dir, 'sub'));
  const toml = 'fleet.toml has changes that are not committed: git add fleet.toml && git commit';
  assert.deepEqual(await lookForMending(join(dir, 'sub')), [toml, procfile]);
});
