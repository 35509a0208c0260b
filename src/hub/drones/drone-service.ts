import { type CheckedDroneParams, DRONE_CALLS, type Welcome } from '../../protocol/drone-calls.ts';
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
import type { DroneDirectory } from './directory.ts';
import { connectionOf } from './drone.ts';
import type { KnownDrone } from './known-drone.ts';
import type { SeenDrones } from './seen-drones.ts';

/** How long a drone that is connected may take to show that it is. */
const ALIVE_WITHIN_MS = 2_000;

export interface DroneServiceParts {
  directory: DroneDirectory;
  events: EventLog;
  deeds: CountedDeeds;
  subscribers: Subscribers;
  execs: Execs;
  deploys: Deploys;
  seen: SeenDrones;
  keys: DroneKeys;
  passes: FetchPasses;
  log: (line: string) => void;
}

/** Serves one connected drone. A drone speaks only for itself: nothing that it sends names another drone. */
export function serveDrone(peer: Peer, who: Principal, parts: DroneServiceParts): void {
  const { directory, subscribers, execs, events, deploys, deeds, log } = parts;
  let joined: KnownDrone | undefined;
  let isJoining = false;
  const drone = () => {
    if (!joined) throw new FleetError('EPROTOCOL', 'the first call of a drone must be join');
    return joined;
  };
  const handlers: Handlers<typeof DRONE_CALLS> = {
    join: async (params) => {
      if (isJoining) throw new FleetError('EPROTOCOL', 'a drone joins only once');
      isJoining = true;
      parts.keys.demandOwn(who.name, params.identity);
      await mustBeNoCopy(directory.withIdentity(params.identity), params.start, log);
      joined = join(peer, params, who, parts);
      const { name } = joined;
      deeds.add({ call: 'join', ...doerOf(who), drone: name, result: 'ok' }, name);
      // After the answer, because clients may ask the drone for its logs from here on.
      setImmediate(() => subscribers.joined(name));
      if (!who.hasKey) return welcome(joined, parts);
      // If it cannot be stored, that is tried again when the drone joins the next time.
      parts.keys
        .bind(who.name, { identity: params.identity, drone: name })
        .catch((error) => log(messageOf(error)));
      return { ...welcome(joined, parts), pass: parts.passes.issue(who, peer.closed) };
    },
    changed: (report) => {
      drone().know(report);
      directory.emit('reported', drone());
    },
    job: (report) => {
      drone().knowJob(report);
      directory.emit('reported', drone());
    },
    gone: ({ id }) => {
      drone().forget(id);
      directory.emit('reported', drone());
    },
    fetching: (state) => deploys.fetching(drone().name, state),
    lags: ({ lags }) => {
      drone().lack(lags);
    },
    machine: (use) => {
      drone().machine = use;
    },
    event: (event) => events.add({ ...event, drone: drone().name }),
    output: (piece, body) => subscribers.output(drone().name, piece, body),
    'exec.output': (params, body) => execs.output(drone(), params, body),
    'exec.exit': (params) => execs.exit(drone(), params),
    'exec.stdin-ack': (params) => execs.stdinAck(drone(), params),
  };
  serve(peer, DRONE_CALLS, handlers);
  void peer.closed.then((why) => {
    if (!joined) return;
    directory.lose(joined, why);
    log(`lost drone ${joined.name}: ${why.message}`);
  });
}

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

function join(
  peer: Peer,
  params: CheckedDroneParams['join'],
  who: Principal,
  { directory, log }: DroneServiceParts,
) {
  const features = featuresOf(params.version, params.features);
  const drone = directory.join(connectionOf(peer, features), {
    ...params,
    // A drone that does not say it is reached where it comes from.
    address: params.address ?? peer.address,
    ...{ by: OWN_NAMES.includes(who.name) ? null : who.name, only: who.drone ?? null },
  });
  log(`drone ${drone.name} from ${peer.address}`);
  return drone;
}

function welcome(drone: KnownDrone, { seen, deploys, subscribers }: DroneServiceParts): Welcome {
  const deploy = deploys.wantedBy(drone.name, seen.lastSeen(drone.identity));
  seen.seen(drone, 'connected');
  return { name: drone.name, deploy, watch: subscribers.welcome(drone) };
}
