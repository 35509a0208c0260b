import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../../src/hub/access/principal.ts';
import type { ClientSession } from '../../src/hub/client-session.ts';
import { Execs } from '../../src/hub/execs.ts';
import { FEATURES, featuresOf } from '../../src/protocol/features.ts';
import { EXEC_WINDOW_BYTES } from '../../src/protocol/limits.ts';
import { directoryOf } from '../fixtures/fake-connection.ts';
import { key } from '../fixtures/fake-drone.ts';

class Client implements ClientSession {
  readonly who = {} as Principal;
  readonly features = featuresOf('1.0.0', FEATURES);
  readonly unreadBytes = 0;
  readonly told: [string, unknown][] = [];
  leave: () => void = () => {};
  readonly gone = new Promise<void>((resolve) => {
    this.leave = resolve;
  });

  tell(notice: string, params: unknown): void {
    this.told.push([notice, params]);
  }
}

function makeExec() {
  const { drones } = directoryOf({ web1: [] });
  const [client, one, execs] = [new Client(), key(), new Execs()];
  const { connection } = drones.web1;
  execs.open({ client, key: one, drone: drones.web1, connection, id: '000001' });
  return { drone: drones.web1, connection, client, one, execs };
}

test('output and exit reach the client under the key of its request, and then the exec is over', () => {
  const { drone, client, one, execs } = makeExec();
  execs.output(drone, { id: '000001', stream: 'stdout' }, Buffer.from('hi\n'));
  execs.stdinAck(drone, { id: '000001', bytes: 3 });
  execs.exit(drone, { id: '000001', code: 0, signal: null });
  execs.output(drone, { id: '000001', stream: 'stdout' }, Buffer.from('late\n'));
  const name = { drone: 'web1', id: '000001', key: one };
  assert.deepEqual(client.told, [
    ['exec.output', { ...name, stream: 'stdout' }],
    ['exec.stdin-ack', { ...name, bytes: 3 }],
    ['exec.exit', { ...name, code: 0, signal: null }],
  ]);
  assert.equal(execs.has('000001'), false);
});

test('input that its process does not take ends the connection of whoever sends it, and reaches no drone', () => {
  const { drone, connection, client, one, execs } = makeExec();
  const name = { drone: 'web1', key: one, id: null };
  const window = Buffer.alloc(EXEC_WINDOW_BYTES);
  for (let n = 0; n < 2; n++) execs.stdin(client, name, false, window);
  execs.stdinAck(drone, { id: '000001', bytes: window.length });
  execs.stdin(client, name, false, window);
  assert.throws(() => execs.stdin(client, name, false, Buffer.alloc(1)), { code: 'EPROTOCOL' });
  assert.equal(connection.ordered.length, 3);
});

test('a client reaches only its own execs, by key or, as fleet 1.0 does, by id', () => {
  const { connection, client, one, execs } = makeExec();
  const byKey = { drone: 'web1', key: one, id: null };
  execs.stdin(client, byKey, true, Buffer.alloc(0));
  execs.kill(client, { drone: 'web1', key: null, id: '000001' }, 'SIGINT');
  assert.deepEqual(connection.ordered, [
    ['exec.stdin', { id: '000001', end: true }],
    ['exec.kill', { id: '000001', signal: 'SIGINT' }],
  ]);
  for (const [who, name] of [
    [new Client(), byKey],
    [client, { ...byKey, drone: 'web2' }],
    [client, { ...byKey, key: key() }],
    [client, { drone: 'web1', key: null, id: null }],
  ] as const)
    assert.throws(() => execs.kill(who, name, null), { code: 'ENOPROCESS' });
});

test('a drone can report on its own execs only', () => {
  const { client, execs } = makeExec();
  const other = directoryOf({ web2: [] }).drones.web2;
  execs.output(other, { id: '000001', stream: 'stdout' }, Buffer.from('forged\n'));
  execs.exit(other, { id: '000001', code: 0, signal: null });
  assert.deepEqual(client.told, []);
  assert.equal(execs.has('000001'), true);
});

test('a drone that sends more than its client asked for violates the protocol', () => {
  const { drone, client, one, execs } = makeExec();
  const output = (bytes: number) =>
    execs.output(drone, { id: '000001', stream: 'stdout' }, Buffer.alloc(bytes));
  output(2 * EXEC_WINDOW_BYTES);
  execs.ack(client, { drone: 'web1', key: one, id: null }, EXEC_WINDOW_BYTES);
  output(EXEC_WINDOW_BYTES);
  assert.throws(() => output(1), { code: 'EPROTOCOL' });
});

test('if one end is lost, the other one is told', async () => {
  const first = makeExec();
  first.client.leave();
  await first.client.gone;
  await Promise.resolve();
  assert.deepEqual(first.connection.ordered, [['exec.kill', { id: '000001', signal: null }]]);
  const second = makeExec();
  second.connection.lose();
  await second.connection.gone;
  await Promise.resolve();
  assert.match(JSON.stringify(second.client.told), /exec\.exit.*the connection to the drone was lost/);
});
