import { randomBytes } from 'node:crypto';
import { parseAppFile } from '../../app-file/app-file.ts';
import type { AppFile } from '../../app-file/types.ts';
import type { GitServer } from '../../git/server.ts';
import type { GitStore } from '../../git/store.ts';
import { appName } from '../../protocol/app-names.ts';
import { BoundedMap } from '../../system/bounded-map.ts';
import { Absences } from '../drones/absences.ts';
import type { DroneDirectory } from '../drones/directory.ts';
import type { RejoinWindow } from '../drones/rejoin-window.ts';
import type { EventLog } from '../events/event-log.ts';
import type { ProcessIds } from '../process-ids.ts';
import { type FenceSource, StartCount } from '../start-count.ts';
import type { Store } from '../store/store.ts';
import { HostCertificates } from '../traffic/host-certificates.ts';
import { Traffic } from '../traffic/traffic.ts';
import { AppStore } from './app-store.ts';
import { type AppService, Apps } from './apps.ts';
import { ALONE, type Leader } from './leader.ts';
import type { AppParts, LedTraffic } from './parts.ts';
import { releaseTraffic } from './release-traffic.ts';
import { SourceReader } from './source.ts';
import { Vault } from './vault.ts';

/** Parsed files that are kept. */
const MAX_FILES = 1_000;

export interface AppSurroundings {
  dir: string;
  directory: DroneDirectory;
  events: EventLog;
  git: GitServer;
  gitStore: GitStore;
  store: Store;
  rejoining: Pick<RejoinWindow, 'isOpen' | 'over'>;
  log(line: string): void;
  ids: ProcessIds;
  newestDeployed(repo: string): string | null;
  /** The hubs that share the store; left out for one that is alone. */
  cluster?: AppCluster;
}

/** Several hubs, of which one decides about apps. */
export interface AppCluster {
  fences: FenceSource;
  events: Pick<EventLog, 'add'>;
  traffic(own: Traffic): LedTraffic;
  /** From now on, this hub follows what others store, and leads when it is its turn. */
  start(apps: Apps, records: Pick<AppStore, 'load'>): Leader;
}

/** Puts together what releases apps. */
export async function makeApps(around: AppSurroundings): Promise<AppService & { traffic: Traffic }> {
  const { dir, directory, events, git, log, rejoining, ids, newestDeployed, cluster } = around;
  // When the hub knows its drones.
  const ready = rejoining.over;
  const store = new AppStore(around.store, log);
  // Whatever follows knows these from its first moment.
  const stored = await store.load();
  const vault = new Vault(dir);
  const certificates = await HostCertificates.open(around.store, { vault, log, now: Date.now });
  const fileOf = fileCache();
  const releases = releaseTraffic((app) => apps.byName(app)?.app, fileOf);
  const traffic = new Traffic({
    ...{ directory, ready, log, releases, certificates },
    apps: () => apps.all().map(appName),
  });
  const parts: AppParts = {
    ...{ store, directory, rejoining, log, ids, newestDeployed, fileOf, states: events.states },
    events: cluster?.events ?? events,
    traffic: cluster?.traffic(traffic) ?? trafficHere(traffic),
    changed: (app) => traffic.lookAtApp(app),
    absences: new Absences(directory),
    vault,
    fences: cluster?.fences ?? new StartCount(dir, log),
    source: new SourceReader(git, around.gitStore),
    newJob: () => ({ id: ids.reserve(), key: randomBytes(16).toString('hex') }),
    lastEvent: () => events.last,
  };
  const apps = new Apps(stored, parts, ready);
  const leader = cluster?.start(apps, store) ?? ALONE;
  if (!cluster) apps.lead();
  return { apps, parts, traffic, leader };
}

function trafficHere(traffic: Traffic): LedTraffic {
  return {
    leave: (placed, leaving) => traffic.leave(placed, leaving),
    left: (placed) => traffic.left(placed),
    settled: () => traffic.settled(),
    isUnreached: (name) => traffic.isUnreached(name),
    elsewhere: new Set(),
  };
}

/** Returns what parses the files of a release, once for each. */
export function fileCache(): AppParts['fileOf'] {
  const files = new BoundedMap<string, AppFile>(MAX_FILES);
  return ({ toml, procfile, stage }) => {
    const key = JSON.stringify([stage, toml, procfile]);
    const file = files.get(key) ?? parseAppFile({ toml, procfile, stage });
    files.set(key, file);
    return file;
  };
}
