import { once } from 'node:events';
import { createServer } from 'node:net';

/** Returns a loopback port that was free a moment ago, for a program that cannot choose one itself. */
export async function freePort() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
