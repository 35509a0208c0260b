import { messageOf } from '../../protocol/errors.ts';
import { within } from '../../system/within.ts';
import type { DroneRelay } from '../drones/drone-service.ts';
import type { Store } from '../store/store.ts';
import { allOf } from './all-of.ts';
import { DronesElsewhere, type ElsewhereParts } from './drones-elsewhere.ts';
import { NameClaims } from './name-claims.ts';
import type { HubHandlers, OtherHub, OtherHubs } from './other-hubs.ts';
import { RelayedDrones, type RelayParts } from './relayed-drones.ts';

/** A hub that does not answer is one that is gone in a moment. */
const HEARD_WITHIN_MS = 1_000;

/** What connected drones need for that. */
export interface SharedDrones extends DroneRelay {
  /** Resolves when this hub has heard what the drones of others have reported up to now, or after a second. */
  heard(): Promise<unknown>;
  /** Tells others nothing any more: they expect the drones of this hub back. */
  close(): void;
}

/** The part of a cluster that this hub shares its drones with, and that shares its own. */
interface Sharing {
  readonly others: OtherHubs;
  readonly store: Store;
  serve(handlers: HubHandlers): void;
}

/**
 * From now on, each hub of the cluster has the drones of all. Returns what connected drones need for that. Rejects with ECLUSTER,
 * ECONFIG.
 */
export async function shareDrones(
  cluster: Sharing,
  parts: ElsewhereParts & Omit<RelayParts, 'others'>,
): Promise<SharedDrones> {
  const { directory, log } = parts;
  const claims = await NameClaims.open(cluster.store);
  const relayed = new RelayedDrones({ ...parts, others: cluster.others });
  const elsewhere = new DronesElsewhere(parts);
  cluster.serve((other) => handlersOf(other, relayed, elsewhere));
  const free = (name: string) => void claims.free(name).catch((error) => log(messageOf(error)));
  directory.on('forgotten', ({ name }) => free(name)).on('freed', free);
  return {
    claim: (introduction) => claims.claim(introduction, directory),
    passingOn: (drone, own) => relayed.passingOn(drone, own),
    flush: () => relayed.flush(),
    // What comes over a link comes in order.
    heard: () =>
      within(
        allOf(cluster.others, ({ calls }) => calls.call('drones.told', {})),
        HEARD_WITHIN_MS,
        [],
      ),
    close: () => relayed.close(),
  };
}

function handlersOf(
  other: OtherHub,
  relayed: RelayedDrones,
  elsewhere: DronesElsewhere,
): ReturnType<HubHandlers> {
  return { ...relayed.handlersFor(other), ...elsewhere.handlersFor(other) };
}
