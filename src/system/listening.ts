import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { FleetError } from '../protocol/errors.ts';
import { holderOf } from './sockets.ts';

/** TCP_LISTEN in /proc/net/tcp: see proc(5). */
const LISTEN = '0A';

/** A socket that listens, as the system lists it. */
export interface Listener {
  port: number;
  /** The number by which /proc/PID/fd names it. */
  inode: string;
}

/** Returns the TCP ports on which somebody listens, on any address of this machine; none without /proc. */
export function listeningPorts(): Set<number> {
  return new Set(listeners().map(({ port }) => port));
}

/** Returns true if somebody listens on a port, on any address of this machine. Without /proc, it tries to listen. */
export async function isTaken(port: number): Promise<boolean> {
  return existsSync('/proc/net/tcp') ? listeningPorts().has(port) : !(await canListen(port));
}

/** Throws EINUSE if somebody listens on a port. */
export async function demandFree(port: number): Promise<void> {
  if (!(await isTaken(port))) return;
  const inodes = listeners().flatMap((one) => (one.port === port ? [one.inode] : []));
  const holder = holderOf(new Set(inodes));
  const whom = holder === null ? '; fleet cannot see by whom' : ` by ${holder}`;
  throw new FleetError('EINUSE', `:${port} is taken on this machine${whom}`);
}

/** Returns true if nobody keeps this process from listening, on all addresses and on the machine's own. */
export async function canListen(port: number): Promise<boolean> {
  // Some systems let one listen on all addresses although another one listens on a single one.
  return (await canListenAt(port, '::')) && canListenAt(port, '127.0.0.1');
}

function canListenAt(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'EADDRINUSE'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Returns all TCP sockets that listen on this machine; none without /proc. */
export function listeners(): Listener[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) => parseListeners(read(path)));
}

/** Parses /proc/net/tcp or tcp6. */
export function parseListeners(text: string): Listener[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      if (state !== LISTEN) return [];
      return [{ port: Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16), inode }];
    });
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
