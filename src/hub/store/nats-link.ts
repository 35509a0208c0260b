import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, credsAuthenticator, type NatsConnection, type ServerInfo } from '@nats-io/transport-node';
import { FleetError } from '../../protocol/errors.ts';
import { clusterError, isPassing, isRefused, UnansweredError } from './nats-errors.ts';

/** What servers take if nothing else is configured. */
const DEFAULT_PAYLOAD_BYTES = 1_048_576;
/** Until a request counts as unanswered. */
const REQUEST_TIMEOUT_MS = 2_000;
/** So long something is asked again. */
const ASK_WITHIN_MS = 10_000;
const ASK_AGAIN_AFTER_MS = 100;
const DIAL_AGAIN_AFTER_MS = 1_000;
/** A link that is half open is noticed after two of these. By default it would be two minutes each. */
const PING_EVERY_MS = 10_000;

export interface LinkOptions {
  servers: readonly string[];
  /** The content of a file of credentials; null for none. */
  creds: Buffer | null;
  /** What the engine calls this connection. */
  name: string;
  log(line: string): void;
  askWithinMs?: number;
}

/** What speaks JetStream over the connection of the moment. */
export interface Engine {
  js: JetStreamClient;
  jsm: JetStreamManager;
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

  private constructor(private readonly options: LinkOptions) {
    super();
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
    return performance.now() + (this.options.askWithinMs ?? ASK_WITHIN_MS);
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
      try {
        return await act(engine);
      } catch (error) {
        if (!isPassing(error)) throw error;
        problem = error;
      }
      await sleep(ASK_AGAIN_AFTER_MS);
    }
    throw clusterError(this.where, problem);
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
    const connection = await this.dialled();
    if (!connection) return;
    const options = { timeout: REQUEST_TIMEOUT_MS };
    this.engine = {
      js: jetstream(connection, options),
      jsm: await jetstreamManager(connection, { ...options, checkAPI: false }),
    };
    this.current = connection;
    void this.listen(connection);
    void connection.closed().then(() => this.again());
  }

  /** Returns a connection; null if the link was closed meanwhile. */
  private async dialled(): Promise<NatsConnection | null> {
    const { servers, creds, name, log } = this.options;
    for (let isFirst = true; !this.isClosed; isFirst = false) {
      try {
        const connection = await connect({
          ...{ servers: [...servers], name, timeout: REQUEST_TIMEOUT_MS, pingInterval: PING_EVERY_MS },
          ...{ maxReconnectAttempts: -1, reconnectTimeWait: 250, reconnectJitter: 250 },
          ...(creds && { authenticator: credsAuthenticator(creds) }),
        });
        if (isEncrypted(connection, servers)) return connection;
        await connection.close();
        throw new FleetError(
          'ECLUSTER',
          `the cluster at ${this.where} does not encrypt; write nats:// if that is meant`,
        );
      } catch (error) {
        const isFinal = isRefused(error) || error instanceof FleetError;
        if (isFinal && !this.current) throw clusterError(this.where, error);
        if (isFirst) log(`the cluster at ${this.where} is not reached; dialling until it is`);
      }
      await sleep(DIAL_AGAIN_AFTER_MS);
    }
    return null;
  }

  private async again(): Promise<void> {
    if (this.isClosed) return;
    this.emit('down');
    await this.dial();
    if (this.isClosed) return void this.current?.close();
    this.options.log(`connected to the cluster at ${this.where} again`);
    this.emit('up');
  }

  private async listen(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (this.isClosed) continue;
      if (status.type === 'disconnect') {
        this.options.log(`disconnected from the cluster at ${status.server}`);
        this.emit('down');
      }
      if (status.type !== 'reconnect') continue;
      this.options.log(`connected to the cluster at ${status.server}`);
      this.emit('up');
    }
  }
}

/** False if TLS was asked for, which the client uses only if the server offers it, and the server does not. */
function isEncrypted({ info }: NatsConnection, servers: readonly string[]): boolean {
  const isAsked = servers.some((server) => server.startsWith('tls://'));
  return !isAsked || info?.tls_required === true || info?.tls_available === true;
}
