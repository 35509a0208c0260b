import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KnownDrone } from '../../../src/hub/drones/known-drone.ts';
import { ReportBudget } from '../../../src/hub/drones/report-budget.ts';
import { MAX_MESSAGE_BYTES } from '../../../src/protocol/limits.ts';
import { FakeConnection } from '../../fixtures/fake-connection.ts';
import { report } from '../../fixtures/fake-drone.ts';

const drone = () => new KnownDrone('web1', '0'.repeat(32));

test('labels that the hub was given win over those of the drone, also after it joins again', () => {
  const known = drone();
  known.givenLabels = { role: 'db' };
  known.meet({ identity: known.identity, name: 'web1', processes: [], labels: { role: 'web', zone: 'a' } });
  assert.deepEqual(known.labels, { role: 'db', zone: 'a' });
});

test('what a drone does not say when it joins again is not kept from before', () => {
  const known = drone();
  known.meet({
    identity: '',
    name: 'web1',
    processes: [],
    start: 's',
    address: '10.0.0.1',
    labels: { a: 'b' },
  });
  known.meet({ identity: '', name: 'web1', processes: [] });
  assert.deepEqual([known.start, known.address, known.labels], [null, null, {}]);
});

test('a drone is lost from the moment at which it was lost, and not while it is connected', () => {
  const known = drone();
  known.lostAt = performance.now() - 40_000;
  assert.equal(known.lost, 40);
  known.connection = new FakeConnection();
  assert.equal(known.lost, null);
});

test('a report replaces the one before, and is as old as it says', () => {
  const known = drone();
  known.know(report('1e99f4', { pid: 1 }), 5_000);
  const at = known.processes.get('1e99f4')?.at ?? 0;
  assert.ok(performance.now() - at >= 5_000);
  known.know(report('1e99f4', { pid: 2 }));
  assert.equal(known.processes.size, 1);
  assert.equal(known.processes.get('1e99f4')?.report.pid, 2);
  known.forget('1e99f4');
  assert.equal(known.processes.size, 0);
});

test('each change is counted', () => {
  const known = drone();
  known.know(report('1e99f4'));
  known.forget('1e99f4');
  assert.equal(known.changes, 2);
});

test('a drone may have so many characters in its commands as fit in one message, and those that are gone are free', () => {
  const known = drone();
  const half = report('1e99f4', { command: ['x'.repeat(MAX_MESSAGE_BYTES / 2)] });
  for (let n = 0; n < 5; n++) known.know(half);
  known.know({ ...half, id: '000001' });
  assert.throws(() => known.know({ ...half, id: '000002' }), { code: 'EPROTOCOL', message: /too long/ });
});

test('a drone may have 20,000 processes', () => {
  const known = drone();
  const one = report('000000');
  const id = (n: number) => n.toString(16).padStart(6, '0');
  for (let n = 0; n < 20_000; n++) known.know({ ...one, id: id(n) });
  assert.throws(() => known.know({ ...one, id: id(20_000) }), {
    code: 'EPROTOCOL',
    message: /more than 20000/,
  });
});

test('what a drone lacks is in the budget of its token, until it lacks it no more', () => {
  const budget = new ReportBudget(1_000, 'the drones of the token');
  const known = new KnownDrone('web1', '0'.repeat(32), 'worker', budget);
  const lag = { repo: 'webapp', commit: 'c'.repeat(40), why: 'x'.repeat(600), retries: false };
  known.lack([lag]);
  assert.throws(() => known.lack([lag, lag]), { code: 'EPROTOCOL', message: /the token report more/ });
  known.lack([]);
  known.lack([lag]);
  assert.equal(known.lags.length, 1);
  known.release();
  budget.take(1_000);
});
