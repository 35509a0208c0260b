import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HubTarget } from '../protocol/address.ts';
import {
  type CheckedClientAnswers,
  CLIENT_CALLS,
  type ClientCall,
  type ClientParams,
} from '../protocol/client-calls.ts';
import { FleetError } from '../protocol/errors.ts';
import type { Feature, PeerFeatures } from '../protocol/features.ts';
import { hubsOf } from '../protocol/hub-list.ts';
import { DEFAULT_TIMEOUT_MS } from '../protocol/limits.ts';
import { NOTICES, type Notice, type NoticeCalls, type Notices } from '../protocol/notices.ts';
import { Caller, type CheckedAnswer, dispatcher, type Handlers } from '../rpc/calls.ts';
import { dialAny } from '../rpc/dial-any.ts';
import { type Backoff, backoffMs } from '../system/backoff.ts';
import { monotonicMs } from '../system/monotonic.ts';
import { HubRing } from './hub-ring.ts';
import type { Listener } from './listener.ts';
import { isPassing, isRefused } from './passing.ts';
import { type Connection, identityOf, Subscriptions } from './subscriptions.ts';
import type { ConnectOptions } from './types.ts';

type NoticeListeners = { [K in keyof Notices]: [params: Notices[K], body: Buffer] };

const REDIAL: Backoff = { firstMs: 100, longestMs: 2_000, spread: 0.5 };

/** Those who have lost their hub come to the next one within this time. */
const SPREAD_MS = 1_000;

/** The share of the timeout for which a hub that refuses connections is taken for one that is starting again. */
const STARTING_SHARE = 1 / 4;

/**
 * A client's connection to its hub, or to one of several. Notices from the hub are emitted under their names. A broken
 * connection is dialled again the next time it is needed, at the next hub.
 */
export class Link extends EventEmitter<NoticeListeners & { lost: [] }> {
  readonly timeout: number;
  private connection: Promise<Connection> | null = null;
  private readonly hubs: HubRing;
  private ended = false;
  private readonly wanted = new Subscriptions();
  /** The hub whose numbers events have: the one that it is connected to, or was last. */
  numbering: string | null = null;

  /** Throws EUSAGE if the address is not one, or not a list of them. */
  constructor(
    readonly options: ConnectOptions,
    random: () => number = Math.random,
  ) {
    super();
    this.setMaxListeners(0);
    this.hubs = new HubRing(hubsOf(options), random);
    this.timeout = options.timeout ?? DEFAULT_TIMEOUT_MS;
  }

  /**
   * Connects, unless it is connected. A hub that refuses connections may be starting again: it is dialled for a moment
   * longer. Rejects as `dial` does.
   */
  async connect(): Promise<void> {
    const until = monotonicMs() + this.timeout * STARTING_SHARE;
    for (;;) {
      try {
        await this.connected();
        return;
      } catch (error) {
        if (!isRefused(error) || monotonicMs() + REDIAL.firstMs > until) throw error;
        await sleep(REDIAL.firstMs);
      }
    }
  }

  /** Returns the hub that it is connected to. */
  async hub(): Promise<HubTarget> {
    return (await this.connected()).hub;
  }

  /** What the hub has named. */
  async features(): Promise<PeerFeatures> {
    return (await this.connected()).peer.features;
  }

  /** Throws EPROTOCOL if the hub lacks a feature: `lack` says what such a hub does not do. */
  async demand(feature: Feature, lack: string): Promise<void> {
    const features = await this.features();
    if (features.has(feature)) return;
    throw new FleetError('EPROTOCOL', `the hub runs fleet ${features.version}, which ${lack}`);
  }

  /** Makes a call that must not be repeated. Throws ECLOSED if the connection breaks. */
  async callOnce<K extends ClientCall>(
    method: K,
    params: ClientParams[K],
  ): Promise<CheckedAnswer<CheckedClientAnswers[K]>> {
    return (await this.connected()).caller.call(method, params) as Promise<
      CheckedAnswer<CheckedClientAnswers[K]>
    >;
  }

