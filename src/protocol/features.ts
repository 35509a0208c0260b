/**
 * What this fleet does that the first one, which names no features, does not. A peer names its own when it connects,
 * and is asked only for what it named.
 */
export const FEATURES = [
  /** Takes messages with keys that it does not know. */
  'open-messages',
  /** Execs are addressed by the caller's key. */
  'exec-keys',
  /** `deploy` of a commit that the hub lacks throws ENOCOMMIT. */
  'deploy-throws',
  /** The hub selects processes and logs by repository, commit, labels and drones. */
  'selections',
  /** Events have numbers, and a subscription can go on from one. */
  'event-numbers',
  /** A log is read only if it is of a given repository. */
  'log-repository',
  /** A hub releases apps; a drone builds them, runs their jobs and checks their instances. */
  'apps',
  /** Runs commands on a terminal. */
  'terminals',
  /** Sends standard input to all processes of an exec. */
  'input-for-all',
  /** Runs execs with the environment of an app. */
  'app-execs',
  /** A hub has checkouts removed that are not needed any more; see the order `prune`. */
  'prune',
  /** Selections have a service and a stage, and `stop` leaves the instances of apps alone. */
  'services',
  /** A hub forgets a lost drone when it is told to. */
  'forget-drones',
  /** A hub takes a drone's `fetching` and `lags`. */
  'fetch-states',
  /** A hub has labels of its own for drones. */
  'label-drones',
  /** Output has a `begun`: an unfinished line is shown before its end. */
  'unfinished-lines',
  /** A hub tells clients which instances get requests; a drone says at which address these are reached. */
  'endpoints',
  /** A token can be for a single drone. */
  'drone-tokens',
  /** Spawned processes can have a directory, and a port of their drone's. */
  'places',
  /** A hub has proxies answer for an app during maintenance. */
  'maintenance',
  /** `restart` changes the environment of processes. */
  'restart-env',
  /** A hub lists and removes its repositories. */
  'repositories',
  /** A hub deploys to some drones alone. */
  'deploy-drones',
  /** A client takes the answer to `ps` in pages. */
  'ps-pages',
  /** A hub is told how busy the machines of drones are. */
  'machine-use',
  /** A hub selects logs by release. */
  'release-logs',
  /** The audit trail is a chain, which can be checked, and is read page by page. */
  'audit-chain',
  /** A hub replaces its secret, and says in `fleet-secret-ends` when one that was replaced is refused. */
  'rotate-secret',
  /** A hub has proxies order certificates, and keeps them. */
  'certificates',
  /** A hub lets in drones by keys of their own, and by invitations. */
  'drone-keys',
  /** A token can have the right `release`, and limits. */
  'token-limits',
  /** A token can end with the one that it was made with. */
  'token-children',
  /** A drone refuses the orders of a hub that another one has taken over an app from, and says so when it joins. */
  'fences',
  /** A hub says what each command about an app would do. */
  'plans',
  /** A commit can be forgotten, with every object that nothing else needs. */
  'forget-commits',
  /** A hub names the hubs of its cluster. */
  'clusters',
  /** Events can be gone on from at another hub, which has other numbers for them. */
  'event-places',
  /** Takes a long answer as the body of a reply. */
  'long-answers',
  /** A hub recognises events that a drone tells again, by their keys. */
  'event-keys',
  /** A call that changes an app can have a key, by which it is carried out once. */
  'app-keys',
] as const;

export type Feature = (typeof FEATURES)[number];

/** The other end of a connection: its version, and what it named. */
export interface PeerFeatures {
  readonly version: string;
  has(feature: Feature): boolean;
  /** When a hub refuses the secret of this connection, which was replaced, in ms since 1970. */
  readonly secretEnds?: number;
  /** The name of a hub, if there are others beside it. */
  readonly hub?: string;
}

/** The headers in which both ends of an upgrade name their version and features. */
export const VERSION_HEADER = 'fleet-version';
export const FEATURES_HEADER = 'fleet-features';
/** When the secret of the request, which was replaced, is refused: ISO 8601. */
export const SECRET_ENDS_HEADER = 'fleet-secret-ends';
/** The name of one of several hubs. */
export const HUB_HEADER = 'fleet-hub';

const MAX_HEADER_CHARACTERS = 4096;

/** What a peer has named in its `join` or its headers. A peer that names nothing is fleet 1.0.0. */
export function featuresOf(version: string | undefined, named: readonly string[]): PeerFeatures {
  const known = new Set(FEATURES.filter((feature) => named.includes(feature)));
  return { version: version ?? '1.0.0', has: (feature) => known.has(feature) };
}

/** The same, from the headers of an upgrade. */
export function featuresOfHeaders(headers: Record<string, string | string[] | undefined>): PeerFeatures {
  const text = (name: string) => String(headers[name] ?? '').slice(0, MAX_HEADER_CHARACTERS);
  const version = /^\d+\.\d+\.\d+[\w.+-]{0,50}$/.exec(text(VERSION_HEADER))?.[0];
  const secretEnds = Date.parse(text(SECRET_ENDS_HEADER));
  const ends = Number.isNaN(secretEnds) ? {} : { secretEnds };
  const hub = /^[\w.-]{1,64}$/.exec(text(HUB_HEADER))?.[0];
  const named = hub === undefined ? {} : { hub };
  return { ...featuresOf(version, text(FEATURES_HEADER).split(/, ?/)), ...ends, ...named };
}

/** Returns what somebody whose secret was replaced has to know; null for anybody else. */
export function secretEndsText({ secretEnds }: Pick<PeerFeatures, 'secretEnds'>): string | null {
  if (secretEnds === undefined) return null;
  const when = new Date(secretEnds).toISOString().replace('T', ' ').slice(0, 16);
  return `the secret of the hub was replaced: from ${when} UTC on, this one is refused; ask for the new one`;
}

/** The headers that name this fleet's version and features. */
export function featureHeaders(version: string): Record<string, string> {
  return { [VERSION_HEADER]: version, [FEATURES_HEADER]: FEATURES.join(', ') };
}
