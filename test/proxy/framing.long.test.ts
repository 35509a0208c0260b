import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { instance, Proxied } from '../fixtures/proxied.ts';

/** How long a connection may stay open that waits for the rest of a request. */
const PATIENCE_MS = 100;
const RUNS = 1_000;

/** Notes each request that was read to its end. */
const noting =
  (seen: string[]): RequestListener =>
  (request, response) => {
    let body = '';
    request.setEncoding('latin1').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      seen.push(`${request.method} ${request.url} ${JSON.stringify(body)}`);
      response.end('ok');
    });
    request.on('error', () => {});
  };

const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: example.com\r\n\r\n';
const line = (name: string, ...values: string[]) =>
  fc.constantFrom(...values.map((value) => `${name}${value}`));
const header = fc.oneof(
  line('Content-Length:', ' #', ' #', ' #', ' 0'),
  line('Connection:', ' Content-Length', ' Transfer-Encoding'),
  line('Transfer-Encoding:', ' chunked'),
  line('X:', ' y'),
  line('Content-Length:', ' 0', ' 3', ' 44', ' 3, 3', ' +3', ' 03', ' -1', '3 ', '\t3', ' 0x3', ''),
  line('Content-Length :', ' 3'),
  line('content_length:', ' 3'),
  line(
    'Transfer-Encoding:',
    ' chunked',
    ' Chunked',
    ' gzip, chunked',
    ' chunked, identity',
    ' x',
    '\x0bchunked',
    '',
  ),
  line('Transfer-Encoding :', ' chunked'),
  line(' Transfer-Encoding:', ' chunked'),
  line(
    'Connection:',
    ' close',
    ' keep-alive',
    ' Content-Length',
    ' Transfer-Encoding',
    ' Upgrade, HTTP2-Settings',
    ' host',
  ),
  line('Upgrade:', ' h2c', ' websocket', ' x'),
  line('Expect:', ' 100-continue', ' x'),
  line('Host:', ' example.com', ' example.com:80', ' other.com', ''),
  line('X:', ' y', ' \x00', ' \r y', ' é'),
  line('X', ''),
);
const body = fc.constantFrom(
  ...['', 'abc', '3\r\nabc\r\n0\r\n\r\n', '3;x=y\r\nabc\r\n0\r\nT: x\r\n\r\n', '3\nabc\n0\n\n', '0\r\n\r\n'],
  ...['0x3\r\nabc\r\n0\r\n\r\n', '-1\r\n\r\n', 'ffffffffffffffff1\r\nabc', '03\r\nabc\r\n0\r\n\r\n'],
  ...[SMUGGLED, `0\r\n\r\n${SMUGGLED}`, `3\r\nabc\r\n0\r\n\r\n${SMUGGLED}`, `abc${SMUGGLED}`],
);
const message = fc
  .record({
    method: fc.constantFrom('GET', 'GET', 'POST', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'get'),
    path: fc.constantFrom('/', '/', '/', '/a?b', '/a?b', '//', '/%00', '/a b', '*'),
    version: fc.constantFrom(
      'HTTP/1.1',
      'HTTP/1.1',
      'HTTP/1.1',
      'HTTP/1.1',
      'HTTP/1.1',
      'HTTP/1.0',
      'HTTP/1.1 ',
    ),
    headers: fc.array(header, { maxLength: 3 }),
    end: fc.constantFrom('\r\n', '\r\n', '\r\n', '\r\n', '\r\n', '\n'),
    body,
  })
  .map(({ method, path, version, headers, end, body }) => ({
    head: [`${method} ${path} ${version}`, 'Host: example.com', ...headers, '', ''].join(end),
    body,
  }));

/** Returns what is sent: `#` is the length of the body, and paths are those of this run only. */
function textOf(messages: readonly { head: string; body: string }[], run: number): string {
  const own = (text: string) => text.replaceAll(' /', ` /${run}/`);
  return messages
    .map(({ head, body }) => own(head).replaceAll('#', `${own(body).length}`) + own(body))
    .join('');
}

/** Sends bytes over a connection, and waits until nothing more comes back. */
function send(port: number, text: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', () => {}).on('close', () => resolve());
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.resume().write(Buffer.from(text, 'latin1'));
  });
}

test('whatever bytes come: an instance sees no request that is not one without the proxy', async (t) => {
  const [direct, behind]: [string[], string[]] = [[], []];
  const reference = createServer(noting(direct));
  await new Promise<void>((resolve) => reference.listen(0, '127.0.0.1', resolve));
  t.after(() => reference.close().closeAllConnections());
  const one = await instance(t, '000001', noting(behind));
  const proxied = await Proxied.start(t, [one.endpoint]);
  const { port } = reference.address() as AddressInfo;
  const texts: string[] = [];
  for (const messages of fc.sample(fc.array(message, { minLength: 1, maxLength: 3 }), RUNS)) {
    // A request may arrive when the next ones are sent.
    const text = textOf(messages, texts.length);
    texts.push(text);
    await Promise.all([send(port, text), send(proxied.port, text)]);
  }
  const left = [...direct];
  const odd = behind.filter((seen) => {
    const at = left.indexOf(seen);
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
  const causes = odd.map((seen) => [seen, texts[Number(/\d+/.exec(seen)?.[0])]]);
  assert.deepEqual(causes, []);
  assert.ok(behind.length > RUNS / 10, `${behind.length} requests went through`);
  assert.equal((await proxied.ask()).body, 'ok', 'and the proxy is well');
});
