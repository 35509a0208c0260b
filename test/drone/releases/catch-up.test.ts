import assert from 'node:assert/strict';
import { afterEach, beforeEach, type TestContext, test } from 'node:test';
import { CatchUp, type Missing } from '../../../src/drone/releases/catch-up.ts';
import { FleetError } from '../../../src/protocol/errors.ts';
import type { Lag } from '../../../src/protocol/fetch.ts';
import { Clock } from '../../fixtures/clock.ts';

/** A deploy that goes on until the test ends it. */
interface Deploy extends Missing {
  end(error?: Error): void;
}

const LONGEST_WAIT_MS = 300_000 * 1.5;
const FULL = new FleetError('EIO', 'the disk is full');
let deploys: Deploy[];
let lines: string[];
/** What is missing, after each change. */
let lags: string[];
let catchUp: CatchUp;
beforeEach(() => {
  deploys = [];
  lines = [];
  lags = [];
  const deploy = (missing: Missing) =>
    new Promise<void>((resolve, reject) => {
      deploys.push({ ...missing, end: (error) => (error ? reject(error) : resolve()) });
    });
  const lagging = (now: Lag[]) =>
    lags.push(now.map(({ repo, commit, retries }) => `${repo}/${commit} ${retries}`).join(' '));
  catchUp = new CatchUp(deploy, (line) => lines.push(line), lagging);
});
afterEach(() => catchUp.close());

const missing = (repo: string, commit = 'c'): Missing => ({ repo, commit });
const started = () => deploys.map(({ repo, commit }) => `${repo}/${commit}`).join(' ');
async function settled(): Promise<void> {
  for (let n = 0; n < 20; n++) await Promise.resolve();
}
/** Starts with one commit, which fails. */
async function fail(t: TestContext, error: Error): Promise<Clock> {
  const clock = new Clock(t);
  catchUp.start([missing('app')]);
  await settled();
  deploys[0]?.end(error);
  await settled();
  return clock;
}

test('what was missed is deployed four at a time, the newest first', async () => {
  catchUp.start(['a', 'b', 'c', 'd', 'e', 'f'].map((repo) => missing(repo)));
  await settled();
  assert.equal(started(), 'f/c e/c d/c c/c');
  deploys[1]?.end();
  await settled();
  assert.equal(started(), 'f/c e/c d/c c/c b/c');
});

test('a deploy that failed is tried again, after longer and longer waits', async (t) => {
  t.mock.method(Math, 'random', () => 0.5);
  const clock = await fail(t, FULL);
  assert.deepEqual(lines, ['cannot deploy app/c: the disk is full; trying again in 2 s']);
  clock.pass(1_999);
  await settled();
  assert.equal(deploys.length, 1);
  clock.pass(1);
  await settled();
  assert.equal(deploys.length, 2);
  deploys[1]?.end(FULL);
  await settled();
  assert.match(lines[1] ?? '', /trying again in 4 s$/);
  clock.pass(4_000);
  await settled();
  deploys[2]?.end();
  await settled();
  clock.pass(LONGEST_WAIT_MS);
  await settled();
  assert.equal(deploys.length, 3, 'what succeeded is not deployed again');
});

test('a commit that the hub does not have is not asked for again', async (t) => {
  const clock = await fail(t, new FleetError('ENOCOMMIT', 'it is not at the hub'));
  assert.deepEqual(lines, ['cannot deploy app/c: it is not at the hub']);
  clock.pass(LONGEST_WAIT_MS);
  await settled();
  assert.equal(deploys.length, 1);
});

test('an order that fails is tried again, and takes the place of an older commit', async (t) => {
  const clock = await fail(t, FULL);
  const order = catchUp.ordered(missing('app', 'newer'), () => Promise.reject(FULL));
  await assert.rejects(order, FULL);
  clock.pass(LONGEST_WAIT_MS);
  await settled();
  assert.equal(started(), 'app/c app/newer');
});

test('of several commits of a repository that fail, the newest is tried again', async (t) => {
  const clock = new Clock(t);
  catchUp.start([missing('app', 'older'), missing('app', 'newer')]);
  await settled();
  for (const deploy of deploys) deploy.end(FULL);
  await settled();
  clock.pass(LONGEST_WAIT_MS);
  await settled();
  assert.equal(started(), 'app/newer app/older app/newer');
});

test('once closed, nothing is tried again', async (t) => {
  const clock = await fail(t, FULL);
  catchUp.close();
  clock.pass(LONGEST_WAIT_MS);
  await settled();
  assert.equal(deploys.length, 1);
});

test('what has failed is missing until it is there; a newer commit takes the place of an older one', async (t) => {
  const clock = await fail(t, FULL);
  assert.deepEqual(lags, ['app/c true']);
  assert.equal(catchUp.lags[0]?.why, 'the disk is full');
  await assert.rejects(
    catchUp.ordered(missing('app', 'newer'), () => Promise.reject(FULL)),
    FULL,
  );
  catchUp.start([missing('app', 'newer'), missing('other')]);
  await settled();
  deploys[1]?.end(new FleetError('ENOCOMMIT', 'it is not at the hub'));
  await settled();
  assert.equal(lags.at(-1), 'app/newer true other/c false');
  deploys[2]?.end();
  await settled();
  assert.equal(lags.at(-1), 'other/c false');
  clock.pass(LONGEST_WAIT_MS);
  await settled();
  assert.equal(deploys.length, 3);
});

test('a commit that fails while a newer one is tried again is not what is missing', async (t) => {
  new Clock(t);
  catchUp.start([missing('app', 'older'), missing('app', 'newer')]);
  await settled();
  for (const deploy of deploys) deploy.end(FULL);
  await settled();
  assert.deepEqual(lags, ['app/newer true']);
});
