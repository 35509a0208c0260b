import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { OtherHub, OtherHubs } from '../../../src/hub/cluster/other-hubs.ts';
import { SharedTraffic } from '../../../src/hub/cluster/shared-traffic.ts';

/** A hub whose proxies come from these addresses, and one that hears of them. */
function hubs() {
  const told: object[] = [];
  const other = { name: 'h2', calls: { notify: (...notice: object[]) => told.push(notice) } };
  const others = Object.assign(new EventEmitter(), { all: () => [other] });
  let addresses: string[] = [];
  const followers = Object.assign(new EventEmitter(), { addresses: () => addresses });
  const own = { followers, elsewhere: (): readonly string[] => [], left: () => {} };
  const shared = new SharedTraffic(own as never, others as unknown as OtherHubs);
  const handlers = shared.handlers(other as unknown as OtherHub, { reread: async () => {} });
  const come = (now: string[]) => {
    addresses = now;
    followers.emit('changed');
  };
  return { told, other, others, own, come, handlers };
}

test('hubs tell each other from where requests come', () => {
  const { told, other, others, come } = hubs();
  others.emit('come', other);
  come(['10.0.0.1']);
  assert.deepEqual(told, [
    ['traffic.viewers', { addresses: [] }],
    ['traffic.viewers', { addresses: ['10.0.0.1'] }],
  ]);
});

test('a proxy of another hub counts as long as that is there', () => {
  const { own, other, others, handlers } = hubs();
  handlers['traffic.viewers']({ addresses: ['10.0.0.1'] }, Buffer.alloc(0));
  assert.deepEqual(own.elsewhere(), ['10.0.0.1']);
  others.emit('gone', other);
  assert.deepEqual(own.elsewhere(), []);
});
