import type { CertificateFacts, Challenge } from './certificates.ts';

/**
 * Whether an instance gets requests. `lost`: it was ready when its drone was lost, and may still be. `leaving`: no new
 * requests; those under way hold up its stop.
 */
export type EndpointState = 'ready' | 'lost' | 'not-ready' | 'leaving' | (string & {});

/** A host, and the paths below one of it, whose requests a service gets. */
export interface Route {
  /** In lower case; may begin with `*.`. */
  host: string;
  /** Begins with `/`, and ends with it only if it is nothing else. */
  path: string;
}

/** An instance of a service, and how it is reached. */
export interface Endpoint {
  app: string;
  service: string;
  slot: number;
  drone: string;
  id: string;
  /** Of its drone; null if that has none for others. */
  address: string | null;
  port: number;
  routes: Route[];
  release: number;
  state: EndpointState;
  /** How long requests under way may hold up its stop. */
  drainMs: number;
}

/** A service that gets requests, also while it has no instance. */
export interface ServedService {
  service: string;
  routes: Route[];
}

/** What a hub says of the traffic of an app. */
export interface AppTraffic {
  endpoints: Endpoint[];
  /** Of the live release. */
  services: ServedService[];
  /** With what its requests are answered instead: a text, or a page in HTML if it begins with `<`. */
  maintenance?: string | null;
  /** Of its hosts, as far as the hub keeps some. */
  certificates?: CertificateFacts[];
  /** What proxies answer for its hosts while certificates are ordered. */
  challenges?: Challenge[];
}

/** From the most to the least trustworthy: only the first of these that a service has get requests. */
const TIERS: readonly EndpointState[] = ['ready', 'lost', 'not-ready'];

/**
 * Returns those endpoints of one service that get requests. If none is ready, those that were when their drone was lost,
 * else those whose check fails: a check that fails everywhere says more about what is behind it.
 */
export function serving<E extends { state: EndpointState }>(endpoints: readonly E[]): E[] {
  for (const tier of TIERS) {
    const found = endpoints.filter(({ state }) => state === tier);
    if (found.length > 0) return found;
  }
  return [];
}
