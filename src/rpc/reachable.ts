import { connect } from 'node:net';
import { parseAddress } from '../protocol/address.ts';

const LOOK_MS = 5_000;

/** Resolves to whether something takes connections at the address of a hub. */
export function isReachable(hub: string, signal: AbortSignal): Promise<boolean> {
  const { host, port } = parseAddress(hub);
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (isThere: boolean) => {
      signal.removeEventListener('abort', away);
      socket.destroy();
      resolve(isThere);
    };
    const away = () => end(false);
    signal.addEventListener('abort', away, { once: true });
    socket.setTimeout(LOOK_MS, away).once('connect', () => end(true));
    socket.on('error', away);
  });
}
