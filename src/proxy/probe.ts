import { connect } from 'node:net';

/** How long it may take until somebody answers. */
const WITHIN_MS = 1_000;

/** Connects to an address; returns what went wrong, or null. */
export function connectError({ address, port }: { address: string; port: number }): Promise<Error | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (error: Error | null) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(error);
    };
    const timer = setTimeout(() => end(new Error('no answer')), WITHIN_MS);
    socket.once('connect', () => end(null)).once('error', end);
  });
}
