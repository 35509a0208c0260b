import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../../src/hub/access/principal.ts';
import { DroneDirectory } from '../../src/hub/drones/directory.ts';
import { listLogs, readLog } from '../../src/hub/logs.ts';
import { EVERYTHING } from '../../src/hub/selection.ts';
import { FleetError } from '../../src/protocol/errors.ts';
import { featuresOf } from '../../src/protocol/features.ts';
import { ORDERS } from '../../src/protocol/orders.ts';
import { Caller } from '../../src/rpc/calls.ts';
import { directoryOf, FakeConnection } from '../fixtures/fake-connection.ts';
import { key } from '../fixtures/fake-drone.ts';

const owner = { repo: null } as Principal;
const stats = { repo: 'stats' } as Principal;
const log = (id: string, repo: string) => ({
  id,
  repo,
  commit: 'c'.repeat(40),
  command: ['node'],
  start: 0,
  end: 5,
  dropped: 0,
});
const page = { from: 0, to: 4, start: 0, end: 4, dropped: 0, times: [] };
const LOGS = { logs: [log('000001', 'webapp'), log('000002', 'stats')] };

test('logs of every drone are listed, and a drone that fails answers with its error', async () => {
  const { directory, drones } = directoryOf({ web1: [], web2: [], web3: [] });
  drones.web1.connection.answer = () => LOGS;
  drones.web2.connection.answer = () => {
    throw new FleetError('ETIMEOUT', 'no answer');
  };
  directory.lose(drones.web3, new FleetError('ECLOSED', 'lost'));
  const { drones: listed, absent } = await listLogs(directory, stats, { drones: null, select: null });
  assert.deepEqual(listed, { web1: [LOGS.logs[1]], web2: { code: 'ETIMEOUT', message: 'no answer' } });
  assert.deepEqual(absent, { web3: 0 });
  const selected = await listLogs(directory, owner, {
    drones: null,
    select: { ...EVERYTHING, repo: 'webapp', drones: ['web1'] },
  });
  assert.deepEqual(selected, { drones: { web1: [LOGS.logs[0]] }, absent: {} });
});

test('a read carries the repository that a token is for, and the drone refuses others', async () => {
  const { directory, drones } = directoryOf({ web1: [] });
  drones.web1.connection.answer = () => page;
  const at = { kind: 'offset', offset: 0 } as const;
  const { result, body } = await readLog(directory, stats, { drone: 'web1', id: '000001', at, limit: 10 });
  assert.deepEqual([result, body.toString()], [page, 'body']);
  assert.deepEqual(drones.web1.connection.ordered, [
    ['logs.read', { id: '000001', at, limit: 10, repo: 'stats' }],
  ]);
});

test('for a fleet 1.0 drone, which cannot refuse, the hub asks whose log it is', async () => {
  const directory = new DroneDirectory();
  const old = new FakeConnection(featuresOf(undefined, []));
  old.answer = (method) => (method === 'logs.list' ? LOGS : page);
  directory.join(old, { identity: key(), name: 'old', processes: [] });
  const read = (id: string) =>
    readLog(directory, stats, { drone: 'old', id, at: { kind: 'offset', offset: 0 }, limit: 10 });
  await assert.rejects(read('000001'), { code: 'ENOPROCESS' });
  assert.deepEqual((await read('000002')).result, page);
  assert.ok(!('repo' in (old.ordered.at(-1)?.[1] ?? {})));
});

test('more logs than fit an answer are refused before they are put together', async () => {
  const { directory, drones } = directoryOf({ web1: [], web2: [] });
  const many = Array.from({ length: 60_000 }, (_, n) => log(n.toString(16).padStart(6, '0'), 'webapp'));
  for (const { connection } of [drones.web1, drones.web2]) connection.answer = () => ({ logs: many });
  await assert.rejects(listLogs(directory, owner, { drones: null, select: null }), {
    code: 'ELIMIT',
    message: /too many logs/,
  });
  const { drones: listed } = await listLogs(directory, owner, { drones: ['web1'], select: null });
  assert.equal((listed['web1'] as unknown[]).length, 60_000);
});

test('the drones of a token that have too many logs are listed with that error, and all others with their logs', async () => {
  const { directory, drones } = directoryOf({ web1: [] });
  drones.web1.connection.answer = () => LOGS;
  const command = ['x'.repeat(1_250)];
  const many = Array.from({ length: 1_500 }, () => ({ ...log('000003', 'webapp'), command }));
  for (let n = 0; n < 8; n++) {
    const connection = new FakeConnection();
    connection.answer = () => ({ logs: many });
    directory.join(connection, { identity: key(), name: `many${n}`, processes: [], by: 'flood' });
  }
  const { drones: listed } = await listLogs(directory, owner, { drones: null, select: null });
  assert.deepEqual(listed['web1'], LOGS.logs);
  const refused = Object.values(listed).filter((one) => 'code' in one && one.code === 'ELIMIT');
  assert.equal(refused.length, 3);
});

test('a list waits long for the drone of a token that does not answer, and only once', async () => {
  const { directory } = directoryOf({});
  const waited: number[] = [];
  let isSilent = true;
  const call = async (_method: string, _params: unknown, timeout = 0) => {
    waited.push(timeout);
    if (isSilent) throw new FleetError('ETIMEOUT', 'no answer');
    return { result: LOGS, body: Buffer.alloc(0) };
  };
  const connection = new FakeConnection();
  const peer = { features: connection.features, call, notify: () => {} };
  Object.assign(connection, { orders: new Caller(peer, ORDERS, 'the drone') });
  directory.join(connection, { identity: key(), name: 'silent', processes: [], by: 'workers' });
  const list = () => listLogs(directory, owner, { drones: null, select: null });
  await list();
  await list();
  isSilent = false;
  await list();
  await list();
  assert.deepEqual(waited, [10_000, 500, 500, 10_000]);
});
