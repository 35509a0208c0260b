import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsMsg, StoredMsg, StreamState } from '@nats-io/jetstream';
import { clusterError, fullError, isFull, isWrongSequence } from './nats-errors.ts';
import { LastValues } from './nats-last-values.ts';
import type { NatsLink } from './nats-link.ts';
import { SameStream } from './nats-same-stream.ts';
import { conflict, dataOf, EMPTY, expected, isConflict, operationOf, type Stored } from './nats-stored.ts';
import { type BucketOptions, openStream } from './nats-stream.ts';

// A bucket is a stream as NATS' own key-value tools make it, so that `nats kv` can read it (ADR-8 of
// nats-architecture-and-design): one subject a key, and a header for what was removed.

const MESSAGE_ID = 'Nats-Msg-Id';
/** Others write at the same time: after that, it is tried again, so long at most after the first time. */
const MAX_YIELD_MS = 20;

/** Values by key, each with a revision, in one stream. Calls reject with ECLUSTER and ECLOSED. */
export class NatsBucket {
  /** The number of the last change that this hub knows of. */
  private last = 0;
  private queue: Promise<unknown> = Promise.resolve();
  /** The highest revision that was given or read, and what they are higher by than the numbers of the stream. */
  private highest = 0;
  private above = 0;
  private readonly same: SameStream;
  private readonly stream: string;

  private constructor(
    private readonly link: NatsLink,
    private readonly options: BucketOptions,
    created: number,
  ) {
    this.stream = `KV_${options.name}`;
    this.same = new SameStream(link, options, created, () => this.restore());
  }

  /** When it was created, in ms since 1970, by the clock of the engine. */
  get created(): number {
    return this.same.created;
  }

  /** Opens a bucket, and makes it if there is none, with copies on three servers if there are so many. */
  static async open(link: NatsLink, options: BucketOptions): Promise<NatsBucket> {
    try {
      const { created } = await openStream(link, options);
      return new NatsBucket(link, options, Date.parse(created));
    } catch (error) {
      throw clusterError(link.where, error);
    }
  }

  /** Returns what the leader has, which nobody has newer; null if there is no such key. */
  async get(key: string): Promise<Stored | null> {
    const found = await this.same.on(() => this.message(key));
    return found && { key, data: dataOf(found.header, found.data), revision: this.revisionOf(found.seq) };
  }

  /**
   * Replaces or, with null, removes what has a revision; 0 stands for "no such key". Returns the new one. Rejects with
   * ECONFLICT if another one is current.
   */
  async put(key: string, data: Buffer | null, seen: number): Promise<number> {
    const [{ deadline }, { created }] = [this.link, this];
    const made = this.queue.then(() =>
      this.same.on(async () => {
        const isOld = created !== this.created || seen <= this.above;
        if (seen > 0 && isOld) throw conflict(key);
        return this.revisionOf(await this.change(key, data, Math.max(0, seen - this.above), deadline));
      }, deadline),
    );
    this.queue = made.catch(() => {});
    return made;
  }

  /** Returns what is stored under the keys that match, with what was removed; `filter` may end in `*` or `>`. May be a moment old. */
  async list(filter: string): Promise<Stored[]> {
    const found = new Map<string, Stored>();
    const values = await this.follow(filter, { headersOnly: false }, (stored) =>
      found.set(stored.key, stored),
    );
    await values.close();
    return [...found.values()];
  }

  /** Calls `heard` with what is stored, and then with each change, until that is closed. */
  async follow(
    filter: string,
    { headersOnly }: { headersOnly: boolean },
    heard: (stored: Stored) => void,
  ): Promise<LastValues> {
    const prefix = this.subject('');
    const read = ({ subject, seq, headers: given, data }: JsMsg) =>
      heard({
        ...{ key: subject.slice(prefix.length), revision: this.revisionOf(seq), data: dataOf(given, data) },
      });
    const wanted = { stream: this.stream, filter: this.subject(filter), headersOnly, heard: read };
    return this.same.on(() => LastValues.open(this.link, wanted));
  }

  /** Returns the revision of the last change, and of how many keys there is something, be it that they were removed. */
  async extent(): Promise<{ last: number; keys: number }> {
    const { last_seq: last, num_subjects: keys = 0 } = await this.same.on(() =>
      this.state(this.link.deadline),
    );
    return { last: this.revisionOf(last), keys };
  }

  /** Resolves when all that was begun is done. */
  async close(): Promise<void> {
    await this.queue;
    this.same.close();
  }

  /** Stores what is remembered in a stream that is there instead. What another hub has stored already stays. */
  private async restore(): Promise<void> {
    const { remembered = () => [], log = () => {} } = this.options;
    this.last = 0;
    // Leases are gone by themselves; their numbers, which fences have, are those of the stream.
    if (this.options.ttlMs === null) this.above = this.highest;
    let count = 0;
    for (const [key, data] of remembered())
      await this.change(key, data, 0, this.link.deadline).then(
        () => count++,
        (error: unknown) => {
          if (!isConflict(error)) throw error;
        },
      );
    log(`the cluster at ${this.link.where} had lost ${this.options.name}; stored anew: ${count}`);
  }

  private revisionOf(seq: number): number {
    this.highest = Math.max(this.highest, seq + this.above);
    return seq + this.above;
  }

  /**
   * Servers before 2.11 compare the last number of a key, in a cluster, before the change is agreed on and not after: of
   * two that come together, both are made. The last number of the stream is compared after that, so it is what decides;
   * if another key was changed meanwhile, it is tried again.
   */
  private async change(key: string, data: Buffer | null, seen: number, until: number): Promise<number> {
    const msgID = randomBytes(12).toString('base64url');
    // Of a key that is not there, servers compare nothing. It is read after `last`: what is written since then is noticed.
    let before = seen > 0 ? seen : expected(key, await this.message(key, until), seen);
    for (let tries = 0; ; tries++) {
      try {
        const expect = { lastSequence: this.last, ...(before > 0 && { lastSubjectSequence: before }) };
        const { seq } = await this.link.ask(
          // The headers are changed by whoever publishes.
          ({ js }) =>
            js
              .publish(this.subject(key), data ?? EMPTY, { msgID, headers: operationOf(data), expect })
              .catch((error: unknown) => {
                throw isFull(error) ? fullError(this.link.where, error) : error;
              }),
          until,
        );
        this.last = Math.max(this.last, seq);
        return seq;
      } catch (error) {
        if (!isWrongSequence(error)) throw error;
        const { last_seq: last } = await this.state(until);
        const current = await this.message(key, until);
        // The answer to an earlier try was lost.
        if (current?.header.get(MESSAGE_ID) === msgID) return current.seq;
        before = expected(key, current, seen);
        this.last = last;
      }
      if (tries > 0) await sleep(Math.random() * MAX_YIELD_MS);
    }
  }

  private async state(until: number): Promise<StreamState> {
    return (await this.link.ask(({ jsm }) => jsm.streams.info(this.stream), until)).state;
  }

  private message(key: string, until = this.link.deadline): Promise<StoredMsg | null> {
    const query = { last_by_subj: this.subject(key) };
    return this.link.ask(({ jsm }) => jsm.streams.getMessage(this.stream, query), until);
  }

  private subject(key: string): string {
    return `$${this.stream.replace('_', '.')}.${key}`;
  }
}
