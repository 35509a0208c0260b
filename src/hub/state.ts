import { join } from 'node:path';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { isName } from '../protocol/names.ts';
import { readJson } from '../system/json-file.ts';
import { SavedFile } from '../system/saved-file.ts';
import { type Deployed, isDeployed, newestOf, wantedSince, withDeployed } from './deployed.ts';
import { forgettable } from './drones/forgettable.ts';
import { EventNumbers } from './events/event-numbers.ts';

/** A drone that was connected. `seen` is when it last joined or, if it is not connected, was lost (ms since 1970). */
interface KnownBefore {
  name: string;
  seen: number;
  connected: boolean;
  /** Labels that the hub was told, which win over the drone's own. */
  labels?: Record<string, string>;
  /** Labels that it has said that it has. */
  ownLabels?: Record<string, string>;
  /** Whose token it joined with first; null for the hub's secret. */
  by?: string | null | undefined;
}

export type SeenDrone = KnownBefore & { identity: string };

/** What a hub remembers across a restart. Processes are not part of it: drones report them again. */
interface HubState {
  /** The version of the format; a newer one may have more keys, which are kept. */
  version?: number;
  /** By identity. */
  drones: Record<string, KnownBefore>;
  /** Oldest first. */
  deployed: Deployed[];
  /** No event has a number above this one. */
  events?: number;
}

const SAVE_DELAY_MS = 100;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isHubState(read: unknown): read is HubState {
  if (!isObject(read) || !isObject(read['drones']) || !Array.isArray(read['deployed'])) return false;
  const { drones, deployed } = read as { drones: Record<string, unknown>; deployed: unknown[] };
  const isDrone = (one: unknown) =>
    isObject(one) && isName(String(one['name'])) && typeof one['seen'] === 'number';
  return Object.values(drones).every(isDrone) && deployed.every(isDeployed);
}

/** `hub.json` in the hub's directory: small, and written as a whole, atomically, shortly after each change. */
export class StateFile {
  readonly path: string;
  private readonly state: HubState;
  readonly eventNumbers: EventNumbers;
  private timer: NodeJS.Timeout | undefined;
  private readonly file: SavedFile;

  /** Throws ECONFIG if the file exists and is not a hub's. */
  constructor(
    dir: string,
    private readonly log: (line: string) => void,
  ) {
    this.path = join(dir, 'hub.json');
    this.file = new SavedFile(this.path, () => this.text());
    const read = readJson(this.path);
    if (read !== undefined && !isHubState(read)) {
      throw new FleetError(
        'ECONFIG',
        `${this.path} is not a file that a hub wrote; move it away to start afresh`,
      );
    }
    this.state = { version: 1, ...(read ?? { drones: {}, deployed: [] }) };
    const last = Number.isSafeInteger(this.state.events) ? Number(this.state.events) : 0;
    this.eventNumbers = new EventNumbers(last, (upTo) => {
      this.state.events = upTo;
      this.save();
    });
  }

  /** The drones that a hub in this directory has known. */
  drones(): SeenDrone[] {
    return Object.entries(this.state.drones).map(([identity, drone]) => ({ identity, ...drone }));
  }

  /** When a drone was last connected, in ms since 1970; undefined if it never was. */
  lastSeen(identity: string): number | undefined {
    return this.state.drones[identity]?.seen;
  }

  /** Records that a drone has joined, or was lost. */
  seen(
    { identity, name, ownLabels, by }: Pick<SeenDrone, 'identity' | 'name' | 'ownLabels' | 'by'>,
    now: 'connected' | 'lost',
  ): void {
    const before = this.state.drones[identity];
    const connected = now === 'connected';
    this.state.drones[identity] = {
      ...before,
      name,
      seen: Date.now(),
      connected,
      ownLabels: ownLabels ?? {},
      ...(by === undefined ? {} : { by: before?.name === name && before.by !== undefined ? before.by : by }),
    };
    this.save();
  }

  /** Records that a drone has been lost for so long, if that is not known: the next hub does not wait for it. */
  expire(identity: string, agoMs: number): void {
    const drone = this.state.drones[identity];
    if (!drone?.connected) return;
    this.state.drones[identity] = { ...drone, seen: Date.now() - agoMs, connected: false };
    this.save();
  }

  /** Records the labels that a drone was given. Throws EIO. */
  label(identity: string, labels: Record<string, string>): void {
    const drone = this.state.drones[identity];
    if (drone) drone.labels = labels;
    this.saveNow();
  }

  /** Forgets a drone. Throws EIO if that cannot be written. */
  forget(identity: string): void {
    delete this.state.drones[identity];
    this.saveNow();
  }

  /** Forgets the drones of a name that are away. Throws EIO if that cannot be written. */
  forgetNamed(name: string): void {
    for (const [identity, drone] of Object.entries(this.state.drones))
      if (drone.name === name && !drone.connected) delete this.state.drones[identity];
    this.saveNow();
  }

  /** Records that all drones, or only some, should have a commit. Rejects with EIO. */
  deploy(repo: string, commit: string, only: readonly string[] | null = null): Promise<void> {
    this.state.deployed = withDeployed(this.state.deployed, { repo, commit }, only, Date.now());
    return this.file.soon();
  }

  /** Forgets that drones should have a commit. Returns false if they should not. Throws EIO. */
  forgetCommit(repo: string, commit: string): boolean {
    const { deployed } = this.state;
    this.state.deployed = deployed.filter((one) => one.repo !== repo || one.commit !== commit);
    this.saveNow();
    return this.state.deployed.length < deployed.length;
  }

  /** Forgets the commits of a repository that is removed. Throws EIO. */
  forgetRepository(repo: string): void {
    this.state.deployed = this.state.deployed.filter((one) => one.repo !== repo);
    this.saveNow();
  }

  /** See {@link wantedSince}. */
  wantedSince(seen: number, drone: string): Deployed[] {
    return wantedSince(this.state.deployed, seen, drone);
  }

  /** See {@link newestOf}. */
  newest(repo: string): string | null {
    return newestOf(this.state.deployed, repo);
  }

  /** Saves soon, once for many changes. */
  save(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.file.soon().catch((error: unknown) => this.log(messageOf(error)));
    }, SAVE_DELAY_MS);
  }

  /** Throws EIO if it cannot be written. */
  saveNow(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.file.now();
  }

  /** Writes what is not saved yet. */
  close(): void {
    if (this.timer || this.file.isDue) this.saveNow();
  }

  private text(): string {
    this.forgetOld();
    return `${JSON.stringify(this.state, null, 2)}\n`;
  }

  private forgetOld(): void {
    for (const identity of forgettable(this.state.drones, Date.now())) delete this.state.drones[identity];
  }
}
