import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pick } from '../../src/proxy/balancer.ts';

const one = (name: string, underWay: number, isDoubtful = false) => ({ name, underWay, isDoubtful });

test('the one with the fewest requests under way gets the next', () => {
  assert.equal(pick([one('a', 2), one('b', 1), one('c', 3)], 0.99)?.name, 'b');
  assert.equal(pick([], 0), null);
});

test('among equals each gets its share', () => {
  const all = [one('a', 1), one('b', 1), one('c', 2), one('d', 1)];
  const chances = [0, 0.32, 0.34, 0.65, 0.67, 0.999];
  assert.deepEqual(
    chances.map((chance) => pick(all, chance)?.name),
    ['a', 'a', 'b', 'b', 'd', 'd'],
  );
});

test('one that could not be reached gets requests only if there is no other', () => {
  assert.equal(pick([one('a', 0, true), one('b', 9)], 0)?.name, 'b');
  assert.equal(pick([one('a', 3, true), one('b', 2, true)], 0)?.name, 'b');
});
