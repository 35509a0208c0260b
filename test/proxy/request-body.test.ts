import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { instance, Proxied } from '../fixtures/proxied.ts';

const HEAD = 'POST / HTTP/1.1\r\nHost: example.com\r\n';

test('what an instance does not want of a body is forgotten, and the connection of the client goes on', async (t) => {
  const one = await instance(t, '000001', (request, response) => {
    if (request.method === 'GET') response.end('next');
    else request.once('data', () => response.writeHead(413).end('enough'));
  });
  const proxied = await Proxied.start(t, [one.endpoint]);
  for (const framing of ['Content-Length: 8', 'Transfer-Encoding: chunked']) {
    const isChunked = framing.startsWith('T');
    const client = connect({ port: proxied.port, host: '127.0.0.1' }).setEncoding('latin1');
    client.write(`${HEAD}${framing}\r\n\r\n${isChunked ? '4\r\nbody\r\n' : 'body'}`);
    let heard = '';
    while (!heard.includes('enough')) heard += (await once(client, 'data'))[0];
    assert.match(heard, /^HTTP\/1\.1 413 /);
    client.write(isChunked ? '4\r\nrest\r\n0\r\n\r\n' : 'rest');
    client.write('GET / HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n');
    heard = '';
    for await (const text of client) heard += text;
    assert.match(heard, /^HTTP\/1\.1 200 .*next$/s, framing);
  }
});

test('an instance has the first part of a body before the client has sent the last one', async (t) => {
  let goOn = () => {};
  const one = await instance(t, '000001', async (request, response) => {
    request.once('data', () => goOn());
    let body = '';
    for await (const text of request.setEncoding('latin1')) body += text;
    response.end(body);
  });
  const proxied = await Proxied.start(t, [one.endpoint]);
  const client = connect({ port: proxied.port, host: '127.0.0.1' }).setEncoding('latin1');
  goOn = () => client.write('last');
  client.write(`${HEAD}Content-Length: 9\r\nConnection: close\r\n\r\nfirst`);
  let heard = '';
  for await (const text of client) heard += text;
  assert.match(heard, /firstlast$/);
});
