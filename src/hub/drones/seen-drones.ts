import { EventEmitter } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../../protocol/errors.ts';
import { isName } from '../../protocol/names.ts';
import { Semaphore } from '../../system/semaphore.ts';
import { KeptRecords } from '../store/kept-records.ts';
import { notWritten } from '../store/not-written.ts';
import { isObject } from '../store/section.ts';
import type { Entry, Store } from '../store/store.ts';
import { forgettable } from './forgettable.ts';

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

/** What has become of a drone: made twice, it is the same. Undefined is one that is not known. */
interface Alteration {
  identity: string;
  alter(before: KnownBefore | undefined): KnownBefore | undefined;
}

const PREFIX = 'drone.';
const SAVE_DELAY_MS = 200;

interface SeenEvents {
  /** What another hub has stored of a drone; undefined if it was forgotten there. */
  elsewhere: [identity: string, SeenDrone | undefined];
}

/** The drones that hubs have known, by identity: each change is seen at once, and stored soon, together with others. */
export class SeenDrones extends EventEmitter<SeenEvents> {
  /** By key, with what is pending. */
  private all = new Map<string, KnownBefore>();
  /** What is not stored yet. */
  private readonly pending: Alteration[] = [];
  private timer: NodeJS.Timeout | undefined;
  private readonly turns = new Semaphore(1);

  private constructor(
    private readonly kept: KeptRecords<KnownBefore>,
    private readonly log: (line: string) => void,
  ) {
    super();
    this.all = altered(kept.all, this.pending);
    kept.follow((elsewhere) => {
      this.all = altered(kept.all, this.pending);
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

  /** Records that a drone has joined, or was lost. */
  seen(
    { identity, name, ownLabels = {}, by }: Pick<SeenDrone, 'identity' | 'name' | 'ownLabels' | 'by'>,
    now: 'connected' | 'lost',
  ): void {
    const fresh = { name, seen: Date.now(), connected: now === 'connected', ownLabels };
    this.alter(identity, (before) => {
      const first = before?.name === name && before.by !== undefined ? before.by : by;
      return { ...before, ...fresh, ...(by === undefined ? {} : { by: first }) };
    });
  }

  /** Records that a drone has been lost for so long, if that is not known: the next hub does not wait for it. */
  expire(identity: string, agoMs: number): void {
    const seen = Date.now() - agoMs;
    this.alter(identity, (before) => (before?.connected ? { ...before, seen, connected: false } : before));
  }

  /** Records the labels that a drone was given. */
  label(identity: string, labels: Record<string, string>): void {
    this.alter(identity, (before) =>
      before && !isDeepStrictEqual(before.labels, labels) ? { ...before, labels } : before,
    );
  }

  forget(identity: string): void {
    this.alter(identity, () => undefined);
  }

  /** Forgets the drones of a name that are away. */
  forgetNamed(name: string): void {
    for (const { identity } of this.drones().filter((one) => one.name === name && !one.connected))
      this.forget(identity);
  }

  /** Resolves when all that was recorded up to now is stored. Rejects with EIO; then that is tried again with the next. */
  written(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    return this.turns.run(() => this.write());
  }

  private of(key: string): SeenDrone | undefined {
    const drone = this.all.get(key);
    return drone && { identity: key.slice(PREFIX.length), ...drone };
  }

  private alter(identity: string, alter: Alteration['alter']): void {
    const alteration = { identity, alter };
    this.pending.push(alteration);
    apply(this.all, alteration);
    this.timer ??= setTimeout(() => {
      this.written().catch((error) => this.log(messageOf(error)));
    }, SAVE_DELAY_MS);
  }

  private async write(): Promise<void> {
    if (this.pending.length === 0) return;
    const alterations = [...this.pending];
    await this.kept.change((now) => {
      const next = altered(now, alterations);
      const gone = forgettable(next, Date.now());
      for (const key of gone) next.delete(key);
      const keys = new Set([...alterations.map(({ identity }) => PREFIX + identity), ...gone]);
      const differing = [...keys].filter((key) => now.get(key) !== next.get(key));
      return { next: differing.map((key) => [key, next.get(key) ?? null]) };
    });
    this.pending.splice(0, alterations.length);
    this.all = altered(this.kept.all, this.pending);
  }
}

/** Returns what is known of drones, by key, after some alterations. */
function altered(
  known: ReadonlyMap<string, KnownBefore>,
  alterations: readonly Alteration[],
): Map<string, KnownBefore> {
  const next = new Map(known);
  for (const one of alterations) apply(next, one);
  return next;
}

function apply(known: Map<string, KnownBefore>, { identity, alter }: Alteration): void {
  const drone = alter(known.get(PREFIX + identity));
  if (drone) known.set(PREFIX + identity, drone);
  else known.delete(PREFIX + identity);
}

function isKnownBefore(read: unknown): read is KnownBefore {
  return isObject(read) && isName(String(read['name'])) && typeof read['seen'] === 'number';
}
