import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { PendingConnections } from '../../../src/hub/access/pending-connections.ts';

class Connection extends EventEmitter {
  readonly localPort = 7000;
  isClosed = false;

  constructor(
    readonly remoteAddress: string,
    readonly remotePort: number,
  ) {
    super();
  }

  destroy(): void {
    this.isClosed = true;
    this.emit('close');
  }
}

const add = (pending: PendingConnections, address: string, port: number) => {
  const connection = new Connection(address, port);
  pending.add(connection as unknown as Socket);
  return connection;
};

test('if one network has too many, those that waited longest are closed', () => {
  const pending = new PendingConnections(3, 100);
  const connections = [1, 2, 3, 4, 5].map((port) => add(pending, '10.0.0.1', port));
  const other = add(pending, '10.0.0.2', 1);
  assert.deepEqual(
    connections.map(({ isClosed }) => isClosed),
    [true, true, false, false, false],
  );
  assert.equal(other.isClosed, false);
  assert.equal(pending.size, 4);
});

test('if there are too many in all, the oldest is closed, wherever it came from', () => {
  const pending = new PendingConnections(3, 4);
  const connections = [1, 2, 3, 4, 5].map((n) => add(pending, `10.0.0.${n}`, n));
  assert.deepEqual(
    connections.map(({ isClosed }) => isClosed),
    [true, false, false, false, false],
  );
});

test('a connection that was removed or closed no longer counts', () => {
  const pending = new PendingConnections(2, 100);
  const [first, second] = [add(pending, '10.0.0.1', 1), add(pending, '10.0.0.1', 2)];
  pending.remove(first as unknown as Socket);
  pending.remove(first as unknown as Socket);
  second?.destroy();
  assert.equal(pending.size, 0);
  add(pending, '10.0.0.1', 3);
  add(pending, '10.0.0.1', 4);
  assert.equal(first?.isClosed, false);
  assert.equal(pending.size, 2);
});
