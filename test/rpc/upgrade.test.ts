import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { parseAddress } from '../../src/protocol/address.ts';
import { acceptOf } from '../../src/rpc/accept-key.ts';
import { type Upgraded, upgrade } from '../../src/rpc/upgrade.ts';
import { tcpServer } from '../fixtures/rpc-host.ts';

/** Asks a server that answers each request as `answer` says, in these pieces. */
async function asking(t: TestContext, answer: (key: string, socket: Socket) => string[]): Promise<Upgraded> {
  const server = await tcpServer((socket) =>
    socket.once('data', (request) => {
      const key = /sec-websocket-key: (.*)\r\n/.exec(String(request))?.[1] ?? '';
      const pieces = answer(key, socket);
      const next = () => {
        const piece = pieces.shift();
        if (piece !== undefined) socket.write(piece, 'latin1', () => setImmediate(next));
      };
      next();
    }),
  );
  t.after(() => server.end());
  const address = parseAddress(server.address);
  return upgrade(connect(address), { address, path: '/', headers: {} }, (upgraded) => {
    t.after(() => upgraded.stream.destroy());
    return upgraded;
  });
}

const agreed = (key: string, more = '') =>
  `HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nSec-WebSocket-Accept: ${acceptOf(key)}\r\n${more}\r\n`;

test('a server that agrees is taken at its word, however its answer is cut, and its first frame is kept', async (t) => {
  const { headers, head } = await asking(t, (key) => [
    ...`${agreed(key, 'Fleet-Version: 2.0.0\r\n')}`,
    '\x81\x02hi',
  ]);
  assert.equal(headers['fleet-version'], '2.0.0');
  assert.ok('\x81\x02hi'.startsWith(head.toString('latin1')));
  const whole = await asking(t, (key) => [`${agreed(key)}\x81\x02hi`]);
  assert.equal(whole.head.toString('latin1'), '\x81\x02hi');
});

test('a server that proves nothing, or agrees to more than it was asked, is not talked to', async (t) => {
  const table: [(key: string) => string, RegExp][] = [
    [(key) => agreed(`${key}x`), /Invalid Sec-WebSocket-Accept/],
    [(key) => agreed(key).replace('WebSocket', 'h2c'), /Invalid Upgrade/],
    [(key) => agreed(key, 'Sec-WebSocket-Extensions: permessage-deflate\r\n'), /none was offered/],
    [(key) => agreed(key, 'Sec-WebSocket-Protocol: soap\r\n'), /none was offered/],
  ];
  for (const [answer, message] of table)
    await assert.rejects(
      asking(t, (key) => [answer(key)]),
      { message },
    );
});

test('a refusal is read to its end, whether that is told before, in chunks, or by hanging up', async (t) => {
  const told = 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 5\r\n\r\n';
  await assert.rejects(
    asking(t, () => [told, 'no', ' no']),
    { code: 'EAUTH', message: 'no no' },
  );
  const chunked = 'HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n';
  await assert.rejects(
    asking(t, () => [chunked, '3\r\nyou\r\n', '0\r\n\r\n']),
    { message: 'you' },
  );
  const hangingUp = (head: string, body: string) => (_: string, socket: Socket) => {
    socket.end(head + body);
    return [];
  };
  await assert.rejects(asking(t, hangingUp(chunked, '3\r\nyou\r\n0\r\n\r\n')), {
    code: 'EFORBIDDEN',
    message: 'you',
  });
  await assert.rejects(asking(t, hangingUp('HTTP/1.1 503 Busy\r\n\r\n', 'later\nor never')), {
    code: 'ELIMIT',
    message: 'later',
  });
});

test('a server that hangs up, or speaks something else, is an error of the connection', async (t) => {
  await assert.rejects(
    asking(t, (_, socket) => {
      socket.end();
      return [];
    }),
    { message: 'socket hang up' },
  );
  await assert.rejects(
    asking(t, () => ['SSH-2.0-OpenSSH\r\n']),
    { code: 'HPE_INVALID_CONSTANT' },
  );
});
