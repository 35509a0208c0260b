import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../../../src/hub/access/principal.ts';
import type { ClientSession } from '../../../src/hub/client-session.ts';
import { DroneDirectory } from '../../../src/hub/drones/directory.ts';
import { EventLog } from '../../../src/hub/events/event-log.ts';
import { EventNumbers } from '../../../src/hub/events/event-numbers.ts';
import { Subscribers } from '../../../src/hub/events/subscribers.ts';
import { FleetError } from '../../../src/protocol/errors.ts';
import { FEATURES, featuresOf } from '../../../src/protocol/features.ts';
import { ORDERS } from '../../../src/protocol/orders.ts';
import { RIGHTS } from '../../../src/protocol/rights.ts';
import { Caller } from '../../../src/rpc/calls.ts';
import { EMPTY } from '../../../src/rpc/frames.ts';
import { FakeConnection } from '../../fixtures/fake-connection.ts';

const owner: Principal = {
  name: 'secret',
  address: '127.0.0.1',
  rights: new Set(RIGHTS),
  repo: null,
  expires: null,
  isValid: () => true,
};

/** A client that notes what it is told, and how much waits for it. */
class SlowClient implements ClientSession {
  unreadBytes = 0;
  readonly gone = new Promise<never>(() => {});
  readonly told: [string, unknown, string][] = [];

  constructor(
    readonly who = owner,
    readonly features = featuresOf('1.0.0', FEATURES),
  ) {}

  tell(notice: string, params: unknown, body = EMPTY): void {
    this.told.push([notice, params, body.toString()]);
  }

  get events(): unknown[] {
    return this.told.map(([, event]) => (event as { type: string }).type);
  }
}

const everything = {
  ...{ events: true, output: { all: true, ids: [], repos: [] }, drones: null },
  ...{ since: null, after: null },
};
const deployed = { type: 'deployed', repo: 'webapp', commit: 'c'.repeat(40), drone: 'web1' } as const;
const called = { type: 'called', call: 'spawn', who: 'ci', address: '10.0.0.1', result: 'ok' } as const;

function makeSubscribers() {
  const events = new EventLog(new EventNumbers(0, () => {}));
  return { events, subscribers: new Subscribers(new DroneDirectory(), events) };
}

test('a slow reader loses output, and is told how many lines, in their place', async () => {
  const { events, subscribers } = makeSubscribers();
  const client = new SlowClient();
  await subscribers.subscribe(client, everything);
  const piece = { id: 'aaaaaa', repo: 'webapp', commit: 'c'.repeat(40), from: 0, to: 4, time: 0, dropped: 0 };
  subscribers.output('web1', piece, Buffer.from('a\nb\n'));
  client.unreadBytes = 5_000_000;
  subscribers.output('web1', piece, Buffer.from('c\nd\n'));
  subscribers.output('web1', { ...piece, dropped: 3 }, Buffer.from('e\n'));
  events.add(deployed);
  client.unreadBytes = 50_000_000;
  events.add(deployed);
  client.unreadBytes = 0;
  subscribers.output('web1', piece, Buffer.from('f\n'));
  subscribers.output('web1', piece, Buffer.from('g\n'));
  assert.deepEqual(
    client.told.map(([method, params, body]) => [method, method === 'dropped' ? params : body]),
    [
      ['output', 'a\nb\n'],
      ['dropped', { lines: 6 }],
      ['event', ''],
      ['dropped', { lines: 1 }],
      ['output', 'f\n'],
      ['output', 'g\n'],
    ],
  );
});

test('a listener that reconnects continues after the last event it saw, and gets each once', async () => {
  const { events, subscribers } = makeSubscribers();
  for (const drone of ['web1', 'web2', 'web3']) events.add({ ...deployed, drone, time: 7 });
  const client = new SlowClient();
  const last = { time: 7, type: 'deployed', drone: 'web3', id: null };
  assert.deepEqual(await subscribers.subscribe(client, { ...everything, since: 1 }), {
    ...{ seq: 3, missed: 0, last },
  });
  events.add({ ...deployed, drone: 'web4' });
  assert.deepEqual(
    client.told.map(([, event]) => (event as { seq: number }).seq),
    [2, 3, 4],
  );
});

test('a listener that comes from another hub goes on after its last event, and is told the newest that it may see', async () => {
  const { events, subscribers } = makeSubscribers();
  for (const drone of ['web1', 'web2', 'web3']) events.add({ ...deployed, drone, time: 1_000 });
  events.add({ ...deployed, repo: 'other', time: 2_000 });
  const client = new SlowClient({ ...owner, repo: 'webapp' });
  const after = { time: 999, type: 'deployed', drone: 'web2', id: null };
  assert.deepEqual(await subscribers.subscribe(client, { ...everything, after }), {
    ...{ seq: 4, missed: 0, last: { ...after, time: 1_000, drone: 'web3' } },
  });
  assert.deepEqual(client.events, ['deployed', 'deployed', 'deployed']);
});

test('everybody gets what they may see, and a fleet 1.0 client what it knows', async () => {
  const { events, subscribers } = makeSubscribers();
  const first = new SlowClient(owner, featuresOf(undefined, []));
  const everybody = new SlowClient();
  const other = new SlowClient({ ...owner, repo: 'other' });
  for (const client of [first, everybody, other]) await subscribers.subscribe(client, everything);
  events.add({ type: 'joined', drone: 'web1', version: '1.0.0' });
  events.add(deployed);
  events.add(called);
  events.add({ ...deployed, repo: 'other' });
  assert.deepEqual(first.events, ['deployed', 'deployed']);
  assert.deepEqual(everybody.events, ['joined', 'deployed', 'deployed']);
  assert.deepEqual(other.events, ['deployed']);
});

test('what is shown of an unfinished line is only for those who know that, and have room', async () => {
  const { subscribers } = makeSubscribers();
  const older = new SlowClient(owner, featuresOf('1.0.0', ['open-messages']));
  const slow = new SlowClient();
  const client = new SlowClient();
  for (const one of [older, slow, client]) await subscribers.subscribe(one, everything);
  const piece = { id: 'aaaaaa', repo: 'webapp', commit: 'c'.repeat(40), time: 0, dropped: 0 };
  slow.unreadBytes = 5_000_000;
  subscribers.output('web1', { ...piece, from: 0, to: 6, begun: 0 }, Buffer.from('Name: '));
  slow.unreadBytes = 0;
  subscribers.output('web1', { ...piece, from: 0, to: 9 }, Buffer.from('Name: me\n'));
  const bodies = ({ told }: SlowClient) => told.map(([, , body]) => body);
  assert.deepEqual(bodies(older), ['Name: me\n']);
  assert.deepEqual(bodies(slow), ['Name: me\n']);
  assert.deepEqual(bodies(client), ['Name: ', 'Name: me\n']);
});

test('what a drone is told to send is not awaited for ever if it never answers', async () => {
  const directory = new DroneDirectory();
  const waited: number[] = [];
  const call = async (_method: string, _params: unknown, timeout = 0) => {
    waited.push(timeout);
    throw new FleetError('ETIMEOUT', 'no answer');
  };
  const connection = new FakeConnection();
  const peer = { features: connection.features, call, notify: () => {} };
  Object.assign(connection, { orders: new Caller(peer, ORDERS, 'the drone') });
  directory.join(connection, { identity: '0'.repeat(32), name: 'silent', processes: [] });
  const subscribers = new Subscribers(directory, new EventLog(new EventNumbers(0, () => {})));
  await subscribers.subscribe(new SlowClient(), everything);
  assert.deepEqual(waited, [10_000]);
});
