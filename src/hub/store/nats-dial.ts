import { setTimeout as sleep } from 'node:timers/promises';
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { FleetError } from '../../protocol/errors.ts';
import { clusterError, isRefused } from './nats-errors.ts';

/** Until a request counts as unanswered. */
const REQUEST_TIMEOUT_MS = 2_000;
const DIAL_AGAIN_AFTER_MS = 1_000;
/** A server that answers none of so many pings, as one that is held up, is left for another one. By default it would take six minutes. */
const PING_EVERY_MS = 1_000;
const MOST_UNANSWERED = 5;

export interface DialOptions {
  servers: readonly string[];
  /** The content of a file of credentials; null for none. */
  creds: Buffer | null;
  /** What the engine calls this connection. */
  name: string;
  log(line: string): void;
}

/**
 * Returns a connection, however long that takes; null once it is not wanted any more. The first one rejects with ECLUSTER if
 * the engine does not let the hub in, or does not encrypt; with ECONFIG if the credentials are none.
 */
export async function dialled(
  { servers, creds, name, log }: DialOptions,
  { isFirst, isWanted }: { isFirst: boolean; isWanted(): boolean },
): Promise<NatsConnection | null> {
  const where = servers.join(',');
  for (let tries = 0; isWanted(); tries++) {
    try {
      const connection = await connect({
        ...{ servers: [...servers], name, timeout: REQUEST_TIMEOUT_MS },
        ...{ pingInterval: PING_EVERY_MS, maxPingOut: MOST_UNANSWERED },
        ...{ maxReconnectAttempts: -1, reconnectTimeWait: 250, reconnectJitter: 250 },
        ...(creds && { authenticator: authenticatorOf(creds) }),
      });
      if (isEncrypted(connection, servers)) return connection;
      await connection.close();
      throw new FleetError(
        'ECLUSTER',
        `the cluster at ${where} does not encrypt; write nats:// if that is meant`,
      );
    } catch (error) {
      const isFinal = isRefused(error) || error instanceof FleetError;
      if (isFinal && isFirst) throw clusterError(where, error);
      if (tries === 0) log(`the cluster at ${where} is not reached; dialling until it is`);
    }
    await sleep(DIAL_AGAIN_AFTER_MS);
  }
  return null;
}

/** Throws ECONFIG. */
function authenticatorOf(creds: Buffer): ReturnType<typeof credsAuthenticator> {
  const authenticator = credsAuthenticator(creds);
  try {
    // The client reads them when a server asks for them, and takes what is wrong then for a server that is not reached.
    authenticator('nonce');
    return authenticator;
  } catch (cause) {
    const message =
      'the file of --cluster-creds has no credentials: those of a user, as nsc writes them, are a JWT and a seed';
    throw new FleetError('ECONFIG', message, { cause });
  }
}

/** What speaks JetStream over a connection. */
export interface Engine {
  js: JetStreamClient;
  jsm: JetStreamManager;
}

export async function engineOver(connection: NatsConnection): Promise<Engine> {
  const options = { timeout: REQUEST_TIMEOUT_MS };
  const jsm = await jetstreamManager(connection, { ...options, checkAPI: false });
  return { js: jetstream(connection, options), jsm };
}

/** False if TLS was asked for, which the client uses only if the server offers it, and the server does not. */
function isEncrypted({ info }: NatsConnection, servers: readonly string[]): boolean {
  const isAsked = servers.some((server) => server.startsWith('tls://'));
  return !isAsked || info?.tls_required === true || info?.tls_available === true;
}
