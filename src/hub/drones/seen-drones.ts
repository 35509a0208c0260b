import { EventEmitter } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../../protocol/errors.ts';
import { isName } from '../../protocol/names.ts';
import { Semaphore } from '../../system/semaphore.ts';
import { KeptRecords } from '../store/kept-records.ts';
import { notWritten } from '../store/not-written.ts';
import { isObject } from '../store/section.ts';
import type { Entry, Store } from '../store/store.ts';
import { changedDrone, changedDrones, type DroneChange, type KnownBefore, merged } from './drone-change.ts';
import { changedGroups, DRONES, type DroneGroup, differingDrones, dronesIn } from './drone-groups.ts';
import { forgettable } from './forgettable.ts';

export type SeenDrone = KnownBefore & { identity: string };

const PREFIX = `${DRONES}.`;
const SAVE_DELAY_MS = 200;
const SAVE_AGAIN_AFTER_MS = 5_000;
/** How much longer ago a drone that is connected may have joined than is known. */
const SEEN_WITHIN_MS = 3_600_000;

interface SeenEvents {
  /** What another hub has stored of a drone; undefined if it was forgotten there. */
  elsewhere: [identity: string, SeenDrone | undefined];
}

/** The drones that hubs have known, by identity: each change is seen at once, and stored soon, together with others, in groups. */
export class SeenDrones extends EventEmitter<SeenEvents> {
  /** With what is pending. */
  private all = new Map<string, KnownBefore>();
  /** What is stored, as it was when it changed last. */
  private groups: ReadonlyMap<string, DroneGroup> = new Map();
  /** What is not stored yet. */
  private pending = new Map<string, DroneChange>();
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;
  private problem: string | null = null;
  private readonly turns = new Semaphore(1);

  private constructor(
    private readonly kept: KeptRecords<DroneGroup>,
    private readonly log: (line: string) => void,
  ) {
    super();
    this.look();
    kept.follow((elsewhere) => {
      const before = this.groups;
      this.lookAtChanged();
      const changed = elsewhere.flatMap((key) => differingDrones(before.get(key), this.groups.get(key)));
      for (const identity of changed) this.emit('elsewhere', identity, this.of(identity));
    });
  }

  /** Throws ECONFIG if something that is stored is not what a hub wrote. */
  static async open(store: Store, log: (line: string) => void): Promise<SeenDrones> {
    const check = ({ key, value }: Entry) => {
      if (isObject(value) && Object.values(value).every(isKnownBefore)) return value as DroneGroup;
      throw notWritten(store.where(key), 'to start afresh');
    };
    return new SeenDrones(await KeptRecords.open(store, [PREFIX], check), log);
  }

  drones(): SeenDrone[] {
    return [...this.all].map(([identity, drone]) => ({ identity, ...drone }));
  }

  /** When a drone was last connected, in ms since 1970; undefined if it never was. */
  lastSeen(identity: string): number | undefined {
    return this.all.get(identity)?.seen;
  }

  /** Records that a drone has joined, or was lost. One that joins as it was known costs nothing, though all do when a hub is back. */
  seen(
    { identity, name, ownLabels = {}, address = null, by }: Omit<SeenDrone, 'seen' | 'connected' | 'labels'>,
    now: 'connected' | 'lost',
  ): void {
    const before = this.all.get(identity);
    const first = before?.name === name && before.by !== undefined ? before.by : by;
    const fields = { name, seen: Date.now(), connected: now === 'connected', ownLabels, address };
    if (fields.connected && before && isAsKnown(before, { name, ownLabels, address, by: first })) return;
    this.change(identity, { anew: false, fields: { ...fields, ...(by === undefined ? {} : { by: first }) } });
  }

  /** Records that a drone has been lost for so long, if that is not known: the next hub does not wait for it. */
  expire(identity: string, agoMs: number): void {
    if (!this.all.get(identity)?.connected) return;
    this.change(identity, { anew: false, fields: { seen: Date.now() - agoMs, connected: false } });
  }

