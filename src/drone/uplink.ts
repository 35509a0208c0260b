import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DRONE_CALLS,
  type DroneCall,
  type DroneCalls,
  type DroneParams,
  type Welcome,
} from '../protocol/drone-calls.ts';
import { FleetError, messageOf, stackOf } from '../protocol/errors.ts';
import type { DroneEvent } from '../protocol/events.ts';
import { secretEndsText } from '../protocol/features.ts';
import { DEAD_AFTER_MS, DEFAULT_TIMEOUT_MS, PING_EVERY_MS } from '../protocol/limits.ts';
import type { ProcessReport } from '../protocol/process.ts';
import { Caller } from '../rpc/calls.ts';
import { dial } from '../rpc/dial.ts';
import type { Peer } from '../rpc/peer.ts';
import { type Backoff, backoffMs } from '../system/backoff.ts';
import type { Credentials } from './credentials.ts';
import { type Introduction, introductionFor, reportFor } from './introduction.ts';

/** Events kept for the hub while it is away. */
const MAX_UNSENT_EVENTS = 1_000;
/** Five seconds at most, because a restarted hub waits for its drones. Spread so that they do not all come at once. */
const REDIAL: Backoff = { firstMs: 250, longestMs: 3_333, spread: 0.5 };

/** Returns the milliseconds before the n-th redial, from 0. */
export function redialDelay(n: number, random: () => number = Math.random): number {
  return backoffMs(n, REDIAL, random);
}

/** What a hub must name to be told something. */
const NEEDED = {
  job: 'apps',
  fetching: 'fetch-states',
  lags: 'fetch-states',
  machine: 'machine-use',
} as const;

export interface UplinkOptions {
  credentials: Pick<Credentials, 'target' | 'prove' | 'joined'>;
  /** What the drone says about itself, collected at each connection. */
  introduce(): Introduction;
  /** Serves the hub's calls on a new connection. */
  serve(peer: Peer): void;
}

interface UplinkEvents {
  up: [Welcome];
  down: [];
  redial: [];
  /** The hub cannot be reached, or refuses: emitted once, until the reason changes. */
  trouble: [string];
  /** The hub will never let this drone in. */
  refused: [unknown];
  /** The hub has another drone with the same identity. */
  duplicate: [];
}

/** The drone's connection to its hub, redialled for as long as it takes. */
export class Uplink extends EventEmitter<UplinkEvents> {
  /** Null while there is no connection. */
  peer: Peer | null = null;
  private hub: Caller<DroneCalls> | null = null;
  private isJoined = false;
  /** Events that happened while there was no connection. */
  private readonly unsent: DroneParams['event'][] = [];
  private readonly stopped = new AbortController();
  private lastTrouble = '';
  private readonly start = randomBytes(16).toString('hex');

  constructor(private readonly options: UplinkOptions) {
    super();
  }

  /**
   * Dials until `close`. Throws EAUTH, EFORBIDDEN, EUSAGE or ECONFIG, but only before the first connection: then it can
   * never work. A drone that was let in before keeps trying: its hub may be misconfigured for a moment.
   */
  async run(): Promise<void> {
    let failures = 0;
    let everUp = false;
    while (!this.stopped.signal.aborted) {
      try {
        const peer = await this.connect();
        everUp = true;
        failures = 0;
        const why = await peer.closed;
        this.peer = null;
        this.hub = null;
        this.isJoined = false;
        if (this.stopped.signal.aborted) return;
        this.emit('down');
        this.emit('redial');
        if (why.code === 'EPROTOCOL') this.trouble(why);
      } catch (error) {
        if (error instanceof FleetError && error.code === 'EDUPLICATE') this.emit('duplicate');
        if (!everUp && isFinal(error)) {
          this.emit('refused', error);
          throw error;
        }
        this.trouble(error);
      }
      await this.pause(redialDelay(failures++));
    }
  }

  /** Resolves with the first connection; rejects if the hub will never let this drone in. */
  first(): Promise<void> {
    const first = new Promise<void>((resolve, reject) => {
      this.once('up', () => resolve());
      this.once('refused', reject);
    });
    first.catch(() => {}); // Callers may wait for it, but don't have to.
    return first;
  }

  /** Notifies the hub; does nothing while there is no connection. */
  notify<K extends DroneCall>(method: K, params: DroneParams[K], body?: Buffer): void {
    this.hub?.notify(method, params, body);
  }

  /** Reports a process to the hub; does nothing while there is no connection, because the next `join` includes it. */
  report(report: ProcessReport): void {
    if (this.peer) this.notify('changed', reportFor(this.peer, report));
  }

  /** Reports something that not every hub takes; does nothing if this one does not, or without a connection. */
  inform<K extends keyof typeof NEEDED>(method: K, params: DroneParams[K]): void {
    if (this.peer?.features.has(NEEDED[method])) this.notify(method, params);
  }

  /** Reports an event to the hub, with its own time; without a connection, as soon as there is one. */
  event(event: DroneEvent): void {
    if (this.isJoined) return this.notify('event', event);
    if (this.unsent.push({ ...event, time: Date.now() }) > MAX_UNSENT_EVENTS) this.unsent.shift();
  }

  close(): void {
    this.stopped.abort();
    this.peer?.close(1000, 'the drone is going away');
  }

  private async connect(): Promise<Peer> {
    const { credentials, introduce, serve } = this.options;
    const peer = await dial({
      target: credentials.target,
      prove: credentials.prove,
      role: 'drone',
      timeout: DEFAULT_TIMEOUT_MS,
      pingEvery: PING_EVERY_MS,
      deadAfter: DEAD_AFTER_MS,
      onFault: (method, error) => this.emit('trouble', `internal error in ${method}: ${stackOf(error)}`),
    });
    const ends = secretEndsText(peer.features);
    if (ends !== null) this.emit('trouble', ends);
    if (this.stopped.signal.aborted) peer.close();
    serve(peer);
    const hub = new Caller(peer, DRONE_CALLS, 'the hub');
    const introduction = introductionFor(peer, introduce(), this.start);
    const joined = hub.call('join', introduction, { timeout: DEFAULT_TIMEOUT_MS });
    // From here on all changes are reported: they reach the hub after the join, which was complete when it was made.
    this.peer = peer;
    this.hub = hub;
    try {
      const { result } = await joined;
      credentials.joined(result);
      this.lastTrouble = '';
      this.isJoined = true;
      for (const event of this.unsent.splice(0)) hub.notify('event', event);
      this.emit('up', result);
      return peer;
    } catch (error) {
      this.peer = null;
      this.hub = null;
      peer.close(1000, 'not joined');
      throw error;
    }
  }

  private trouble(error: unknown): void {
    const message = messageOf(error);
    if (message === this.lastTrouble) return;
    this.lastTrouble = message;
    this.emit('trouble', `${message}; trying again every few seconds`);
  }

  private async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.stopped.signal }).catch(() => {});
  }
}

function isFinal(error: unknown): boolean {
  return error instanceof FleetError && ['EAUTH', 'EFORBIDDEN', 'EUSAGE', 'ECONFIG'].includes(error.code);
}
