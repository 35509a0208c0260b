import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nextPort } from '../../../src/drone/instances/next-port.ts';

const RANGE = { first: 10, last: 14 };

test('ports are given in order, round the range', () => {
  const cases: [before: number | null, taken: number[], expected: number | null][] = [
    [null, [], 10],
    [10, [], 11],
    [14, [], 10],
    [11, [12, 13], 14],
    [13, [14, 10], 11],
    [99, [], 10],
    [12, [10, 11, 12, 13, 14], null],
  ];
  for (const [before, taken, expected] of cases)
    assert.equal(
      nextPort(RANGE, before, (port) => taken.includes(port)),
      expected,
      `${before} ${taken}`,
    );
});

test('a port that is free is found, and one that was just given back comes last', () => {
  const taken = fc.uniqueArray(fc.integer({ min: 10, max: 14 }), { maxLength: 4 });
  fc.assert(
    fc.property(taken, fc.integer({ min: 10, max: 14 }), (busy, before) => {
      const given: number[] = [];
      let last: number | null = before;
      for (let n = 0; n < 5 - busy.length; n++) {
        last = nextPort(RANGE, last, (port) => busy.includes(port) || given.includes(port));
        assert.ok(last !== null && !busy.includes(last));
        given.push(last);
      }
      if (!busy.includes(before)) assert.equal(given.at(-1), before);
    }),
  );
});
