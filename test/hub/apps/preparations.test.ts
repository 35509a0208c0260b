import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';
import { FencedOrders } from '../../../src/hub/apps/fenced-orders.ts';
import { Preparations } from '../../../src/hub/apps/preparations.ts';
import { FleetError } from '../../../src/protocol/errors.ts';
import { directoryOf, FakeConnection } from '../../fixtures/fake-connection.ts';

const COMMIT = 'c'.repeat(40);
const VAULT = { digest: () => '0'.repeat(32) };
const FENCES = {
  of: () => ({ created: 1, count: 1 }),
  raiseAbove: () => {},
  refused: async () => 'unknown' as const,
};
const ORDER = {
  ...{ app: 'webapp', repo: 'webapp', commit: COMMIT, build: null, buildTimeoutMs: 1_000, cache: [] },
  ...{ shared: [], env: {}, user: null, rebuild: false },
};

/** Has one drone prepare a commit; `answer` is what it answers. */
async function prepared(answer: () => unknown) {
  const { directory, drones } = directoryOf({ d1: [] });
  drones.d1.connection.answer = answer;
  const later: (() => void)[] = [];
  const done = new EventEmitter();
  const preparations = new Preparations(
    directory,
    new FencedOrders('webapp', FENCES, VAULT),
    (act) => void later.push(act),
    () => done.emit('done'),
  );
  preparations.begin('d1', ORDER);
  assert.deepEqual([preparations.state('d1', COMMIT), preparations.isBusy], ['under way', true]);
  await once(done, 'done');
  assert.equal(preparations.isBusy, false);
  return { preparations, later, directory, drone: drones.d1 };
}

const fails = (code: 'ECLOSED' | 'EIO') => () => {
  throw new FleetError(code, 'why');
};

test('a drone that is done is ready, for this commit only', async () => {
  const { preparations, later } = await prepared(() => ({ job: '4be001', why: null }));
  assert.equal(preparations.state('d1', COMMIT), 'ready');
  assert.equal(preparations.state('d1', 'd'.repeat(40)), null);
  assert.equal(preparations.failedBuild('d1', COMMIT), null);
  assert.deepEqual(later, []);
  preparations.forgetFailures();
  assert.equal(preparations.state('d1', COMMIT), 'ready');
});

test('a drone on which several slots wait for the same commit is asked once', async () => {
  const { directory, drones } = directoryOf({ d1: [] });
  let asked = 0;
  drones.d1.connection.answer = () => ({ job: null, why: asked++ === 0 ? null : 'asked again' });
  const done = new EventEmitter();
  const preparations = new Preparations(
    directory,
    new FencedOrders('webapp', FENCES, VAULT),
    () => {},
    () => done.emit('done'),
  );
  preparations.begin('d1', ORDER);
  preparations.begin('d1', ORDER);
  await once(done, 'done');
  assert.equal(asked, 1);
});

test('a build that failed has a reason and a log, until it may be tried again', async () => {
  const { preparations, later } = await prepared(() => ({ job: '4be001', why: 'exited with code 1' }));
  assert.deepEqual(preparations.state('d1', COMMIT), { why: 'exited with code 1' });
  assert.equal(preparations.failedBuild('d1', COMMIT), '4be001');
  assert.equal(later.length, 1);
  later[0]?.();
  assert.equal(preparations.state('d1', COMMIT), null);
});

test('a new release does not wait with what has failed', async () => {
  const { preparations } = await prepared(fails('EIO'));
  assert.deepEqual(preparations.state('d1', COMMIT), { why: 'why' });
  preparations.forgetFailures();
  assert.equal(preparations.state('d1', COMMIT), null);
});

test('a drone that was lost meanwhile is asked again, as is one that has connected again', async () => {
  const { preparations, later } = await prepared(fails('ECLOSED'));
  assert.deepEqual([preparations.state('d1', COMMIT), later.length], [null, 0]);
  const again = await prepared(() => ({ job: null, why: null }));
  const { identity } = again.drone;
  again.directory.join(new FakeConnection(), { identity, name: 'd1', processes: [] });
  assert.equal(again.preparations.state('d1', COMMIT), null);
});

test('what was lost with one connection leaves alone what was asked over the next', async () => {
  const { directory, drones } = directoryOf({ d1: [] });
  const done = new EventEmitter();
  const preparations = new Preparations(
    directory,
    new FencedOrders('webapp', FENCES, VAULT),
    () => {},
    () => done.emit('done'),
  );
  drones.d1.connection.answer = fails('ECLOSED');
  preparations.begin('d1', ORDER);
  const next = new FakeConnection();
  next.answer = () => new Promise(() => {});
  directory.join(next, { identity: drones.d1.identity, name: 'd1', processes: [] });
  preparations.begin('d1', ORDER);
  await once(done, 'done');
  assert.equal(preparations.state('d1', COMMIT), 'under way');
});

test('a drone that is not there is not asked', () => {
  const { directory } = directoryOf({ d1: [] });
  const preparations = new Preparations(
    directory,
    new FencedOrders('webapp', FENCES, VAULT),
    () => assert.fail(),
    () => assert.fail(),
  );
  preparations.begin('d2', ORDER);
  assert.equal(preparations.state('d2', COMMIT), null);
});
