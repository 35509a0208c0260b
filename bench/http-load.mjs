import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { quantile } from './statistics.mjs';

const BODY_BYTES = 1000;
const ANSWER = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${BODY_BYTES}\r\n\r\n${'x'.repeat(BODY_BYTES)}`,
);
const REQUEST = Buffer.from(
  'GET /a/path?with=query HTTP/1.1\r\nHost: example.com\r\nUser-Agent: bench\r\n\r\n',
);
const END = Buffer.from('\r\n\r\n');

/** A server that answers each request with 1 kB, and does as little as possible for that. Requests have no body. */
export async function startAnswering(stage) {
  const sockets = new Set();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    let seen = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
      for (let at = seen.indexOf(END); at !== -1; at = seen.indexOf(END)) {
        seen = seen.subarray(at + END.length);
        socket.write(ANSWER);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stage.later(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return server.address().port;
}

/**
 * Sends requests over connections that stay, one at a time over each. With `everyMs`, each connection sends its next one at
 * its time, also if that has come long ago: waiting counts. Returns the milliseconds that all took, and the 99th quantile
 * of one. Throws if an answer is not 200.
 */
export async function load({ port, requests, connections, everyMs = 0 }) {
  const times = [];
  let left = requests;
  const started = performance.now();
  const client = async (n) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    let due = performance.now() + (everyMs * n) / connections;
    while (left-- > 0) {
      if (everyMs > 0) {
        const wait = due - performance.now();
        if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
      }
      const asked = everyMs > 0 ? due : performance.now();
      due += everyMs;
      socket.write(REQUEST);
      await answer(socket);
      times.push(performance.now() - asked);
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, (_, n) => client(n)));
  return { ms: performance.now() - started, p99: quantile(times, 0.99) };
}

/** Resolves when one answer was read to its end. */
function answer(socket) {
  return new Promise((resolve, reject) => {
    let seen = 0;
    let head = -1;
    const failed = (error) => reject(error ?? new Error('the connection has ended'));
    const heard = (chunk) => {
      if (seen === 0 && !chunk.toString('latin1', 0, 12).endsWith(' 200'))
        return failed(new Error(`answered ${chunk.toString('latin1', 0, 100)}`));
      if (head === -1) head = seen + chunk.indexOf(END) + END.length;
      seen += chunk.length;
      if (seen < head + BODY_BYTES) return;
      socket.off('data', heard).off('error', failed).off('close', failed);
      resolve();
    };
    socket.on('data', heard).on('error', failed).on('close', failed);
  });
}
