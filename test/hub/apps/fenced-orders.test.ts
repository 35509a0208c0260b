import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FencedOrders } from '../../../src/hub/apps/fenced-orders.ts';
import type { Decider } from '../../../src/hub/start-count.ts';
import { FleetError } from '../../../src/protocol/errors.ts';
import { type Fence, fenceAbove, isLower } from '../../../src/protocol/fence.ts';
import { directoryOf, FakeConnection } from '../../fixtures/fake-connection.ts';

const MARK = '0'.repeat(32);
const STOPPED = { stopped: ['1e99f4'], killed: [], errors: {} };
const STOP = { ids: ['1e99f4'], grace: 0 };

/** The orders about an app of a hub with one drone. */
function orders() {
  const { directory, drones } = directoryOf({ d1: [] });
  let fence: Fence = { created: 10, count: 5 };
  const source = {
    decider: 'unknown' as Decider,
    of: () => fence,
    async refused(given: Fence) {
      assert.deepEqual(given, fence);
      return this.decider;
    },
    raiseAbove: (_app: string, seen: Fence) => {
      if (isLower(fence, seen)) fence = fenceAbove(seen) ?? fence;
    },
  };
  const fenced = new FencedOrders('webapp', source, { digest: () => MARK });
  const { connection, identity } = drones.d1;
  const joinAgain = (fences: Record<string, Fence>) => {
    directory.join(new FakeConnection(), { identity, name: 'd1', processes: [], fences });
  };
  const stop = () => fenced.call('d1', connection, 'stop', STOP, { timeout: 0 });
  return { fenced, source, connection, stop, joinAgain, all: () => directory.all(), fence: () => fence };
}

test('an order carries the fence of its app', async () => {
  const { connection, stop, fenced, all } = orders();
  connection.answer = () => STOPPED;
  await stop();
  assert.deepEqual(connection.ordered, [
    ['stop', { ...STOP, fence: { app: 'webapp', created: 10, count: 5, mark: MARK } }],
  ]);
  assert.equal(fenced.newerAt(all()), null);
});

test('a drone that has refused an order obeys a newer hub until it connects again, or somebody decides', async () => {
  for (const end of ['joins', 'decided'] as const) {
    const { connection, stop, fenced, all, joinAgain } = orders();
    connection.answer = () => {
      throw new FleetError('ESTALE', 'no');
    };
    await assert.rejects(stop, { code: 'ESTALE' });
    assert.equal(fenced.newerAt(all()), 'd1');
    if (end === 'joins') joinAgain({});
    else fenced.raise(all());
    assert.equal(fenced.newerAt(all()), null, end);
  }
});

test('a drone that refuses an order does not say who decides: the engine of several hubs does', async () => {
  for (const [decider, code] of [
    ['here', 'EPROTOCOL'],
    ['elsewhere', 'ESTALE'],
  ] as const) {
    const { connection, stop, fenced, source, all } = orders();
    source.decider = decider;
    connection.answer = () => {
      throw new FleetError('ESTALE', 'no');
    };
    await assert.rejects(stop, { code });
    assert.equal(fenced.newerAt(all()), null);
  }
});

test('what a drone says when it joins counts for its app, until somebody decides', () => {
  const { fenced, all, joinAgain, fence } = orders();
  joinAgain({ other: { created: 99, count: 1 }, webapp: { created: 10, count: 5 } });
  assert.equal(fenced.newerAt(all()), null);
  joinAgain({ webapp: { created: 10, count: 6 } });
  assert.equal(fenced.newerAt(all()), 'd1');
  fenced.raise(all());
  assert.deepEqual([fenced.newerAt(all()), fence()], [null, { created: 10, count: 7 }]);
});
