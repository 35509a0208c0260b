import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** Sends a byte to a server on loopback and back, over an existing connection. */
export class RoundTrip {
  #socket;

  static async open(stage) {
    const server = createServer((socket) => socket.pipe(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const trip = new RoundTrip();
    trip.#socket = connect(server.address().port, '127.0.0.1');
    await once(trip.#socket, 'connect');
    stage.later(() => {
      trip.#socket.destroy();
      server.close();
    });
    return trip;
  }

  async once() {
    this.#socket.write('.');
    await once(this.#socket, 'data');
  }
}
