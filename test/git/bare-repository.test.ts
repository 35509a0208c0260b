import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bareConfig, makeBareRepository } from '../../src/git/bare-repository.ts';
import { git } from '../fixtures/local-fleet.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('git takes it for an empty bare repository, with the given HEAD and settings', async (t) => {
  const path = join(temporaryFolder(t), 'new/app.git');
  await makeBareRepository(path, 'refs/heads/deployed', '[gc]\n\tauto = 7\n');
  const ask = (...args: string[]) => git(path, '--git-dir', path, ...args);
  assert.equal(ask('rev-parse', '--is-bare-repository'), 'true');
  assert.equal(ask('symbolic-ref', 'HEAD'), 'refs/heads/deployed');
  assert.equal(ask('config', '--file', join(path, 'config'), 'gc.auto'), '7');
  assert.ok(!existsSync(join(path, 'hooks')), 'nothing of a template');
  assert.equal(readFileSync(join(path, 'config'), 'utf8'), bareConfig('[gc]\n\tauto = 7\n'));
});

test('to make it where it cannot be made is an error of the file system', async () => {
  await assert.rejects(makeBareRepository('/dev/null/app.git', 'refs/heads/main', ''), { code: 'ENOTDIR' });
});
