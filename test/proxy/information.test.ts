import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type InformationEvent, request } from 'node:http';
import { test } from 'node:test';
import { informationText } from '../../src/proxy/information.ts';
import { instance, Proxied } from '../fixtures/proxied.ts';

const HINTS = { link: '</style.css>; rel=preload', 'x-hint': 'one' };

test('early hints and other informational answers reach the client before the answer', async (t) => {
  const one = await instance(t, '000001', (_, response) => {
    response.writeProcessing();
    response.writeEarlyHints(HINTS, () => response.end('done'));
  });
  const proxied = await Proxied.start(t, [one.endpoint]);
  const seen: [number, string | undefined, unknown][] = [];
  const sent = request({ port: proxied.port, host: '127.0.0.1', headers: { host: 'example.com' } }).end();
  sent.on('information', ({ statusCode, headers }: InformationEvent) =>
    seen.push([statusCode, String(headers['link']), headers['x-hint']]),
  );
  const [answer] = await once(sent, 'response');
  assert.equal(answer.statusCode, 200);
  assert.equal(String((await answer.toArray()).join('')), 'done');
  assert.deepEqual(seen, [
    [102, 'undefined', undefined],
    [103, HINTS.link, 'one'],
  ]);
  assert.equal((await proxied.ask()).body, 'done', 'requests after it are not disturbed');
});

test('a client of HTTP/1.0, which does not know of them, gets none', async (t) => {
  const one = await instance(t, '000001', (_, response) =>
    response.writeEarlyHints(HINTS, () => response.end('done')),
  );
  const proxied = await Proxied.start(t, [one.endpoint]);
  const answer = await proxied.raw('GET / HTTP/1.0\nHost: example.com\n\n');
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
  assert.doesNotMatch(answer, / 103 /);
});

test('what is about the connection to the instance stays there', () => {
  const rawHeaders = ['Link', '</a>', 'Connection', 'close', 'Link', '</b>', 'Transfer-Encoding', 'chunked'];
  assert.equal(
    informationText({ status: 103, reason: 'Early Hints', rawHeaders }),
    'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nLink: </b>\r\n\r\n',
  );
});