  /**
   * Makes a call that is safe to repeat: if the connection breaks, it is made again over a new one until the timeout has
   * passed. While the hub shows signs of life it waits without a limit, since a big deploy takes its time. A repeated call
   * carries `whenRepeated` as well, and its answer says that it was repeated.
   */
  async call<K extends ClientCall>(
    method: K,
    params: ClientParams[K],
    whenRepeated: Partial<ClientParams[K]> = {},
  ): Promise<CheckedAnswer<CheckedClientAnswers[K]> & { isRepeated: boolean }> {
    await this.connect();
    let givenUp = 0;
    for (let failures = 0; ; failures++) {
      try {
        const answer = await this.callOnce(method, failures === 0 ? params : { ...params, ...whenRepeated });
        return { ...answer, isRepeated: failures > 0 };
      } catch (error) {
        if (this.ended || !isPassing(error)) throw error;
        givenUp ||= monotonicMs() + this.timeout;
        const delay = backoffMs(failures, REDIAL);
        if (monotonicMs() + delay > givenUp) throw error;
        await sleep(delay);
      }
    }
  }

  /** Subscribes to events and output. The connection has one subscription, so what others asked for arrives here too. */
  subscribe(wanted: Listener): Promise<CheckedClientAnswers['subscribe']> {
    return this.wanted.add(wanted, () => this.connected());
  }

  /** Withdraws a subscription. */
  unsubscribe(wanted: Listener): void {
    if (!this.wanted.remove(wanted)) return;
    this.connection?.then((connection) => this.wanted.tell(connection)).catch(() => {});
  }

  /** Sends a notification. */
  async notify<K extends ClientCall>(method: K, params: ClientParams[K], body?: Buffer): Promise<void> {
    (await this.connected()).caller.notify(method, params, body);
  }

  /** Dials until it is connected. Rejects only if it never can be, or if the signal aborts. */
  async reconnect(signal?: AbortSignal): Promise<void> {
    if (this.hubs.size > 1) await pause(SPREAD_MS * Math.random(), signal);
    for (let failures = 0; ; failures++) {
      try {
        await this.connected();
        return;
      } catch (error) {
        if (this.ended || !isPassing(error)) throw error;
        await pause(backoffMs(failures, REDIAL), signal);
      }
    }
  }

  close(): void {
    this.ended = true;
    this.connection?.then(({ peer }) => peer.close()).catch(() => {});
  }

  private connected(): Promise<Connection> {
    if (this.ended) return Promise.reject(new FleetError('ECLOSED', 'this client was closed'));
    this.connection ??= this.dial();
    return this.connection;
  }

  private async dial(): Promise<Connection> {
    const { timeout } = this;
    try {
      const beats = { pingEvery: Math.max(50, timeout / 3), deadAfter: timeout };
      const dialled = await dialAny(this.hubs.order(), { role: 'client', timeout, ...beats });
      const { peer, hub } = dialled;
      this.numbering = identityOf(dialled);
      const dispatch = dispatcher(NOTICES, this.emitters());
      // A newer hub may send notices that this client does not know.
      peer.serve((incoming) => (Object.hasOwn(NOTICES, incoming.method) ? dispatch(incoming) : null));
      void peer.closed.then(() => {
        this.connection = null;
        this.hubs.lost(hub);
        this.emit('lost');
      });
      return { ...dialled, caller: new Caller(peer, CLIENT_CALLS, 'the hub') };
    } catch (error) {
      this.connection = null;
      throw error;
    }
  }

  private emitters(): Handlers<NoticeCalls> {
    const names = Object.keys(NOTICES) as Notice[];
    const emitter = (name: Notice) => (params: Notices['event'], body: Buffer) =>
      void this.emit(name as 'event', params, body);
    return Object.fromEntries(names.map((name) => [name, emitter(name)])) as unknown as Handlers<NoticeCalls>;
  }
}

const pause = (ms: number, signal?: AbortSignal) => sleep(ms, undefined, signal ? { signal } : {});
