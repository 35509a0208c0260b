import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sessionOf } from '../../src/hub/client-session.ts';
import { FEATURES, featuresOf } from '../../src/protocol/features.ts';
import type { Peer } from '../../src/rpc/peer.ts';
import { OWNER } from '../fixtures/principal.ts';

test('a client is told things by notices, and how much it has not read is known at any time', () => {
  const told: unknown[] = [];
  const peer = {
    features: featuresOf('1.0.0', FEATURES),
    buffered: 5,
    notify: (...notice: unknown[]) => told.push(notice),
  };
  const client = sessionOf(peer as unknown as Peer, OWNER);
  const body = Buffer.from('hello');
  client.tell(
    'exec.output',
    { drone: 'web1', key: '0'.repeat(32), id: '1e99f4', stream: 'stdout' } as never,
    body,
  );
  assert.deepEqual(told[0], [
    'exec.output',
    { drone: 'web1', key: '0'.repeat(32), id: '1e99f4', stream: 'stdout' },
    body,
  ]);
  assert.equal(client.unreadBytes, 5);
  peer.buffered = 0;
  assert.equal(client.unreadBytes, 0);
});