  /** Records the labels that a drone was given. */
  label(identity: string, labels: Record<string, string>): void {
    const before = this.all.get(identity);
    if (before && !isDeepStrictEqual(before.labels, labels))
      this.change(identity, { anew: false, fields: { labels } });
  }

  forget(identity: string): void {
    if (this.all.has(identity)) this.change(identity, null);
  }

  /** Forgets the drones of a name that are away. */
  forgetNamed(name: string): void {
    for (const { identity } of this.drones().filter((one) => one.name === name && !one.connected))
      this.forget(identity);
  }

  /** Resolves when all that was recorded up to now is stored. Rejects with EIO, ECLUSTER; then that is tried again later. */
  async written(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.turns.run(() => this.write());
    this.problem = null;
  }

  /** Stores what is not stored yet; what cannot be is logged. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.written().catch((error) => this.log(messageOf(error)));
  }

  private of(identity: string): SeenDrone | undefined {
    const drone = this.all.get(identity);
    return drone && { identity, ...drone };
  }

  private look(): void {
    this.groups = new Map(this.kept.all);
    this.all = changedDrones(dronesIn(this.groups), this.pending);
  }

  /** Looks at the groups that have changed: while drones join at other hubs, some do all the time. */
  private lookAtChanged(): void {
    const [before, now] = [this.groups, new Map(this.kept.all)];
    this.groups = now;
    for (const key of new Set([...before.keys(), ...now.keys()])) {
      const [was, is] = [before.get(key) ?? {}, now.get(key) ?? {}];
      if (was === is) continue;
      for (const identity of Object.keys({ ...was, ...is })) this.set(identity, is[identity]);
    }
  }

  /** Takes over what is stored of a drone, with what is pending. */
  private set(identity: string, stored: KnownBefore | undefined): void {
    const change = this.pending.get(identity);
    const drone = change === undefined ? stored : changedDrone(stored, change);
    if (drone) this.all.set(identity, drone);
    else this.all.delete(identity);
  }

  private change(identity: string, change: DroneChange): void {
    this.pending.set(identity, merged(this.pending.get(identity), change));
    const drone = changedDrone(this.all.get(identity), change);
    if (drone) this.all.set(identity, drone);
    else this.all.delete(identity);
    this.saveIn(SAVE_DELAY_MS);
  }

  private saveIn(ms: number): void {
    if (this.isClosed) return;
    this.timer ??= setTimeout(() => {
      this.written().catch((error) => {
        const problem = messageOf(error);
        if (problem !== this.problem) this.log(problem);
        this.problem = problem;
        this.saveIn(SAVE_AGAIN_AFTER_MS);
      });
    }, ms);
  }

  private async write(): Promise<void> {
    const changes = [...this.pending];
    if (changes.length === 0) return;
    await this.kept.change((groups) => {
      const drones = changedDrones(dronesIn(groups), changes);
      const gone = forgettable(drones, Date.now());
      for (const identity of gone) drones.delete(identity);
      const touched = new Set([...changes.map(([identity]) => identity), ...gone]);
      return { next: changedGroups(groups, drones, touched) };
    });
    // What has changed meanwhile is stored with the next: it says all that this one has said.
    for (const [identity, change] of changes)
      if (this.pending.get(identity) === change) this.pending.delete(identity);
    this.look();
  }
}

/** Returns true if a drone that joins is known like that, as connected, and so lately that the time need not be changed. */
function isAsKnown(
  before: KnownBefore,
  joining: Omit<KnownBefore, 'seen' | 'connected' | 'labels'>,
): boolean {
  const { name, ownLabels = {}, address, by } = before;
  if (!before.connected || Date.now() - before.seen > SEEN_WITHIN_MS) return false;
  return isDeepStrictEqual({ name, ownLabels, address, by }, joining);
}

function isKnownBefore(read: unknown): read is KnownBefore {
  return isObject(read) && isName(String(read['name'])) && typeof read['seen'] === 'number';
}
