import { isDeepStrictEqual } from 'node:util';
import type { TokenInfo } from '../../protocol/answers.ts';
import { REMEMBER_LOST_MS } from '../../protocol/limits.ts';
import type { Tokens } from '../access/tokens.ts';
import type { EventLog } from '../events/event-log.ts';
import { DroneDirectory } from './directory.ts';
import type { KnownDrone } from './known-drone.ts';
import type { OldReport } from './last-known.ts';
import type { SeenDrone, SeenDrones } from './seen-drones.ts';

/** A drone that was connected within this time is likely to come back. */
const RECENT_MS = 60_000;

/**
 * Returns the directory as the last hub has left it; `reports` are the last reports of each drone, by
 * identity. From then on, drones that join or are lost are recorded, and those that other hubs record are known.
 */
export function recallDrones(
  seen: SeenDrones,
  reports: ReadonlyMap<string, readonly OldReport[]>,
  events: EventLog,
): DroneDirectory {
  const directory = new DroneDirectory();
  for (const drone of seen.drones()) directory.remember(drone, reports.get(drone.identity));
  directory.on('joined', ({ name, version, key }) =>
    events.add({ type: 'joined', drone: name, version, connection: key }),
  );
  directory.on('lost', (drone, why) => {
    // If the hub that had it is gone, nobody knows whether the drone is: it is expected back.
    if (drone.via === null) seen.seen(drone, 'lost');
    events.add({ type: 'lost', drone: drone.name, why: why.message, connection: drone.key });
  });
  // One that has never come back to this hub was never lost by it.
  directory.on('expired', ({ identity }) => seen.expire(identity, REMEMBER_LOST_MS));
  directory.on('forgotten', ({ identity }) => seen.forget(identity));
  directory.on('freed', (name) => seen.forgetNamed(name));
  directory.on('labelled', ({ identity, givenLabels }) => seen.label(identity, givenLabels));
  seen.on('elsewhere', (identity, stored) => {
    if (stored) directory.remember(stored);
    const known = directory.withIdentity(identity);
    // It is connected: another hub has noted too late that it lost it.
    if (known?.connection && !stored?.connected) seen.seen(known, 'connected');
    if (known) update(known, stored, directory);
  });
  return directory;
}

/** Has a directory know what another hub has stored of a drone; undefined if it was forgotten there. */
function update(known: KnownDrone, stored: SeenDrone | undefined, directory: DroneDirectory): void {
  if (!stored) {
    if (!known.connection) directory.forget(known.name);
    return;
  }
  const labels = stored.labels ?? {};
  if (isDeepStrictEqual(known.givenLabels, labels)) return;
  known.givenLabels = labels;
  directory.emit('labelled', known);
}

/** Returns the identities of the drones that were connected until the last hub ended. */
export function expectedDrones(seen: SeenDrones): string[] {
  return seen
    .drones()
    .filter((one) => one.connected || Date.now() - one.seen < RECENT_MS)
    .map(({ identity }) => identity);
}

/**
 * Keeps names for the drones of tokens that are for one name, now and when there are more, made by this hub or by another one. An
 * invitation keeps none: the drone that it lets in comes with a key.
 */
export function reserveNames(
  tokens: Pick<Tokens, 'list' | 'on'>,
  directory: Pick<DroneDirectory, 'reserve'>,
): void {
  const reserve = ({ name, drone, invitation }: TokenInfo) => {
    if (drone && !invitation) directory.reserve(drone, name);
  };
  for (const token of tokens.list()) reserve(token);
  tokens.on('made', reserve);
}
