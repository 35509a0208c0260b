import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { HubAddress } from '../../src/protocol/address.ts';
import { askChallenge } from '../../src/rpc/challenge.ts';

/** Something that answers 401 with these headers. */
async function host(t: TestContext, headers: Record<string, string>) {
  const asked: unknown[] = [];
  const server = createServer((request, response) => {
    asked.push([request.method, request.url, request.headers.authorization]);
    response.writeHead(401, headers).end('no\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return {
    asked,
    address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port, secure: false },
  };
}

const ask = (address: HubAddress) =>
  askChallenge(connect(address), address, '/v1/drone', {}, new AbortController().signal);

test('a hub is asked for a nonce, with nothing secret', async (t) => {
  const { asked, address } = await host(t, { 'WWW-Authenticate': 'Fleet-Drone nonce="1.2.x"' });
  const at = `http://127.0.0.1:${address.port}`;
  assert.deepEqual(await ask(address), {
    nonce: '1.2.x',
    at,
    tls: null,
  });
  assert.deepEqual(asked, [['GET', '/v1/drone', 'Fleet-Drone']]);
});

test('a hub that knows no keys of drones is an older one', async (t) => {
  const { address } = await host(t, { 'WWW-Authenticate': 'Basic realm="fleet"' });
  await assert.rejects(ask(address), {
    code: 'EPROTOCOL',
    message: /this hub is older.*give --secret/,
  });
});

test('where nothing listens, that is said', async (t) => {
  const { address } = await host(t, {});
  await assert.rejects(ask({ ...address, port: 1 }), {
    code: 'ECONNECT',
  });
});
