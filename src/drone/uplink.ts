import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HubTarget } from '../protocol/address.ts';
import type { Welcome } from '../protocol/drone-calls.ts';
import { FleetError, messageOf, stackOf } from '../protocol/errors.ts';
import { secretEndsText } from '../protocol/features.ts';
import type { Peer } from '../rpc/peer.ts';
import type { Credentials } from './credentials.ts';
import { comeHome } from './homecoming.ts';
import { HubChoice } from './hub-choice.ts';
import { dialHub, type HubConnection, leaveHub } from './hub-connection.ts';
import { HubReports } from './hub-reports.ts';
import { type Introduction, introductionFor } from './introduction.ts';
import { nextHubAfter, redialDelay, redialDelayOfSeveral } from './redial.ts';
import { RETURN_TIMES, type ReturnTimes } from './return-plan.ts';

/** A hub to which thousands come at once may take a while; one that is gone is noticed sooner. */
const JOIN_WITHIN_MS = 30_000;

export interface UplinkOptions {
  credentials: Pick<Credentials, 'target' | 'prove' | 'joined'>;
  /** What the drone says about itself, collected at each connection. */
  introduce(): Introduction;
  /** Serves the hub's calls on a new connection. */
  serve(peer: Peer): void;
  /** True while something runs that ends with the connection. */
  isBusy(): boolean;
  returnTimes?: ReturnTimes;
}

/** The drone's connection to its hub, or to one of several, redialled for as long as it takes. */
export class Uplink extends HubReports {
  private moving: Promise<boolean> | null = null;
  private leaving: HubConnection | null = null;
  private readonly stopped = new AbortController();
  private lastTrouble = '';
  private readonly start = randomBytes(16).toString('hex');
  private readonly hubs: HubChoice;
  private identity = '';

  constructor(private readonly options: UplinkOptions) {
    super();
    const identity = () => (this.identity ||= options.introduce().identity);
    this.hubs = new HubChoice(options.credentials, identity);
  }

  /** The hub that the drone is connected to, or was last. */
  get target(): HubTarget {
    return this.hubs.current;
  }

  /**
   * Dials until `close`. Throws EAUTH, EFORBIDDEN, EUSAGE or ECONFIG, but only before the first connection: then it can
   * never work. A drone that was let in before keeps trying: its hub may be misconfigured for a moment.
   */
  async run(): Promise<void> {
    const delay = this.hubs.isOnly ? redialDelay : redialDelayOfSeveral;
    let failures = 0;
    let everUp = false;
    while (!this.stopped.signal.aborted) {
      try {
        const connection = await this.connect(nextHubAfter(failures));
        everUp = true;
        failures = 0;
        const why = await this.untilLost(connection);
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
      await sleep(delay(failures++), undefined, { signal: this.stopped.signal }).catch(() => {});
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

  close(): void {
    this.stopped.abort();
    for (const { peer } of [...this.open(), ...(this.leaving ? [this.leaving] : [])])
      peer.close(1000, 'the drone is going away');
  }

  private async connect(nextAfterMs: number): Promise<HubConnection> {
    const connection = await this.dial(this.hubs.order(), nextAfterMs);
    const joined = this.join(connection);
    // From here on all changes are reported: they reach the hub after the join, which was complete when it was made.
    this.connection = connection;
    try {
      this.joined(connection, await joined);
      return connection;
    } catch (error) {
      this.connection = null;
      this.hubs.left(connection.target);
      connection.peer.close(1000, 'not joined');
      throw error;
    }
  }

  /** Connects to one of these hubs, and serves it. */
  private async dial(hubs: HubTarget[], nextAfterMs = nextHubAfter(0)): Promise<HubConnection> {
    const { credentials, serve } = this.options;
    const connection = await dialHub(hubs, credentials, nextAfterMs, (method, error) =>
      this.emit('trouble', `internal error in ${method}: ${stackOf(error)}`),
    );
    const { peer } = connection;
    const ends = secretEndsText(peer.features);
    if (ends !== null) this.emit('trouble', ends);
    if (this.stopped.signal.aborted) peer.close();
    serve(peer);
    return connection;
  }

  private async join({ peer, hub }: HubConnection): Promise<Welcome> {
    const introduction = introductionFor(peer, this.options.introduce(), this.start);
    return (await hub.call('join', introduction, { timeout: JOIN_WITHIN_MS })).result;
  }

  private joined(connection: HubConnection, welcome: Welcome): void {
    this.connection = connection;
    this.options.credentials.joined(welcome);
    this.hubs.joined(connection.target);
    this.lastTrouble = '';
    this.sendUntold();
    this.emit('up', welcome);
  }

  /** Resolves when there is no connection any more, of which it may have had several: it moves back to its own hub. */
  private async untilLost(connection: HubConnection): Promise<FleetError> {
    const over = new AbortController();
    if (!this.hubs.isHome) void this.comeHome(connection, over.signal);
    const why = await connection.peer.closed;
    over.abort();
    await this.moving;
    if (this.connection && this.connection !== connection) return this.untilLost(this.connection);
    this.connection = null;
    this.left();
    this.hubs.left(connection.target);
    return why;
  }

  private comeHome(from: HubConnection, signal: AbortSignal): Promise<void> {
    const { returnTimes: times = RETURN_TIMES } = this.options;
    const isBusy = () => this.options.isBusy() || from.peer.underWay > 0;
    const move = () => {
      this.moving = this.move(from, isBusy).catch(() => false);
      return this.moving;
    };
    return comeHome({ home: this.hubs.home.hub, isBusy, move, times }, signal);
  }

  /** Joins at the hub that it prefers, and leaves the other only then. */
  private async move(from: HubConnection, isBusy: () => boolean): Promise<boolean> {
    const next = await this.dial([this.hubs.home]);
    try {
      if (isBusy()) throw new FleetError('EBUSY', 'something has begun meanwhile');
      const joined = this.join(next);
      this.next = next;
      this.joined(next, await joined);
      this.leaving = from;
      void leaveHub(from);
      return true;
    } catch (error) {
      next.peer.close(1000, 'not joined');
      throw error;
    } finally {
      this.next = null;
    }
  }

  private trouble(error: unknown): void {
    const message = messageOf(error);
    if (message === this.lastTrouble) return;
    this.lastTrouble = message;
    this.emit('trouble', `${message}; trying again every few seconds`);
  }
}

function isFinal(error: unknown): boolean {
  return error instanceof FleetError && ['EAUTH', 'EFORBIDDEN', 'EUSAGE', 'ECONFIG'].includes(error.code);
}
