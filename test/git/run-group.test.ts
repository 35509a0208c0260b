import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gitInGroup } from '../../src/git/run-group.ts';
import { eventually } from '../fixtures/local-fleet.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const env = { PATH: `${process.env['PATH']}`, GIT_CONFIG_NOSYSTEM: '1', HOME: '/nonexistent' };

test('it resolves if git succeeds, and rejects with its output if not', async (t) => {
  const dir = temporaryFolder(t);
  const { signal } = new AbortController();
  await gitInGroup(dir, ['version'], { env, signal });
  await assert.rejects(
    gitInGroup(dir, ['--git-dir', dir, 'log'], { env, signal }),
    /^Error: fatal: not a git repository/,
  );
  await assert.rejects(gitInGroup(dir, ['version'], { env: { PATH: dir }, signal }), { code: 'ENOENT' });
});

test('when its signal aborts, its helpers end too', { skip: process.platform !== 'linux' }, async (t) => {
  const dir = temporaryFolder(t);
  const pidFile = join(dir, 'pid');
  const end = new AbortController();
  const why = new Error('enough');
  const alias = `alias.helper=!echo $$ >'${pidFile}'; exec sleep 300`;
  const ended = gitInGroup(dir, ['-c', alias, 'helper'], { env, signal: end.signal });
  const pid = await eventually(
    () => existsSync(pidFile) && Number(readFileSync(pidFile, 'utf8')),
    'a helper',
  );
  end.abort(why);
  await assert.rejects(ended, why);
  await eventually(() => !existsSync(`/proc/${pid}/fd/1`), 'it is gone');
  await assert.rejects(gitInGroup(dir, ['version'], { env, signal: end.signal }), why);
});
