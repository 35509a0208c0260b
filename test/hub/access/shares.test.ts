import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Share, Shares } from '../../../src/hub/access/shares.ts';

const SHARES: [Share, number][] = [
  ['connections', 1_000],
  ['calls', 10_000],
  ['deploys', 64],
  ['reads of logs', 256],
  ['pushes', 16],
  ['fetches', 64],
];

for (const [share, most] of SHARES)
  test(`a token has at most ${most} ${share} at once, others have theirs, and an owner as many as they like`, () => {
    const shares = new Shares();
    const leaves = Array.from({ length: most }, () => shares.enter({ name: 'ci' }, share));
    const refused = { code: 'ELIMIT', message: new RegExp(`^the token 'ci' has ${most} ${share} at once`) };
    assert.throws(() => shares.enter({ name: 'ci' }, share), refused);
    shares.enter({ name: 'other' }, share);
    leaves[0]?.();
    leaves[0]?.();
    shares.enter({ name: 'ci' }, share);
    assert.throws(() => shares.enter({ name: 'ci' }, share), refused, 'one that is left twice is one');
    for (let n = 0; n <= most; n++) shares.enter({ name: 'secret' }, share);
  });

test('what was done is over, whether it fails or not', async () => {
  const shares = new Shares();
  for (let n = 0; n < 100; n++) {
    await shares.during({ name: 'ci' }, 'pushes', async () => {});
    await assert.rejects(
      shares.during({ name: 'ci' }, 'pushes', () => Promise.reject(new Error('no'))),
      /no/,
    );
  }
});
