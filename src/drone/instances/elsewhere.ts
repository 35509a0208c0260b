import { listeners } from '../../system/listening.ts';
import { environmentOf, sessionOf } from '../../system/procfs.ts';
import { socketsOf } from '../../system/sockets.ts';

/** Returns that an instance listens on another port than its own; null if it does not, or if that cannot be seen. */
export function elsewhereText(name: string, port: number, pid: number): string | null {
  const inodes = new Set(sessionOf(pid).flatMap(socketsOf));
  const ports = listeners().flatMap((one) => (inodes.has(one.inode) ? [one.port] : []));
  const [other] = ports;
  if (other === undefined || ports.includes(port)) return null;
  const { PORT } = environmentOf(pid);
  if (PORT === String(other))
    return `${name} listens on :${other}, which its environment has as PORT, not on its own port ${port}; leave PORT out, or write port = ${other}`;
  return `${name} listens on :${other}, not on its $PORT ${port}; use process.env.PORT, or write port = ${other}`;
}
