import type { AppFile } from '../../app-file/types.ts';
import type { Absences } from '../drones/absences.ts';
import type { DroneDirectory } from '../drones/directory.ts';
import type { RejoinWindow } from '../drones/rejoin-window.ts';
import type { EventLog } from '../events/event-log.ts';
import type { LastStates } from '../events/last-states.ts';
import type { ProcessIds } from '../process-ids.ts';
import type { FenceSource } from '../start-count.ts';
import type { Leaving, Placed, Traffic } from '../traffic/traffic.ts';
import type { ReleaseRecord } from './app-record.ts';
import type { AppStore } from './app-store.ts';
import type { SourceReader } from './source.ts';
import type { Vault } from './vault.ts';

/** Takes instances out of traffic wherever somebody brings them requests. */
export interface LedTraffic extends Pick<Traffic, 'left' | 'isUnreached'> {
  leave(placed: Placed, leaving: Leaving): Promise<void>;
  /** Resolves when everybody who brings requests acts by what is known of an app; after 2 s at the latest. */
  settled(app: string): Promise<void>;
  /** The ids of instances that another hub stops. */
  readonly elsewhere: ReadonlySet<string>;
}

/** What the apps of a hub share. */
export interface AppParts {
  store: Pick<AppStore, 'get' | 'save' | 'remove'>;
  /** What is recorded of an app has changed. */
  changed(app: string): void;
  directory: DroneDirectory;
  absences: Pick<Absences, 'of'>;
  /** Open while drones of a hub that is gone are on their way to another one. */
  rejoining: Pick<RejoinWindow, 'isOpen'>;
  events: Pick<EventLog, 'add'>;
  /** What was told last, by whichever hub. */
  states: Pick<LastStates, 'ofInstance'>;
  ids: Pick<ProcessIds, 'reserve' | 'release'>;
  fences: FenceSource;
  newJob(): { key: string; id: string };
  vault: Vault;
  source: Pick<SourceReader, 'read' | 'readUnchecked' | 'mustBeSigned'>;
  /** Returns the commit of a repository that was deployed last; null for none. */
  newestDeployed(repo: string): string | null;
  /** The number of the newest event. */
  lastEvent(): number;
  /** Returns what fleet.toml and Procfile of a release say. */
  fileOf(release: Pick<ReleaseRecord, 'toml' | 'procfile' | 'stage'>): AppFile;
  traffic: LedTraffic;
  log(line: string): void;
}
