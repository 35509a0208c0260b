import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../../../src/hub/access/principal.ts';
import { DroneDirectory } from '../../../src/hub/drones/directory.ts';
import { countLines, Subscribers, union, wants } from '../../../src/hub/events/subscribers.ts';
import { EMPTY } from '../../../src/protocol/bytes.ts';
import type { Peer } from '../../../src/rpc/peer.ts';

const nothing = { all: false, ids: [], repos: [] };

test('a drone must send what any subscriber wants, and no more', () => {
  assert.deepEqual(union([]), nothing);
  assert.deepEqual(union([nothing, { all: true, ids: ['a'], repos: [] }]), { all: true, ids: [], repos: [] });
  assert.deepEqual(
    union([
      { all: false, ids: ['b', 'a'], repos: ['x'] },
      { all: false, ids: ['a'], repos: ['y', 'x'] },
    ]),
    { all: false, ids: ['a', 'b'], repos: ['x', 'y'] },
  );
});

test('an interest is met by id, by repository, or by all', () => {
  assert.ok(!wants(nothing, 'a', 'x'));
  assert.ok(wants({ ...nothing, all: true }, 'a', 'x'));
  assert.ok(wants({ ...nothing, ids: ['a'] }, 'a', 'x'));
  assert.ok(wants({ ...nothing, repos: ['x'] }, 'a', 'x'));
  assert.ok(!wants({ ...nothing, ids: ['b'], repos: ['y'] }, 'a', 'x'));
});

test('lines are counted by their ends', () => {
  assert.equal(countLines(Buffer.from('')), 0);
  assert.equal(countLines(Buffer.from('a\nb')), 1);
  assert.equal(countLines(Buffer.from('a\n\nb\n')), 3);
});

/** A peer that notes what it is told, and how much waits for it. */
class SlowPeer {
  buffered = 0;
  readonly closed = new Promise<never>(() => {});
  readonly told: [string, unknown, string][] = [];

  notify(method: string, params: unknown, body = EMPTY): void {
    this.told.push([method, params, body.toString()]);
  }
}

const owner: Principal = {
  name: 'secret',
  address: '127.0.0.1',
  rights: new Set(),
  repo: null,
  expires: null,
  isValid: () => true,
};

test('who reads too slowly loses output, and is told how many lines, in their place', async () => {
  const subscribers = new Subscribers(new DroneDirectory());
  const peer = new SlowPeer();
  const all = { events: true, output: { all: true, ids: [], repos: [] }, drones: null };
  await subscribers.subscribe(peer as unknown as Peer, owner, all);
  const piece = { id: 'aaaaaa', repo: 'webapp', commit: 'c'.repeat(40), from: 0, to: 4, time: 0, dropped: 0 };
  const event = { type: 'deployed', repo: 'webapp', commit: piece.commit, drone: 'web1', time: 0 } as const;
  subscribers.output('web1', piece, Buffer.from('a\nb\n'));
  peer.buffered = 5_000_000;
  subscribers.output('web1', piece, Buffer.from('c\nd\n'));
  subscribers.output('web1', { ...piece, dropped: 3 }, Buffer.from('e\n'));
  subscribers.event(event);
  peer.buffered = 50_000_000;
  subscribers.event(event);
  peer.buffered = 0;
  subscribers.output('web1', piece, Buffer.from('f\n'));
  subscribers.output('web1', piece, Buffer.from('g\n'));
  assert.deepEqual(
    peer.told.map(([method, params, body]) => [method, method === 'dropped' ? params : body]),
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
