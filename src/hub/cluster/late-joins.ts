import type { EventEmitter } from 'node:events';
import { ORDER_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { DeployedCommits } from '../deployed-commits.ts';
import type { DroneDirectory } from '../drones/directory.ts';

/** A hub hears of what another one has recorded within this time, whatever is wrong between them. */
const HEARD_WITHIN_MS = 120_000;

/**
 * From now on, drones of this hub that have joined just now deploy what another hub records: when they joined, this hub may not
 * have known of the deploy, and that hub not of them. One that has the commit does nothing.
 */
export function deployToLateJoins(
  deployed: Pick<DeployedCommits, 'wantedSince'> & EventEmitter<{ elsewhere: [repo: string] }>,
  directory: Pick<DroneDirectory, 'connected'>,
  now: () => number = () => performance.now(),
): void {
  deployed.on('elsewhere', (repo) => {
    for (const { name, via, since, connection } of directory.connected()) {
      if (via !== null || now() - since > HEARD_WITHIN_MS) continue;
      const wanted = deployed.wantedSince(Number.POSITIVE_INFINITY, name).find((one) => one.repo === repo);
      if (!wanted) continue;
      const order = { repo, commit: wanted.commit, force: false };
      // The drone tries again by itself, and says what it lacks.
      connection?.orders.call('deploy', order, { timeout: ORDER_TIMEOUT_MS }).catch(() => {});
    }
  });
}
