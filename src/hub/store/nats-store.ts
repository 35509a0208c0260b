import { FleetError, messageOf } from '../../protocol/errors.ts';
import { decodedKey, encodedKey, hasPrefix } from './keys.ts';
import { NatsBucket } from './nats-bucket.ts';
import { type LinkOptions, NatsLink } from './nats-link.ts';
import type { Stored } from './nats-stored.ts';
import { NatsWatch } from './nats-watch.ts';
import { OwnWrites, type Read } from './own-writes.ts';
import type { Entry, Hint, Json, Store } from './store.ts';

/** The engine takes 1 MiB, with the subject and headers. */
const MAX_VALUE_BYTES = 1_000_000;
const OVERHEAD_BYTES = 4_096;

interface Listener {
  prefix: string;
  hint: Hint;
}

/** A store that several hubs share. See {@link Store}; calls also reject with ECLUSTER if the engine does not do its part. */
export class NatsStore implements Store {
  private readonly own = new OwnWrites();
  private readonly listeners = new Set<Listener>();
  private watching: NatsWatch | null = null;
  private isClosed = false;
  /** What was logged about damaged values. */
  private readonly logged = new Set<string>();

  private constructor(
    private readonly link: NatsLink,
    private readonly bucket: NatsBucket,
    private readonly log: (line: string) => void,
    private readonly closed: () => Promise<void>,
    /** What this hub has read and written, by key: the servers may lose it. */
    private readonly memory: Map<string, Json>,
  ) {}

  /** Resolves once the engine is reached, over a link of the store's own. Rejects with ECLUSTER. */
  static async open(options: LinkOptions, name?: string): Promise<NatsStore> {
    const link = await NatsLink.open(options);
    try {
      return await NatsStore.over(link, options.log, name, () => link.close());
    } catch (error) {
      await link.close();
      throw error;
    }
  }

  /** The same over a link that others use as well, and that stays open. */
  static async over(
    link: NatsLink,
    log: (line: string) => void,
    name = 'fleet_state',
    closed = async () => {},
  ): Promise<NatsStore> {
    const memory = new Map<string, Json>();
    const bucket = await NatsBucket.open(link, {
      ...{ name, ttlMs: null, log },
      remembered: () => [...memory].map(([key, value]) => [encodedKey(key), dataFor(value)] as const),
    });
    const store = new NatsStore(link, bucket, log, closed, memory);
    store.watching = await NatsWatch.open(link, store.bucket, (key, revision) => store.hint(key, revision));
    return store;
  }

  async get(key: string): Promise<Entry | null> {
    const found = await this.bucket.get(encodedKey(key));
    const read = found ? [readOf(key, found)] : [];
    const [entry] = this.own.newest(read, (one) => one === key);
    this.remember(key, entry?.value ?? null);
    return entry ?? null;
  }

  create(key: string, value: Json): Promise<number> {
    return this.change(key, value, 0);
  }

  async update(key: string, value: Json | null, revision: number): Promise<number> {
    if (revision < 1) throw new FleetError('EINTERNAL', `${key} has no revision ${revision}`);
    if (this.own.isRemoval(key, revision))
      throw new FleetError('ECONFLICT', `${key} was removed meanwhile; try again`);
    return this.change(key, value, revision);
  }

  async list(prefix: string): Promise<Entry[]> {
    if (!prefix.endsWith('.')) {
      const entry = await this.get(prefix);
      return entry ? [entry] : [];
    }
    const found = await this.bucket.list(`${prefix}*`);
    const read = found.flatMap((one) => {
      const key = decodedKey(one.key);
      return key === null ? [] : this.readable(key, one);
    });
    const entries = this.own.newest(read, (key) => hasPrefix(key, prefix));
    for (const { key, value } of entries) this.remember(key, value);
    return entries;
  }

  watch(prefix: string, hint: Hint): () => void {
    const listener = { prefix, hint };
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  where(key: string): string {
    return `${key} in the cluster at ${this.link.where}`;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.listeners.clear();
    await this.bucket.close();
    await this.watching?.close();
    await this.closed();
  }

  private async change(key: string, value: Json | null, seen: number): Promise<number> {
    if (this.isClosed) throw new FleetError('ECLOSED', 'the hub is stopping');
    const data = value === null ? null : dataFor(value);
    const most = Math.min(MAX_VALUE_BYTES, this.link.maxPayloadBytes - OVERHEAD_BYTES);
    if (data && data.length > most)
      throw new FleetError(
        'ELIMIT',
        `${key} would have ${data.length} bytes; the cluster takes ${most}: raise max_payload of the servers, up to 1MB, or make it smaller`,
      );
    const revision = await this.bucket.put(encodedKey(key), data, seen);
    this.own.note({ key, value, revision });
    this.remember(key, value);
    return revision;
  }

  private remember(key: string, value: Json | null): void {
    if (value === null) this.memory.delete(key);
    else this.memory.set(key, value);
  }

  /** One that is damaged is left out and logged: nothing is done about it. */
  private readable(key: string, stored: Stored): Read[] {
    try {
      return [readOf(key, stored)];
    } catch (error) {
      const line = `${key} is left alone: ${messageOf(error)}`;
      if (!this.logged.has(line)) this.log(line);
      this.logged.add(line);
      return [];
    }
  }

  private hint(encoded: string, revision: number | null): void {
    const key = decodedKey(encoded);
    if (key === null) return;
    const listeners = [...this.listeners].filter(({ prefix }) => hasPrefix(key, prefix));
    for (const { hint } of listeners) hint(key, revision);
    if (revision === null) this.memory.delete(key);
    else if (listeners.length === 0 && this.memory.has(key)) this.get(key).catch(() => {});
  }
}

/** Throws ECONFIG if that is nothing that a hub wrote. */
function readOf(key: string, { data, revision }: Stored): Read {
  if (data === null) return { key, value: null, revision };
  try {
    return { key, value: JSON.parse(data.toString()) as Json, revision };
  } catch (cause) {
    throw new FleetError('ECONFIG', `${key} in the cluster is not JSON; remove it: nats kv del`, { cause });
  }
}

const dataFor = (value: Json) => Buffer.from(JSON.stringify(value));
