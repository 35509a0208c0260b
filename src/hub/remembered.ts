import { DeployedCommits } from './deployed-commits.ts';
import { SeenDrones } from './drones/seen-drones.ts';
import { EventLog } from './events/event-log.ts';
import { storedNumbers } from './events/event-numbers.ts';
import type { Store } from './store/store.ts';

/** Opens what a hub goes on with where the last one has ended. Throws ECONFIG if something there is not what a hub wrote. */
export async function openRemembered(store: Store, log: (line: string) => void) {
  const [seen, deployed] = [await SeenDrones.open(store, log), await DeployedCommits.open(store)];
  return { seen, deployed, events: new EventLog(await storedNumbers(store, log)) };
}
