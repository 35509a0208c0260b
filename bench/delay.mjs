import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** Another address of this machine, on which the relays listen: the same ports are the hub's on 127.0.0.1. */
export const FAR = '127.0.0.2';

/**
 * Relays a port of 127.0.0.1 at {@link FAR}, with a delay in each direction, as over a long line.
 */
export class Delay {
  #server;
  #sockets = new Set();

  static async open(stage, port, delayMs) {
    const delay = new Delay();
    delay.#server = createServer((near) => delay.#join(near, connect(port, '127.0.0.1'), delayMs));
    stage.later(() => delay.close());
    delay.#server.listen(port, FAR);
    await once(delay.#server, 'listening');
    return delay;
  }

  #join(near, far, delayMs) {
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.setNoDelay().on('error', () => {});
      socket.once('close', () => this.#sockets.delete(socket));
    }
    passOn(near, far, delayMs, 3 * delayMs);
    passOn(far, near, delayMs, 0);
  }

  async close() {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** `handshakeMs`: what the first bytes wait more, because the relay has answered a connection before its other end has. */
function passOn(from, to, delayMs, firstMs) {
  let notBefore = performance.now() + firstMs;
  const later = (work) => {
    const at = Math.max(notBefore, performance.now() + delayMs);
    notBefore = at;
    setTimeout(work, at - performance.now());
  };
  from.on('data', (chunk) => later(() => to.write(chunk)));
  from.once('end', () => later(() => to.end()));
  from.once('close', () => later(() => to.destroy()));
}
