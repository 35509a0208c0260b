import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rollingOf } from '../../src/cli/rolling.ts';
import { makeStatus } from './status.ts';

test('processes are restarted by drone, and instances of apps are left to their app', () => {
  const drones = {
    web2: { lost: null, processes: { '00000a': makeStatus(), '00000b': makeStatus({ app: 'webapp' }) } },
    web1: { lost: null, processes: { '00000c': makeStatus({ app: null }) } },
    idle: { lost: null, processes: {} },
  };
  assert.deepEqual(rollingOf(drones), { byHand: ['web1#00000c', 'web2#00000a'], instances: ['web2#00000b'] });
});
