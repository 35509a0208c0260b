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
import { forgettable } from './forgettable.ts';

export type SeenDrone = KnownBefore & { identity: string };

const PREFIX = 'drone.';
const SAVE_DELAY_MS = 200;
const SAVE_AGAIN_AFTER_MS = 5_000;
/** How much longer ago a drone that is connected may have joined than is known. */
const SEEN_WITHIN_MS = 3_600_000;
/** Stored at a time: a store that several hubs share takes records one by one, and is not waited for without end. */
const MAX_CHANGES = 500;

interface SeenEvents {
  /** What another hub has stored of a drone; undefined if it was forgotten there. */
  elsewhere: [identity: string, SeenDrone | undefined];
}

/** The drones that hubs have known, by identity: each change is seen at once, and stored soon, together with others. */
export class SeenDrones extends EventEmitter<SeenEvents> {
  /** By key, with what is pending. */
  private all = new Map<string, KnownBefore>();
  /** What is not stored yet, by key. */
  private pending = new Map<string, DroneChange>();
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;
  private problem: string | null = null;
  private readonly turns = new Semaphore(1);

  private constructor(
    private readonly kept: KeptRecords<KnownBefore>,
    private readonly log: (line: string) => void,
  ) {
    super();
    this.all = changedDrones(kept.all, this.pending);
    kept.follow((elsewhere) => {
      this.all = changedDrones(kept.all, this.pending);
      for (const key of elsewhere) this.emit('elsewhere', key.slice(PREFIX.length), this.of(key));
    });
  }

  /** Throws ECONFIG if something that is stored is not what a hub wrote. */
  static async open(store: Store, log: (line: string) => void): Promise<SeenDrones> {
    const check = ({ key, value }: Entry) => {
      if (isKnownBefore(value)) return value;
      throw notWritten(store.where(key), 'to start afresh');
    };
    return new SeenDrones(await KeptRecords.open(store, [PREFIX], check), log);
  }

  drones(): SeenDrone[] {
    return [...this.all.keys()].flatMap((key) => this.of(key) ?? []);
  }

  /** When a drone was last connected, in ms since 1970; undefined if it never was. */
  lastSeen(identity: string): number | undefined {
    return this.all.get(PREFIX + identity)?.seen;
  }

  /** Records that a drone has joined, or was lost. One that joins as it was known costs nothing, though all do when a hub is back. */
  seen(
    { identity, name, ownLabels = {}, address = null, by }: Omit<SeenDrone, 'seen' | 'connected' | 'labels'>,
    now: 'connected' | 'lost',
  ): void {
    const before = this.all.get(PREFIX + identity);
    const first = before?.name === name && before.by !== undefined ? before.by : by;
    const fields = { name, seen: Date.now(), connected: now === 'connected', ownLabels, address };
    if (fields.connected && before && isAsKnown(before, { name, ownLabels, address, by: first })) return;
    this.change(identity, { anew: false, fields: { ...fields, ...(by === undefined ? {} : { by: first }) } });
  }

  /** Records that a drone has been lost for so long, if that is not known: the next hub does not wait for it. */
  expire(identity: string, agoMs: number): void {
    if (!this.all.get(PREFIX + identity)?.connected) return;
    this.change(identity, { anew: false, fields: { seen: Date.now() - agoMs, connected: false } });
  }

  /** Records the labels that a drone was given. */
  label(identity: string, labels: Record<string, string>): void {
    const before = this.all.get(PREFIX + identity);
    if (before && !isDeepStrictEqual(before.labels, labels))
      this.change(identity, { anew: false, fields: { labels } });
  }

  forget(identity: string): void {
    if (this.all.has(PREFIX + identity)) this.change(identity, null);
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

  private of(key: string): SeenDrone | undefined {
    const drone = this.all.get(key);
    return drone && { identity: key.slice(PREFIX.length), ...drone };
  }

  private change(identity: string, change: DroneChange): void {
    const key = PREFIX + identity;
    this.pending.set(key, merged(this.pending.get(key), change));
    const drone = changedDrone(this.all.get(key), change);
    if (drone) this.all.set(key, drone);
    else this.all.delete(key);
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
    for (let at = 0; at < changes.length; at += MAX_CHANGES)
      await this.store(changes.slice(at, at + MAX_CHANGES));
  }

  private async store(changes: readonly (readonly [string, DroneChange])[]): Promise<void> {
    await this.kept.change((now) => {
      const next = changedDrones(now, changes);
      const gone = forgettable(next, Date.now());
      for (const key of gone) next.delete(key);
      const keys = new Set([...changes.map(([key]) => key), ...gone]);
      const differing = [...keys].filter((key) => now.get(key) !== next.get(key));
      return { next: differing.map((key) => [key, next.get(key) ?? null]) };
    });
    // What has changed meanwhile is stored with the next: it says all that this one has said.
    for (const [key, change] of changes) if (this.pending.get(key) === change) this.pending.delete(key);
    this.all = changedDrones(this.kept.all, this.pending);
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
