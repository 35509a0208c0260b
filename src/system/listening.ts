import { readFileSync } from 'node:fs';

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
