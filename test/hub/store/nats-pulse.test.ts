import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NatsPulse } from '../../../src/hub/store/nats-pulse.ts';

test('a server is there if it answers a ping, or if the connection ends, which others notice', async () => {
  const pulse = new NatsPulse();
  assert.equal(await pulse.isFelt({ flush: async () => {} }), true);
  const ended = { flush: () => Promise.reject(new Error('disconnected')) };
  assert.equal(await pulse.isFelt(ended), true);
});

test('it is not if it does not answer in time; all who ask meanwhile share one ping', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const pulse = new NatsPulse();
  let pings = 0;
  const silent = {
    flush: () => {
      pings++;
      return new Promise<void>(() => {});
    },
  };
  const both = [pulse.isFelt(silent), pulse.isFelt(silent)];
  t.mock.timers.tick(1_400);
  assert.deepEqual([await Promise.all(both), pings], [[false, false], 1]);
  const next = pulse.isFelt(silent);
  t.mock.timers.tick(1_400);
  assert.deepEqual([await next, pings], [false, 2]);
});
