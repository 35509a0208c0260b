import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GitMemory, grantOf } from '../../src/git/memory.ts';
import { Clock } from '../fixtures/clock.ts';

const MIB = 1024 ** 2;
const LIMITS = { memoryBytes: 1024 * MIB, allBytes: 4096 * MIB };

/** What gits of one token get, one after the other, until there is no more; in MiB. */
function grants(whose: string | null, given = new Map<string | null, number>()): number[] {
  const got: number[] = [];
  for (;;) {
    const bytes = grantOf(LIMITS, given, whose);
    if (bytes === null) return got;
    given.set(whose, (given.get(whose) ?? 0) + bytes);
    got.push(Math.round(bytes / MIB));
  }
}

test('the first gits get all that one may use, and the more there are, the less each gets', () => {
  assert.deepEqual(grants('ci'), [1024, 512, 256, 128, 64, 32, 32]);
  assert.deepEqual(grants(null), [1024, 1024, 1024, 512, 256, 128, 64, 32, 32]);
});

test('whatever some use, half of the rest is there for the next, and together they stay within the total', () => {
  const given = new Map<string | null, number>();
  const firsts = ['a', 'b', 'c', 'd'].map((whose) => grants(whose, given)[0]);
  assert.deepEqual(firsts, [1024, 512, 256, 128]);
  grants(null, given);
  const all = [...given.values()].reduce((sum, bytes) => sum + bytes, 0);
  assert.ok(all <= LIMITS.allBytes, `${all}`);
});

test('a git waits until there is memory, for a minute at most, and those of others do not wait for it', async (t) => {
  const clock = new Clock(t);
  const memory = new GitMemory(LIMITS);
  const taken = await Promise.all(Array.from({ length: 7 }, () => memory.take('ci')));
  const waiting = memory.take('ci');
  const late = memory.take('ci');
  (await memory.take('other')).giveBack();
  taken[6]?.giveBack();
  taken[6]?.giveBack();
  assert.equal((await waiting).bytes, 32 * MIB);
  clock.pass(60_000);
  await assert.rejects(late, { code: 'ELIMIT' });
});
