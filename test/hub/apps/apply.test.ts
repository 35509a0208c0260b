import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elapsedMs, rested } from '../../../src/hub/apps/app-record.ts';
import { applied, withNewRelease, withRelease } from '../../../src/hub/apps/apply.ts';
import { makeApp, makeRelease } from './records.ts';

const MOMENT = { now: 1_000, newJob: () => ({ key: 'key', id: '4be001' }) };
const ROLLING = makeApp([makeRelease(1, { state: 'live', liveAt: 1 }), makeRelease(2, { replaces: 1 })], {
  ...{ live: 1, underWay: 2 },
});
const states = ({ releases }: typeof ROLLING) => releases.map(({ state }) => state);

test('a release that becomes live retires the one before, and is not under way any more', () => {
  const app = applied(ROLLING, { to: 'live' }, MOMENT);
  assert.deepEqual(states(app), ['retired', 'live']);
  assert.deepEqual([app.live, app.underWay, app.releases[1]?.liveAt], [2, null, 1_000]);
});

test('a release that fails is not under way any more, with its reason, and the one before is still live', () => {
  for (const to of ['failed', 'cancelled']) {
    const app = applied(ROLLING, { to, why: 'web.1 exited' }, MOMENT);
    assert.deepEqual(states(app), ['live', to]);
    assert.deepEqual([app.live, app.underWay, app.releases[1]?.why], [1, null, 'web.1 exited']);
  }
});

test('the reason for going back is kept, and is gone once it is live', () => {
  const reverting = applied(ROLLING, { to: 'reverting', why: 'web.1 exited' }, MOMENT);
  assert.deepEqual([states(reverting), reverting.underWay], [['live', 'reverting'], 2]);
  assert.equal(applied(reverting, { to: 'failed' }, MOMENT).releases[1]?.why, 'web.1 exited');
  assert.equal(applied(reverting, { to: 'live' }, MOMENT).releases[1]?.why, null);
});

test('the time that a canary rests is not its own, whichever way it goes on', () => {
  const canary = applied(ROLLING, { to: 'canary' }, { ...MOMENT, now: 300 });
  const elapsed = (app: typeof ROLLING, now: number) => {
    const release = app.releases[1];
    return release && elapsedMs(release, now);
  };
  assert.deepEqual([elapsed(canary, 300), elapsed(canary, 5_000)], [300, 300]);
  const back = applied(canary, { to: 'reverting' }, { ...MOMENT, now: 5_000 });
  assert.equal(elapsed(back, 5_500), 800);
  const [, resting = makeRelease(2)] = canary.releases;
  const onward = withRelease(canary, { ...rested(resting, 5_000), state: 'rolling' });
  assert.equal(elapsed(applied(onward, { to: 'live' }, { ...MOMENT, now: 6_000 }), 6_000), 1_300);
});

test('a job gets its key, and its drone and start are recorded with it', () => {
  const app = applied(ROLLING, { job: { drone: 'web1' } }, MOMENT);
  assert.deepEqual(app.releases[1]?.job, { key: 'key', id: '4be001', drone: 'web1', started: 1_000 });
  assert.equal(app.releases[0]?.job, null);
});

test('a change of state without a release under way changes nothing', () => {
  const app = makeApp([makeRelease(1, { state: 'live' })], { live: 1 });
  assert.equal(applied(app, { to: 'failed' }, MOMENT), app);
  assert.deepEqual(applied(app, { undecided: 'why' }, MOMENT).undecided, 'why');
  assert.deepEqual(applied(app, { homes: {}, placement: { web: { 1: 'd1' } } }, MOMENT).placement, {
    web: { 1: 'd1' },
  });
});

test('a new release is under way, and decides what was undecided', () => {
  const app = withNewRelease(makeApp([], { undecided: 'why' }), makeRelease(1));
  assert.deepEqual([app.last, app.underWay, app.undecided], [1, 1, null]);
});

test('200 releases are remembered, and the live one however old it is', () => {
  const releases = Array.from({ length: 200 }, (_, n) => makeRelease(n + 1));
  const app = withNewRelease(makeApp(releases, { live: 1 }), makeRelease(201, { replaces: 2 }));
  assert.equal(app.releases.length, 200);
  assert.deepEqual(
    app.releases.slice(0, 3).map(({ release }) => release),
    [1, 2, 4],
  );
  assert.equal(app.releases.at(-1)?.release, 201);
});

test('a release is remembered as long as instances are of it that no restart has replaced', () => {
  const releases = Array.from({ length: 200 }, (_, n) =>
    makeRelease(n + 1, { keeps: n === 199 ? { worker: 1 } : {} }),
  );
  const app = withNewRelease(
    makeApp(releases, { live: 200 }),
    makeRelease(201, { replaces: 200, keeps: { web: 3 } }),
  );
  const [first, second, third] = app.releases.map(({ release }) => release);
  assert.deepEqual([first, second, third, app.releases.length], [1, 3, 4, 200]);
});
