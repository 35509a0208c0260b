import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type Arrival, verdict, whyNotArriving } from '../../../src/proxy/acme/arrival.ts';

const right = (address: string): Arrival => ({ address, status: 200, body: 'answer\n' });
const failed = (address: string, code: string): Arrival => ({
  address,
  error: Object.assign(new Error(`connect ${code}`), { code }),
});
const PATH = 'http://a.org/.well-known/acme-challenge/ does not lead here';

for (const [what, arrivals, why] of [
  ['the answer came back', [right('10.0.0.1')], null],
  ['it came back from each address', [right('10.0.0.1'), right('10.0.0.2')], null],
  ['this machine lacks IPv6', [right('10.0.0.1'), failed('::2', 'ENETUNREACH')], null],
  [
    'one address is somebody else',
    [right('10.0.0.1'), { address: '10.0.0.2', status: 404, body: '' }],
    `${PATH}: 10.0.0.2: status 404`,
  ],
  [
    'another answer came',
    [{ address: '10.0.0.1', status: 200, body: 'hello' }],
    `${PATH}: 10.0.0.1: another answer`,
  ],
  ['nobody listens', [failed('10.0.0.1', 'ECONNREFUSED')], `${PATH}: 10.0.0.1: connect ECONNREFUSED`],
  ['there is no way to any', [failed('::2', 'ENETUNREACH')], `${PATH}: ::2: connect ENETUNREACH`],
  ['there is no address', [], 'DNS has no address for a.org'],
] as [string, Arrival[], string | null][])
  test(`whether a challenge arrives: ${what}`, () => assert.equal(verdict('a.org', arrivals, 'answer'), why));

async function served(t: TestContext) {
  const asked: string[] = [];
  const server = createServer(({ url, headers }, response) => {
    asked.push(`${headers.host}${url}`);
    response.end('answer');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { asked, port: (server.address() as AddressInfo).port };
}

test('it is asked for as an authority does: by the name of the host, at its address', async (t) => {
  const { asked, port } = await served(t);
  const way = { port, addressesOf: async () => ['127.0.0.1'] };
  assert.equal(await whyNotArriving('a.org', { token: 'tok', answer: 'answer' }, way), null);
  assert.deepEqual(asked, ['a.org/.well-known/acme-challenge/tok']);
});

test('a name that DNS does not know is said', async () => {
  const way = { port: 1, addressesOf: () => Promise.reject(new Error('ENOTFOUND')) };
  const why = await whyNotArriving('a.org', { token: 'tok', answer: 'answer' }, way);
  assert.equal(why, 'DNS has no address for a.org');
});
