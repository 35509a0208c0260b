import {
  type CheckedDroneParams,
  DRONE_CALLS,
  REPORTS,
  type Reports,
  type Welcome,
} from '../../protocol/drone-calls.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { featuresOf } from '../../protocol/features.ts';
import { type Handlers, serve } from '../../rpc/calls.ts';
import type { Peer } from '../../rpc/peer.ts';
import type { DroneKeys } from '../access/drone-keys.ts';
import type { FetchPasses } from '../access/fetch-passes.ts';
import { doerOf, OWN_NAMES, type Principal } from '../access/principal.ts';
import type { Deploys } from '../deploys.ts';
import type { CountedDeeds } from '../events/counted-deeds.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Subscribers } from '../events/subscribers.ts';
import type { Execs } from '../execs.ts';
import { type BeliefParts, believedIntroduction, believedReports, believing } from './believed.ts';
import type { DroneDirectory } from './directory.ts';
import { connectionOf } from './drone.ts';
import type { Introduction } from './introduction.ts';
import type { KnownDrone } from './known-drone.ts';
import { reportHandlers } from './reports.ts';
import type { SeenDrones } from './seen-drones.ts';

/** How long a drone that is connected may take to show that it is. */
const ALIVE_WITHIN_MS = 2_000;

export interface DroneServiceParts extends BeliefParts {
  directory: DroneDirectory;
  events: EventLog;
  deeds: CountedDeeds;
  subscribers: Subscribers;
  execs: Execs;
  deploys: Deploys;
  seen: SeenDrones;
  keys: DroneKeys;
  passes: FetchPasses;
  /** If other hubs hear of what drones report here. */
  relay?: DroneRelay | undefined;
  log: (line: string) => void;
}

/** Tells other hubs of drones that are connected to this one. */
export interface DroneRelay {
  /** Resolves to the name that a drone gets in the whole cluster. Rejects with EDUPLICATE, ECLUSTER. */
  claim(introduction: Introduction): Promise<string>;
  /** Returns what takes the reports of a drone, for this hub and for others. */
  passingOn(drone: KnownDrone, own: Handlers<Reports>): Handlers<Reports>;
  /** Tells other hubs at once what drones have reported here. */
  flush(): void;
}

/** Serves one connected drone: it joins, and from then on its reports are taken. */
export function serveDrone(peer: Peer, who: Principal, parts: DroneServiceParts): void {
  const { directory, vault, log } = parts;
  let isJoining = false;
  const join = async (params: CheckedDroneParams['join']) => {
    if (isJoining) throw new FleetError('EPROTOCOL', 'a drone joins only once');
    isJoining = true;
    parts.keys.demandOwn(who.name, params.identity);
    await mustBeNoCopy(directory.withIdentity(params.identity), params.start, log);
    const believed = believing(who, params.identity, parts);
    const introduction = believedIntroduction(params, who, { from: peer.address, believed, vault });
    const drone = await add(peer, introduction, who, parts);
    const own = reportHandlers(drone, parts);
    const reports = believedReports(parts.relay?.passingOn(drone, own) ?? own, believed);
    serve(peer, DRONE_CALLS, { join, ...reports });
    void peer.closed.then((why) => {
      directory.lose(drone, why);
      log(`lost drone ${drone.name}: ${why.message}`);
    });
    return answerTo(drone, peer, who, parts);
  };
  serve(peer, DRONE_CALLS, { join, ...TOO_EARLY });
}

const TOO_EARLY = Object.fromEntries(
  Object.keys(REPORTS).map((method) => [
    method,
    () => {
      throw new FleetError('EPROTOCOL', 'the first call of a drone must be join');
    },
  ]),
) as unknown as Handlers<Reports>;

/**
 * Throws EDUPLICATE if the drone that is connected with this identity was started apart from the one that joins, and is
 * alive: one of their directories was copied from the other. A connection that is only left over does not answer.
 */
async function mustBeNoCopy(
  before: KnownDrone | undefined,
  start: string | null,
  log: (line: string) => void,
): Promise<void> {
  if (!before?.connection || start === null || before.start === null || before.start === start) return;
  try {
    await before.connection.orders.call('stop', { ids: [], grace: 0 }, { timeout: ALIVE_WITHIN_MS });
  } catch {
    return;
  }
  log(`a drone has the identity of ${before.name}, which is connected: its directory is a copy`);
  throw new FleetError(
    'EDUPLICATE',
    `this directory is a copy of that of ${before.name}, which is connected`,
  );
}

async function add(
  peer: Peer,
  params: CheckedDroneParams['join'],
  who: Principal,
  { directory, relay, log }: DroneServiceParts,
): Promise<KnownDrone> {
  const introduction = {
    ...params,
    ...{ by: OWN_NAMES.includes(who.name) ? null : who.name, only: who.drone ?? null },
  };
  const given = relay && (await relay.claim(introduction));
  const connection = connectionOf(peer, featuresOf(params.version, params.features));
  const drone = directory.join(connection, given === undefined ? introduction : { ...introduction, given });
  log(`drone ${drone.name} from ${peer.address}`);
  return drone;
}

function answerTo(drone: KnownDrone, peer: Peer, who: Principal, parts: DroneServiceParts): Welcome {
  const { subscribers, deeds, keys, passes, log } = parts;
  const { name, identity } = drone;
  deeds.add({ call: 'join', ...doerOf(who), drone: name, result: 'ok' }, name);
  // After the answer, because clients may ask the drone for its logs from here on.
  setImmediate(() => subscribers.joined(name));
  if (!who.hasKey) return welcome(drone, parts);
  // If it cannot be stored, that is tried again when the drone joins the next time.
  keys.bind(who.name, { identity, drone: name }).catch((error) => log(messageOf(error)));
  return { ...welcome(drone, parts), pass: passes.issue(who, peer.closed) };
}

function welcome(drone: KnownDrone, { seen, deploys, subscribers }: DroneServiceParts): Welcome {
  const deploy = deploys.wantedBy(drone.name, seen.lastSeen(drone.identity));
  seen.seen(drone, 'connected');
  return { name: drone.name, deploy, watch: subscribers.welcome(drone) };
}
