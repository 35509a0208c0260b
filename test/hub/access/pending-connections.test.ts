import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { PendingConnections } from '../../../src/hub/access/pending-connections.ts';

class Visitor extends EventEmitter {
  readonly localPort = 7000;
  gone = false;

  constructor(
    readonly remoteAddress: string,
    readonly remotePort: number,
  ) {
    super();
  }

  destroy(): void {
    this.gone = true;
    this.emit('close');
  }
}

const enter = (pending: PendingConnections, address: string, port: number) => {
  const visitor = new Visitor(address, port);
  pending.enter(visitor as unknown as Socket);
  return visitor;
};

test('when one guesser brings too many, those that waited longest are sent away', () => {
  const pending = new PendingConnections(3, 100);
  const visitors = [1, 2, 3, 4, 5].map((port) => enter(pending, '10.0.0.1', port));
  const other = enter(pending, '10.0.0.2', 1);
  assert.deepEqual(
    visitors.map(({ gone }) => gone),
    [true, true, false, false, false],
  );
  assert.equal(other.gone, false);
  assert.equal(pending.size, 4);
});

test('when there are too many in all, the first goes, wherever it came from', () => {
  const pending = new PendingConnections(3, 4);
  const visitors = [1, 2, 3, 4, 5].map((n) => enter(pending, `10.0.0.${n}`, n));
  assert.deepEqual(
    visitors.map(({ gone }) => gone),
    [true, false, false, false, false],
  );
});

test('one that was admitted, or has left, is no longer counted', () => {
  const pending = new PendingConnections(2, 100);
  const [first, second] = [enter(pending, '10.0.0.1', 1), enter(pending, '10.0.0.1', 2)];
  pending.admit(first as unknown as Socket);
  pending.admit(first as unknown as Socket);
  second?.destroy();
  assert.equal(pending.size, 0);
  enter(pending, '10.0.0.1', 3);
  enter(pending, '10.0.0.1', 4);
  assert.equal(first?.gone, false);
  assert.equal(pending.size, 2);
});
