import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { limitedGit, limitReached, limitsOf } from '../../src/git/limits.ts';

const USUAL = limitsOf();

const MIB = 1024 ** 2;

test('by default a git has an eighth of the memory, from 1 to 4 GiB, and a push 4 GiB', () => {
  assert.ok(USUAL.memoryBytes >= 1024 * MIB && USUAL.memoryBytes <= 4096 * MIB);
  assert.deepEqual(limitsOf(undefined, 5), { ...USUAL, pushBytes: 5 });
  assert.deepEqual(limitsOf(7), { ...USUAL, memoryBytes: 7 });
});

test('git runs with its arguments as they are, whatever characters they have', () => {
  const { file, args } = limitedGit(['rev-parse', '--sq-quote', `it's "$HOME"`, '*'], USUAL);
  const { stdout, status } = spawnSync(file, args, { encoding: 'utf8' });
  assert.equal(status, 0);
  assert.equal(stdout.trim(), `'it'\\''s "$HOME"' '*'`);
});

test('it has the limits, and is the first to go', { skip: process.platform !== 'linux' }, () => {
  const limits = { memoryBytes: 300 * MIB, pushBytes: 5 };
  const alias = 'alias.look=!cat /proc/self/limits /proc/self/oom_score_adj; git config receive.maxInputSize';
  const { file, args } = limitedGit(['-c', alias, 'look'], limits);
  const { stdout } = spawnSync(file, args, { encoding: 'utf8' });
  assert.match(stdout, new RegExp(`^Max data size +${300 * MIB} `, 'm'));
  assert.match(stdout, /^Max cpu time +1800 /m);
  assert.match(stdout, /^800\n5$/m);
});

test('a limit that was reached is told from other failures', () => {
  const table: [string, RegExp | null][] = [
    ['fatal: Out of memory, malloc failed (tried to allocate 3221225472 bytes)', /--git-memory/],
    ['error: inflate: out of memory', /--git-memory/],
    ['fatal: unable to create thread: Resource temporarily unavailable', /--git-memory/],
    ['fatal: pack exceeds maximum allowed size (4.00 GiB)', /--max-push/],
    ['error: index-pack died of signal 24', /processor time/],
    ['fatal: early EOF', null],
    ['error: index-pack died of signal 2400', null],
  ];
  for (const [said, reached] of table)
    if (reached === null) assert.equal(limitReached(said), null, said);
    else assert.match(limitReached(said) ?? '', reached);
});
