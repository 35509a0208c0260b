import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Candidate, pick } from '../../src/proxy/balancer.ts';

const one = (underWay: number, { isDoubtful = false, release = 1 } = {}): Candidate => ({
  ...{ underWay, isDoubtful, release },
});

test('the one with the fewest requests under way gets the next', () => {
  const all = [one(2), one(1), one(3)];
  assert.equal(pick(all, 0.9), all[1]);
  assert.equal(pick([], 0.9), null);
  assert.equal(pick([all[0] as Candidate], 0.9), all[0]);
});

test('one that could not be reached gets one only if none could', () => {
  const doubtful = { isDoubtful: true };
  const all = [one(0, doubtful), one(7), one(0, { ...doubtful, release: 2 })];
  for (const chance of [0, 0.5, 0.99]) assert.equal(pick(all, chance), all[1]);
  assert.equal(pick([all[0] as Candidate, all[2] as Candidate], 0.99), all[2]);
});

test('chance decides among equals', () => {
  const all = [one(1), one(1), one(2), one(1)];
  const picked = [0, 0.34, 0.67, 0.999].map((chance) => all.indexOf(pick(all, chance) as Candidate));
  assert.deepEqual(new Set(picked), new Set([0, 1, 3]));
});

test('each release has its share by the number of its instances, whatever is under way there', () => {
  const candidate = fc.record({
    release: fc.constantFrom(41, 42),
    underWay: fc.nat({ max: 3 }),
    isDoubtful: fc.constant(false),
  });
  fc.assert(
    fc.property(fc.array(candidate, { minLength: 1, maxLength: 8 }), (all) => {
      const draws = all.length * 120;
      const picked = Array.from({ length: draws }, (_, n) => pick(all, (n + 0.5) / draws) as Candidate);
      for (const release of [41, 42]) {
        const of = (some: readonly Candidate[]) => some.filter((one) => one.release === release);
        assert.equal(of(picked).length, of(all).length * 120);
        const least = Math.min(...of(all).map(({ underWay }) => underWay));
        assert.ok(of(picked).every(({ underWay }) => underWay === least));
        const counts = of(all).map((one) => picked.filter((some) => some === one).length);
        const equals = counts.filter((count) => count > 0);
        assert.ok(Math.max(...equals) - Math.min(...equals) <= of(all).length, 'equals get as many');
      }
    }),
  );
});
