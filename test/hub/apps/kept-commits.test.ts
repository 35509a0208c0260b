import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AppRecord, newApp, type ReleaseRecord } from '../../../src/hub/apps/app-record.ts';
import { keptCommits } from '../../../src/hub/apps/kept-commits.ts';

const DAY_MS = 24 * 3_600_000;
const NOW = 1_000 * DAY_MS;

/** A release that began `days` ago. */
function release(
  n: number,
  commit: string,
  state: 'live' | 'retired' | 'failed' | 'rolling',
  days = 30,
): ReleaseRecord {
  const time = NOW - days * DAY_MS;
  const liveAt = state === 'live' || state === 'retired' ? time : null;
  return { release: n, commit, state, time, liveAt } as ReleaseRecord;
}

function app(...releases: ReleaseRecord[]): AppRecord {
  const numberOf = (state: string) => releases.find((one) => one.state === state)?.release ?? null;
  return { ...newApp('webapp', null), releases, live: numberOf('live'), underWay: numberOf('rolling') };
}

test('the live release stays, and the last few commits that were live', () => {
  const record = app(
    release(1, 'a', 'retired', 40),
    release(2, 'b', 'retired', 39),
    release(3, 'c', 'retired', 38),
    release(4, 'd', 'live', 37),
  );
  assert.deepEqual(keptCommits(record, 2, NOW), { keep: ['d', 'c'], retired: ['a', 'b'] });
});

test('releases of the same commit count once, so that changes of the environment do not use up what stays', () => {
  const again = [3, 4, 5, 6].map((n) => release(n, 'b', 'retired', 30 - n));
  const record = app(release(1, 'a', 'retired', 30), ...again, release(7, 'b', 'live', 1));
  assert.deepEqual(keptCommits(record, 2, NOW), { keep: ['b', 'a'], retired: [] });
});

test('however many releases fail, the live one and those before it stay', () => {
  const failed = Array.from({ length: 20 }, (_, n) => release(n + 3, `f${n}`, 'failed', 29));
  const record = app(release(1, 'a', 'retired', 31), release(2, 'b', 'live', 30), ...failed);
  const { keep } = keptCommits(record, 2, NOW);
  assert.deepEqual(keep, ['b', 'a', 'f19', 'f18']);
});

test('what failed stays until the next release but one, and for seven days', () => {
  const table: [later: number, days: number, stays: boolean][] = [
    [1, 30, true],
    [2, 30, false],
    [2, 6.9, true],
    [9, 6.9, true],
    [9, 7.1, false],
  ];
  for (const [later, days, stays] of table) {
    const after = Array.from({ length: later }, (_, n) => release(n + 2, 'b', 'retired', 1));
    const { keep } = keptCommits(app(release(1, 'a', 'failed', days), ...after), 5, NOW);
    assert.equal(keep.includes('a'), stays, `${later} releases later, ${days} days`);
  }
});

test('the release that is under way stays', () => {
  const old = [2, 3, 4].map((n) => release(n, `c${n}`, 'retired', 10 - n));
  const record = { ...app(release(1, 'a', 'rolling', 90), ...old), live: 4 };
  assert.ok(keptCommits(record, 1, NOW).keep.includes('a'));
});

test('each commit is kept or retired, and never both', () => {
  const any = fc.record({
    commit: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    state: fc.constantFrom('retired' as const, 'failed' as const),
    days: fc.integer({ min: 0, max: 30 }),
  });
  fc.assert(
    fc.property(fc.array(any), fc.integer({ min: 1, max: 5 }), (list, count) => {
      const releases = list.map(({ commit, state, days }, n) => release(n + 1, commit, state, days));
      const { keep, retired } = keptCommits(app(...releases, release(99, 'x', 'live')), count, NOW);
      assert.deepEqual(
        [...keep, ...retired].sort(),
        [...new Set([...releases.map(({ commit }) => commit), 'x'])].sort(),
      );
      assert.ok(keep.includes('x'));
    }),
  );
});
