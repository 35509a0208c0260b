import type { EventLog } from '../events/event-log.ts';
import type { StateFile } from '../state.ts';
import { DroneDirectory } from './directory.ts';
import type { OldReport } from './last-known.ts';

/** Milliseconds since a drone was seen, for which it is likely to come back. */
const RECENT_MS = 60_000;

/**
 * Makes the directory as the last hub of this state left it; `reports` are what drones told it last, by identity. From
 * then on, drones that come and go are written down.
 */
export function recallDrones(
  state: StateFile,
  reports: ReadonlyMap<string, readonly OldReport[]>,
  events: EventLog,
): DroneDirectory {
  const directory = new DroneDirectory();
  for (const drone of state.drones()) directory.remember(drone, reports.get(drone.identity));
  directory.on('joined', ({ name, version }) => events.add({ type: 'joined', drone: name, version }));
  directory.on('lost', ({ identity, name }, why) => {
    state.seen(identity, name, 'lost');
    events.add({ type: 'lost', drone: name, why: why.message });
  });
  return directory;
}

/** The identities of the drones that were here until the last hub ended. */
export function expectedDrones(state: StateFile): string[] {
  return state
    .drones()
    .filter(({ seen, connected }) => connected || Date.now() - seen < RECENT_MS)
    .map(({ identity }) => identity);
}
