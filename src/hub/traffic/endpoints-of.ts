import { isLoopback } from '../../protocol/address.ts';
import type { AppTraffic, Endpoint, EndpointState, Route } from '../../protocol/endpoints.ts';
import type { ProcessReport } from '../../protocol/process.ts';
import type { Drone } from '../drones/drone.ts';

/** What the release of an instance says about requests for it. */
export interface ServiceTraffic {
  routes: Route[];
  drainMs: number;
}

/** What is known of an app's traffic beside its endpoints. */
export interface AppFacts extends Omit<AppTraffic, 'endpoints'> {
  maintenance: string | null;
}

/** What the releases of apps say about requests. */
export interface ReleaseTraffic {
  /** Returns what is said of a service of a release; null if the hub does not know it: then no host leads there. */
  of(app: string, release: number, service: string): ServiceTraffic | null;
  /** Returns what is said of an app while it has a live release. */
  ofApp(app: string): AppFacts;
}

const UNKNOWN: ServiceTraffic = { routes: [], drainMs: 0 };

/** Returns the instances of a drone that may get requests, and those that get no more and are still there. */
export function endpointsOf(
  { name, address, connection, processes }: Drone,
  leaving: ReadonlySet<string>,
  traffic: Pick<ReleaseTraffic, 'of'>,
): Endpoint[] {
  return [...processes.values()].flatMap(({ report }) => {
    const { id, instance } = report;
    if (!instance || instance.port === null) return [];
    const { app, service, slot, release, port } = instance;
    const state = stateOf(report, connection !== null, leaving.has(id));
    if (state === null) return [];
    const said = traffic.of(app, release, service) ?? UNKNOWN;
    return [{ app, service, slot, drone: name, id, address, port, release, state, ...said }];
  });
}

function stateOf(
  { status, instance }: ProcessReport,
  isConnected: boolean,
  isLeaving: boolean,
): EndpointState | null {
  if (isLeaving) return 'leaving';
  if (status !== 'running') return null;
  if (instance?.state === 'ready') return isConnected ? 'ready' : 'lost';
  return instance?.state === 'not-ready' && isConnected ? 'not-ready' : null;
}

/** Returns an endpoint as somebody at `viewer` reaches it: what is on loopback, from the same machine only. */
export function seenFrom(viewer: string, endpoint: Endpoint): Endpoint {
  const { address } = endpoint;
  return address === null || !isLoopback(address) || isLoopback(viewer)
    ? endpoint
    : { ...endpoint, address: null };
}
