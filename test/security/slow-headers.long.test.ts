import assert from 'node:assert/strict';
import { connect as connectTcp } from 'node:net';
import { after, before, test } from 'node:test';
import { LocalFleet } from '../fixtures/local-fleet.ts';

const fleet = new LocalFleet();
before(() => fleet.startHub());
after(() => fleet.end());

/** Sends a header that never ends, a letter at a time, until it is hung up on; gives how it was answered. */
function dawdle(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, '127.0.0.1');
    let answer = '';
    socket.write('GET /v1/client HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    const drip = setInterval(() => socket.write('x'), 200);
    socket.on('data', (text) => {
      answer += String(text);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(drip);
      resolve(answer);
    });
  });
}

test('connections whose headers never end are closed, on both ports, while others are served', async () => {
  const slow = Promise.all([fleet.hub.port, fleet.hub.gport].map(dawdle));
  const client = await fleet.connect();
  let over = false;
  void slow.then(() => {
    over = true;
  });
  let served = 0;
  while (!over) {
    assert.deepEqual(await client.ps(), {});
    served++;
    await new Promise((next) => setTimeout(next, 250));
  }
  assert.ok(served > 5);
  for (const answer of await slow) assert.match(answer, /^(HTTP\/1\.1 4\d\d |$)/);
});
