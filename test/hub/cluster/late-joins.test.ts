import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { deployToLateJoins } from '../../../src/hub/cluster/late-joins.ts';
import type { Deployed } from '../../../src/hub/deployed.ts';
import { directoryOf } from '../../fixtures/fake-connection.ts';

const COMMIT = 'c'.repeat(40);

test('a drone that joins while another hub deploys gets the commit', () => {
  const { directory, drones } = directoryOf({ web1: [], web2: [], web3: [] });
  const now = performance.now();
  Object.assign(drones.web1, { since: now - 1_000 });
  Object.assign(drones.web2, { since: now - 600_000 });
  Object.assign(drones.web3, { since: now - 1_000, via: 'h2' });
  const deployed = Object.assign(new EventEmitter<{ elsewhere: [string] }>(), {
    wantedSince: (): Deployed[] => [
      { repo: 'webapp', commit: COMMIT, time: 1 },
      { repo: 'other', commit: COMMIT, time: 1 },
    ],
  });
  deployToLateJoins(deployed, directory, () => now);
  deployed.emit('elsewhere', 'webapp');
  const orders = Object.values(drones).map(({ connection }) => connection.ordered);
  assert.deepEqual(orders, [[['deploy', { repo: 'webapp', commit: COMMIT, force: false }]], [], []]);
});
