import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientAnswers, Notices } from '../protocol/answers.ts';
import type { ClientCall, ClientParams } from '../protocol/client-calls.ts';
import { FleetError } from '../protocol/errors.ts';
import { DEFAULT_TIMEOUT } from '../protocol/limits.ts';
import { dial } from '../rpc/dial.ts';
import type { Peer } from '../rpc/peer.ts';
import { type Backoff, backoffMs } from '../system/backoff.ts';
import { combine, type Subscription } from './subscription.ts';
import type { ConnectOptions } from './types.ts';

type NoticeListeners = { [K in keyof Notices]: [params: Notices[K], body: Buffer] };

/** Errors after which dialling again can help. */
const PASSING = new Set(['ECONNECT', 'ECLOSED', 'ETIMEOUT', 'ELIMIT']);
const REDIAL: Backoff = { firstMs: 100, longestMs: 2_000, spread: 0.5 };

/** True where trying again later can help: nothing answers, or the connection broke. */
export function isPassing(error: unknown): boolean {
  return error instanceof FleetError && PASSING.has(error.code);
}

/**
 * A client's connection to its hub. What the hub says unasked is emitted by its name. A connection that breaks is
 * dialled again when it is next needed.
 */
export class Link extends EventEmitter<NoticeListeners & { lost: [] }> {
  readonly timeout: number;
  private peer: Promise<Peer> | null = null;
  private ended = false;
  private readonly wanted = new Set<Subscription>();

  constructor(readonly options: ConnectOptions) {
    super();
    this.setMaxListeners(0);
    this.timeout = options.timeout ?? DEFAULT_TIMEOUT;
  }

  /** Connects, unless it is connected. Rejects as `dial` does. */
  connect(): Promise<Peer> {
    if (this.ended) return Promise.reject(new FleetError('ECLOSED', 'this client was closed'));
    this.peer ??= this.dial();
    return this.peer;
  }

  /** A call that must not be made twice: it fails with ECLOSED when the connection breaks. */
  async callOnce<K extends ClientCall>(
    method: K,
    params: ClientParams[K],
    body?: Buffer,
  ): Promise<{ result: ClientAnswers[K]; body: Buffer }> {
    const peer = await this.connect();
    const answer = await peer.call(method, params, 0, body);
    return answer as { result: ClientAnswers[K]; body: Buffer };
  }

  /**
   * A call that may safely be made again: when the connection breaks it is, over a new one, for as long as the
   * timeout. A call waits as long as the hub shows signs of life: a big deploy takes its time.
   */
  async call<K extends ClientCall>(
    method: K,
    params: ClientParams[K],
  ): Promise<{ result: ClientAnswers[K]; body: Buffer }> {
    await this.connect();
    let givenUp = 0;
    for (let failures = 0; ; failures++) {
      try {
        return await this.callOnce(method, params);
      } catch (error) {
        if (this.ended || !isPassing(error)) throw error;
        givenUp ||= performance.now() + this.timeout;
        const delay = backoffMs(failures, REDIAL);
        if (performance.now() + delay > givenUp) throw error;
        await sleep(delay);
      }
    }
  }

  /** Asks for events and output, beside what others ask for over this connection: they may come here too. */
  async subscribe(wanted: Subscription): Promise<void> {
    this.wanted.add(wanted);
    await this.callOnce('subscribe', combine(this.wanted));
  }

  /** Nobody asks for this any more. */
  unsubscribe(wanted: Subscription): void {
    if (!this.wanted.delete(wanted)) return;
    this.peer?.then((peer) => peer.call('subscribe', combine(this.wanted))).catch(() => {});
  }

  /** Says something that has no answer. */
  async notify<K extends ClientCall>(method: K, params: ClientParams[K], body?: Buffer): Promise<void> {
    (await this.connect()).notify(method, params, body);
  }

  /** Dials until it is connected; rejects only where it never can be, or when the signal aborts. */
  async reconnect(signal?: AbortSignal): Promise<void> {
    for (let failures = 0; ; failures++) {
      try {
        await this.connect();
        return;
      } catch (error) {
        if (this.ended || !isPassing(error)) throw error;
        await sleep(backoffMs(failures, REDIAL), undefined, signal ? { signal } : {});
      }
    }
  }

  close(): void {
    this.ended = true;
    this.peer?.then((peer) => peer.close()).catch(() => {});
  }

  private async dial(): Promise<Peer> {
    const { timeout } = this;
    try {
      const peer = await dial({
        target: this.options,
        role: 'client',
        timeout,
        pingEvery: Math.max(50, timeout / 3),
        deadAfter: timeout,
      });
      peer.serve(
        ({ method, params, body }) => void this.emit(method as 'event', params as Notices['event'], body),
      );
      void peer.closed.then(() => {
        this.peer = null;
        this.emit('lost');
      });
      return peer;
    } catch (error) {
      this.peer = null;
      throw error;
    }
  }
}
