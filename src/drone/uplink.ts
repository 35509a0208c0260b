import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HubTarget } from '../protocol/address.ts';
import type { Welcome } from '../protocol/answers.ts';
import { check } from '../protocol/check.ts';
import type { DroneParams } from '../protocol/drone-calls.ts';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { DEAD_AFTER, DEFAULT_TIMEOUT, PING_EVERY } from '../protocol/limits.ts';
import { WELCOME } from '../protocol/orders.ts';
import { dial } from '../rpc/dial.ts';
import type { Peer } from '../rpc/peer.ts';
import { type Backoff, backoffMs } from '../system/backoff.ts';

/** Spread so that drones do not come all at once. */
const REDIAL: Backoff = { firstMs: 250, longestMs: 30_000, spread: 0.5 };

/** Returns the milliseconds before the n-th redial, from 0. */
export function redialDelay(n: number, random: () => number = Math.random): number {
  return backoffMs(n, REDIAL, random);
}

export interface UplinkOptions {
  target: HubTarget;
  /** What the drone says of itself, anew at each connection. */
  introduce(): DroneParams['join'];
  /** Serves the hub's calls on a new connection. */
  serve(peer: Peer): void;
}

interface UplinkEvents {
  up: [Welcome];
  down: [];
  redial: [];
  /** The hub cannot be reached, or refuses: said once, until it changes. */
  trouble: [string];
  /** The hub will never let this drone in. */
  refused: [unknown];
}

/** The drone's connection to its hub: made again for as long as it takes. */
export class Uplink extends EventEmitter<UplinkEvents> {
  /** Null while there is no connection. */
  peer: Peer | null = null;
  private readonly stopped = new AbortController();
  private said = '';

  constructor(private readonly options: UplinkOptions) {
    super();
  }

  /**
   * Dials until `close`. Rejects only with EAUTH, EFORBIDDEN, EUSAGE or ECONFIG before the first connection: then it
   * can never work. A drone that was let in before goes on asking: its hub may have been set up wrongly for a moment.
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
        if (this.stopped.signal.aborted) return;
        this.emit('down');
        this.emit('redial');
        if (why.code === 'EPROTOCOL') this.trouble(why);
      } catch (error) {
        if (!everUp && isFinal(error)) {
          this.emit('refused', error);
          throw error;
        }
        this.trouble(error);
      }
      await this.pause(redialDelay(failures++));
    }
  }

  /** Tells the hub something; nothing happens while there is no connection. */
  notify(method: string, params: unknown, body?: Buffer): void {
    this.peer?.notify(method, params, body);
  }

  close(): void {
    this.stopped.abort();
    this.peer?.close(1000, 'the drone is going away');
  }

  private async connect(): Promise<Peer> {
    const { target, introduce, serve } = this.options;
    const peer = await dial({
      target,
      role: 'drone',
      timeout: DEFAULT_TIMEOUT,
      pingEvery: PING_EVERY,
      deadAfter: DEAD_AFTER,
    });
    if (this.stopped.signal.aborted) peer.close();
    serve(peer);
    const joined = peer.call('join', introduce(), DEFAULT_TIMEOUT);
    // From here on all that changes is told: the hub hears of it after the join, which was true when it was made.
    this.peer = peer;
    try {
      const welcome: Welcome = check(WELCOME, (await joined).result, 'join');
      this.said = '';
      this.emit('up', welcome);
      return peer;
    } catch (error) {
      this.peer = null;
      peer.close(1000, 'not joined');
      throw error;
    }
  }

  private trouble(error: unknown): void {
    const message = messageOf(error);
    if (message === this.said) return;
    this.said = message;
    this.emit('trouble', message);
  }

  private async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.stopped.signal }).catch(() => {});
  }
}

function isFinal(error: unknown): boolean {
  return error instanceof FleetError && ['EAUTH', 'EFORBIDDEN', 'EUSAGE', 'ECONFIG'].includes(error.code);
}
