import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fenceAbove, isLower, MAX_FENCE } from '../../src/protocol/fence.ts';

const CASES = [
  ['the same', [5, 3], [5, 3], false],
  ['counted less far', [5, 2], [5, 3], true],
  ['counted further', [5, 4], [5, 3], false],
  ['created earlier, though counted further', [4, 9], [5, 1], true],
  ['created later, though counted less far', [6, 1], [5, 9], false],
] as const;

for (const [what, [created, count], [otherCreated, otherCount], lower] of CASES)
  test(`a fence that is ${what} is ${lower ? '' : 'not '}lower`, () => {
    assert.equal(isLower({ created, count }, { created: otherCreated, count: otherCount }), lower);
  });

test('above every fence is another one, but above the highest', () => {
  for (const [created, count] of [
    [5, 3],
    [5, MAX_FENCE],
    [MAX_FENCE, 0],
  ] as const) {
    const above = fenceAbove({ created, count });
    assert.ok(above && isLower({ created, count }, above), `${created} ${count}`);
  }
  assert.equal(fenceAbove({ created: MAX_FENCE, count: MAX_FENCE }), null);
});
