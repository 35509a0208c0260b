import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { parseNetworks } from '../system/networks.ts';
import type { Asked } from './asked.ts';
import { CHALLENGE_PATH } from './challenge-path.ts';
import { Handler } from './handler.ts';
import { listen } from './listen.ts';
import type { ProxyOptions } from './options.ts';
import { plainServer } from './server.ts';
import type { ShownCertificates } from './shown-certificates.ts';
import type { Table } from './table.ts';
import { tlsServer } from './tls-server.ts';

const ANSWER_WITHIN_MS = 60_000;
/** How soon certificates that were replaced are in use. */
const LOOK_AT_FILES_EVERY_MS = 10_000;
const HTTPS = 443;

/** What is behind the doors. */
interface Behind {
  table: Table;
  /** Null without TLS. */
  certificates: ShownCertificates | null;
}

/** Where requests come in. */
export interface Doors {
  port: number;
  tlsPort: number | null;
  /** Reads the certificates again. */
  reload(): void;
  /** Takes no new connections; resolves when none is left. */
  close(): Promise<void>;
  /** Ends those that are left. */
  cut(): void;
}

/** Listens, with and without TLS. Throws EINUSE, EUSAGE; it listens nowhere then. */
export async function openDoors(options: ProxyOptions, { table, certificates }: Behind): Promise<Doors> {
  const { answerWithinMs = ANSWER_WITHIN_MS, access, tls } = options;
  let tlsPort: number | null = null;
  const handler = new Handler({
    ...{ table, answerWithinMs, access },
    maxBodyBytes: options.maxBodyBytes ?? Number.POSITIVE_INFINITY,
    proxies: parseNetworks(options.trusted ?? []),
    redirect: (asked) => (certificates?.has(asked.host) ? secureUrl(asked, tlsPort ?? HTTPS) : null),
  });
  const servers: Server[] = [plainServer(handler)];
  const [plain] = servers;
  const secure = certificates && tlsServer(handler, certificates);
  if (secure) servers.push(secure);
  // A server forgets a connection that has asked for an upgrade.
  const connections = new Set<Socket>();
  for (const one of servers)
    one.on('connection', (socket: Socket) => {
      connections.add(socket);
      socket.once('close', () => connections.delete(socket));
    });
  const look = setInterval(() => certificates?.files.reloadIfChanged(), LOOK_AT_FILES_EVERY_MS).unref();
  const close = async () => {
    clearInterval(look);
    handler.end();
    await Promise.all(servers.map((one) => new Promise((resolve) => one.close(resolve))));
  };
  try {
    const port = await listen(plain as Server, options.listen);
    if (tls && secure) tlsPort = await listen(secure, tls.listen);
    const cut = () => {
      for (const socket of connections) socket.destroy();
    };
    return { port, tlsPort, reload: () => certificates?.files.reload(), close, cut };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Returns where a request without TLS is sent to; null for what has to be answered without. */
export function secureUrl({ host, path, target }: Asked, port: number): string | null {
  // An app may answer authorities itself.
  if (path.startsWith(CHALLENGE_PATH)) return null;
  return `https://${host}${port === HTTPS ? '' : `:${port}`}${target}`;
}
