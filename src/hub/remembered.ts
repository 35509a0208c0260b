import { DeployedCommits } from './deployed-commits.ts';
import { SeenDrones } from './drones/seen-drones.ts';
import { EventLog } from './events/event-log.ts';
import { storedNumbers } from './events/event-numbers.ts';
import type { Stores } from './stores.ts';

/** Opens what a hub goes on with where the last one has ended. Throws ECONFIG if something there is not what a hub wrote. */
export async function openRemembered(
  { own, shared }: Pick<Stores, 'own' | 'shared'>,
  log: (line: string) => void,
) {
  const [seen, deployed] = [await SeenDrones.open(shared, log), await DeployedCommits.open(shared)];
  return { seen, deployed, events: new EventLog(await storedNumbers(own, log)) };
}
