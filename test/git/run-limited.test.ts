import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { gitWithLimits } from '../../src/git/run-limited.ts';

const ENV = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' };

test('it returns what git prints, and rejects with what it says', async () => {
  assert.match(await gitWithLimits(tmpdir(), ['version'], ENV), /^git version/);
  await assert.rejects(gitWithLimits(tmpdir(), ['no-such-command'], ENV), /no-such-command/);
});

test('it has little memory', { skip: process.platform !== 'linux' }, async () => {
  const alias = 'alias.look=!cat /proc/self/limits';
  assert.match(await gitWithLimits(tmpdir(), ['-c', alias, 'look'], ENV), /^Max data size +268435456 /m);
});
