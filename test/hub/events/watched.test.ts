import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mustBeFew, type Named, takeable } from '../../../src/hub/events/watched.ts';

const many = (count: number) => Array.from({ length: count }, (_, n) => n.toString(16).padStart(6, '0'));
const naming = (ids: number, repos = 0, drones: number | null = null): Named => ({
  output: { all: false, ids: many(ids), repos: many(repos) },
  drones: drones === null ? null : new Set(many(drones)),
});

test('all subscriptions of a token together name 10,000 processes, repositories and drones at most', () => {
  const limit = { code: 'ELIMIT', message: /the token 'ci' would watch more than 10000/ };
  for (const [subscriptions, isFew] of [
    [[naming(10_000)], true],
    [[naming(4_000, 1_000, 3_000), naming(1_000, 0, 1_000)], true],
    [[naming(4_000, 1_000, 3_000), naming(1_000, 0, 1_001)], false],
    [[naming(9_999), { output: null, drones: many(2) }], false],
    [[naming(9_000, 1_001)], false],
  ] as const) {
    if (isFew) mustBeFew('ci', subscriptions);
    else assert.throws(() => mustBeFew('ci', subscriptions), limit);
    mustBeFew('secret', subscriptions);
  }
});

test('of more than a drone takes, it is told of those of its own', () => {
  const known = { has: (id: string) => id < '000005' };
  assert.deepEqual(takeable({ all: false, ids: many(10_001), repos: [] }, known).ids, many(5));
  assert.equal(takeable({ all: false, ids: many(10_000), repos: [] }, known).ids.length, 10_000);
});
