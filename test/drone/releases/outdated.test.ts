import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Idle, type Keep, outdated } from '../../../src/drone/releases/outdated.ts';

const DAY_MS = 24 * 3_600_000;
const NOW = 1_000 * DAY_MS;
const NOTHING: Keep = { apps: {}, deployed: [] };
const hash = (n: number) => String(n).padStart(40, '0');

/** A checkout that an app prepared `days` ago. */
const built = (n: number, days: number, more: Partial<Idle> = {}): Idle => ({
  ...{ app: 'webapp', repo: 'webapp', commit: hash(n), at: NOW - days * DAY_MS },
  ...{ byHandAt: null, isPrepared: true, ...more },
});
/** A checkout that was deployed by hand `days` ago. */
const byHand = (n: number, days: number, more: Partial<Idle> = {}): Idle => ({
  ...built(n, days),
  ...{ byHandAt: NOW - days * DAY_MS, isPrepared: false, ...more },
});
const webapp = (keep: number[], retired: number[]): Keep => ({
  ...NOTHING,
  apps: { webapp: { keep: keep.map(hash), retired: retired.map(hash) } },
});
const going = (checkouts: Idle[], keep: Keep) =>
  outdated(checkouts, keep, NOW).map(({ commit }) => Number(commit));

test("of an app, a checkout stays if the hub says so, and goes if the hub says so, or after a week's silence", () => {
  const checkouts = [built(1, 90), built(2, 0), built(3, 6.9), built(4, 7.1)];
  assert.deepEqual(going(checkouts, webapp([1], [2])), [2, 4]);
});

test('five failed deploys do not remove what serves', () => {
  const failed = [2, 3, 4, 5, 6].map((n) => built(n, 0));
  assert.deepEqual(going([built(1, 30), ...failed], webapp([1], [2, 3, 4, 5, 6])), [2, 3, 4, 5, 6]);
});

test('what was deployed by hand stays for a week, also if it was a release before', () => {
  const checkouts = [byHand(1, 6.9), byHand(2, 7.1), built(3, 30, { byHandAt: NOW - DAY_MS })];
  assert.deepEqual(going(checkouts, webapp([], [1, 2, 3])), [2]);
});

test('of a repository without an app, the newest five stay however old they are', () => {
  const checkouts = [1, 2, 3, 4, 5, 6, 7].map((n) => byHand(n, 10 + n));
  const others = [byHand(8, 90, { app: 'api', repo: 'api' })];
  assert.deepEqual(going([...checkouts, ...others], NOTHING), [6, 7]);
});

test('nothing goes of an app that the hub does not know', () => {
  assert.deepEqual(
    going(
      [1, 2, 3, 4, 5, 6, 7].map((n) => built(n, 100)),
      NOTHING,
    ),
    [],
  );
});

test('a stage is an app of its own', () => {
  const stage = built(1, 30, { app: 'webapp@pr-1' });
  assert.deepEqual(going([stage], webapp([], [1])), []);
  const apps = { 'webapp@pr-1': { keep: [], retired: [hash(1)] } };
  assert.deepEqual(going([stage, built(1, 30)], { ...NOTHING, apps }), [1]);
});

test('the commit that a drone is told to deploy when it joins stays', () => {
  const keep = { ...webapp([], [1]), deployed: [{ repo: 'webapp', commit: hash(1) }] };
  assert.deepEqual(going([built(1, 90), built(2, 90)], keep), [2]);
});

const number = fc.integer({ min: 1, max: 9 });
const checkout = fc
  .tuple(
    fc.constantFrom('a', 'b', 'constructor', '__proto__'),
    number,
    fc.float({ min: 0, max: 30, noNaN: true }),
  )
  .chain(([app, n, days]) =>
    fc.constantFrom(built(n, days, { app, repo: app }), byHand(n, days, { app, repo: app })),
  );
const keep = fc.record({
  apps: fc.dictionary(
    fc.constantFrom('a', 'b'),
    fc.record({
      keep: fc.array(number.map(hash)),
      retired: fc.array(number.map(hash)),
    }),
  ),
  deployed: fc.array(fc.record({ repo: fc.constantFrom('a', 'b'), commit: number.map(hash) })),
});

test('whatever there is: nothing goes that is kept, or younger by hand than a week, and a second look finds nothing', () => {
  fc.assert(
    fc.property(fc.array(checkout), keep, (checkouts, wanted) => {
      const gone = outdated(checkouts, wanted, NOW);
      for (const { app, commit, byHandAt, isPrepared } of gone) {
        assert.ok(!Object.hasOwn(wanted.apps, app) || !wanted.apps[app]?.keep.includes(commit));
        assert.ok(byHandAt === null || NOW - byHandAt >= 7 * DAY_MS);
        assert.ok(!wanted.deployed.some((one) => one.repo === app && one.commit === commit));
        assert.ok(Object.hasOwn(wanted.apps, app) || !isPrepared);
      }
      const left = checkouts.filter((one) => !gone.includes(one));
      assert.deepEqual(outdated(left, wanted, NOW), []);
    }),
  );
});
