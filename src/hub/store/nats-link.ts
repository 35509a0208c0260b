import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsConnection, ServerInfo } from '@nats-io/transport-node';
import { FleetError } from '../../protocol/errors.ts';
import { type DialOptions, dialled, type Engine, engineOver } from './nats-dial.ts';
import { clusterError, isPassing, isUnanswered, silence, UnansweredError } from './nats-errors.ts';
import { NatsPulse } from './nats-pulse.ts';
import { Patience } from './patience.ts';

/** What servers take if nothing else is configured. */
const DEFAULT_PAYLOAD_BYTES = 1_048_576;
/** So long something is asked again. */
const ASK_WITHIN_MS = 10_000;
/** While the engine is silent, there is time for one try, or for it to be reached again. */
const LEAST_MS = 500;
const ASK_AGAIN_AFTER_MS = 100;

export interface LinkOptions extends DialOptions {
  askWithinMs?: number;
}

type Heard = Pick<ServerInfo, 'max_payload' | 'version' | 'cluster' | 'connect_urls'>;

interface LinkEvents {
  /** There is a connection again: what came meanwhile was missed. */
  up: [];
  /** The connection is interrupted. */
  down: [];
}

/** The connection of a hub to NATS. The client gives a connection up in several cases; then there is another one. */
export class NatsLink extends EventEmitter<LinkEvents> {
  private engine: Engine | null = null;
  private current: NatsConnection | null = null;
  private heard: Heard = {
    max_payload: DEFAULT_PAYLOAD_BYTES,
    version: '',
  };
  private isClosed = false;
  private isDown = false;
  private readonly pulse = new NatsPulse();
  private readonly patience: Patience;

  private constructor(private readonly options: LinkOptions) {
    super();
    this.patience = new Patience(options.askWithinMs ?? ASK_WITHIN_MS, LEAST_MS);
    this.setMaxListeners(0);
  }

  /** Resolves once the engine is reached, however long that takes. Rejects with ECLUSTER if it does not let the hub in. */
  static async open(options: LinkOptions): Promise<NatsLink> {
    const link = new NatsLink(options);
    await link.dial();
    return link;
  }

  /** The addresses of its servers. */
  get where(): string {
    return this.options.servers.join(',');
  }

  /** How many servers the engine has, as far as this one knows. */
  get peers(): number {
    const { cluster, connect_urls: urls } = this.info;
    return cluster === undefined ? 1 : (urls?.length ?? 1);
  }

  /** The connection of the moment, which may be interrupted; null before the first. */
  get connection(): NatsConnection | null {
    return this.current;
  }

  /** Bytes that one message may have. */
  get maxPayloadBytes(): number {
    return this.info.max_payload;
  }

  /** Until when something that is asked now is asked again, by performance.now. */
  get deadline(): number {
    return this.patience.until(performance.now());
  }

  /** For how long the engine has answered nothing, in ms; null if it has answered what it was asked last. */
  get silentMs(): number | null {
    return this.patience.silentMs(performance.now());
  }

  /** Why nothing can be had from the engine at present, for people; null if it can. */
  get problem(): string | null {
    return this.silentMs === null ? null : silence(this.where);
  }

  /**
   * Asks the engine, again while it does not answer, until then. Rejects with ECLUSTER after that: then it is not known
   * whether it was done; with ECLOSED; and with an error of the engine's.
   */
  async ask<T>(act: (engine: Engine) => Promise<T>, until = this.deadline): Promise<T> {
    let problem: unknown = new UnansweredError('it has not answered others');
    while (performance.now() < until) {
      const { engine } = this;
      if (this.isClosed || !engine) throw new FleetError('ECLOSED', 'the hub is stopping');
      // What is sent while it is not reached would be done later, when nobody waits for it any more.
      if (!this.isDown) {
        try {
          const answer = await act(engine);
          this.patience.answered();
          return answer;
        } catch (error) {
          if (isUnanswered(error)) this.patience.unanswered(performance.now());
          else this.patience.answered();
          if (!isPassing(error)) throw error;
          problem = error;
          if (await this.isHeldUp()) break;
        }
      }
      await sleep(ASK_AGAIN_AFTER_MS);
    }
    throw clusterError(this.where, problem);
  }

  /** Resolves to true if the only server does not even answer a ping. One of several is left for another before long. */
  private async isHeldUp(): Promise<boolean> {
    const connection = this.current;
    if (!connection || this.isDown || Math.max(this.peers, this.options.servers.length) > 1) return false;
    return !(await this.pulse.isFelt(connection)) && !this.isDown;
  }

  /** What the server has said about itself; while there is no connection, what the last one has. */
  private get info(): Heard {
    this.heard = this.current?.info ?? this.heard;
    return this.heard;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.current?.close();
  }

  private async dial(): Promise<void> {
    const isWanted = () => !this.isClosed;
    const connection = await dialled(this.options, { isFirst: this.current === null, isWanted });
    if (!connection) return;
    this.engine = await engineOver(connection);
    this.current = connection;
    void this.listen(connection);
    void connection.closed().then(() => this.again());
  }

  private async again(): Promise<void> {
    if (this.isClosed) return;
    this.goDown();
    await this.dial();
    if (this.isClosed) return void this.current?.close();
    this.options.log(`connected to the cluster at ${this.where} again`);
    this.comeUp();
  }

  private goDown(): void {
    this.isDown = true;
    this.patience.unanswered(performance.now());
    this.emit('down');
  }

  private comeUp(): void {
    this.isDown = false;
    this.emit('up');
  }

  private async listen(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      // What is left of one that was given up says nothing about the next.
      if (this.isClosed || connection !== this.current) continue;
      if (status.type === 'disconnect') {
        this.options.log(`disconnected from the cluster at ${status.server}`);
        this.goDown();
      }
      if (status.type !== 'reconnect') continue;
      this.options.log(`connected to the cluster at ${status.server}`);
      this.comeUp();
    }
  }
}
