import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { createServer, type Server } from 'node:tls';
import { connectPinned, publicKeyPin } from '../../src/rpc/pinned.ts';
import { selfSigned } from '../../src/system/self-signed.ts';
import { tcpServer } from '../fixtures/rpc-host.ts';

const otherKey = `sha256:${'0'.repeat(64)}`;

const never = new AbortController().signal;
const sockets: Socket[] = [];
let received = '';
let server: Server;
let certificate: X509Certificate;
let fingerprint: string;
before(async () => {
  const made = await selfSigned();
  certificate = new X509Certificate(made.cert);
  const publicKey = certificate.publicKey.export({ type: 'spki', format: 'der' });
  fingerprint = `sha256:${createHash('sha256').update(publicKey).digest('hex')}`;
  server = createServer(made, (socket) => {
    sockets.push(socket.on('error', () => {}));
    socket.on('data', (chunk) => {
      received += String(chunk);
      socket.write('hello');
    });
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
after(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

const address = () => ({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, secure: true });

test('a pin is the hash of the public key, as in curl and git', () => {
  assert.equal(Buffer.from(publicKeyPin(certificate), 'base64').toString('hex'), fingerprint.slice(7));
});

test('a hub with the pinned key is accepted, whatever else its certificate says', async () => {
  for (const pin of [fingerprint, fingerprint.toUpperCase().replace('SHA', 'sha')]) {
    const socket = await connectPinned(address(), pin, never);
    const answer = new Promise((resolve) => socket.once('data', (chunk) => resolve(String(chunk))));
    socket.write('secret');
    assert.equal(await answer, 'hello');
    socket.destroy();
  }
});

test('a hub with another key is not sent a single byte', async () => {
  received = '';
  const connected = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const refused = assert.rejects(connectPinned(address(), otherKey, never), {
    code: 'EAUTH',
    message: /another fingerprint/,
  });
  const socket = await connected;
  await Promise.all([refused, new Promise((resolve) => socket.once('close', resolve))]);
  assert.equal(received, '');
});

test('an invalid fingerprint is an error before anything is dialled', async () => {
  for (const wrong of ['', 'sha256:', 'sha1:00', otherKey.slice(1), `${otherKey}0`])
    await assert.rejects(connectPinned(address(), wrong, never), { code: 'EUSAGE' }, wrong);
});

test('a port without TLS, or without a listener, is ECONNECT', async () => {
  const plain = await tcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const port = Number(plain.address.split(':')[1]);
  try {
    await assert.rejects(connectPinned({ ...address(), port }, fingerprint, never), { code: 'ECONNECT' });
  } finally {
    plain.end();
  }
  await assert.rejects(connectPinned({ ...address(), port }, fingerprint, never), {
    code: 'ECONNECT',
    message: /nothing listens there/,
  });
});

test('an aborted attempt ends with the reason of its signal, and its socket is closed', async () => {
  let accepted = (_: Socket) => {};
  const isAccepted = new Promise<Socket>((resolve) => {
    accepted = resolve;
  });
  const mute = await tcpServer((socket) => accepted(socket));
  const deadline = new AbortController();
  try {
    const port = Number(mute.address.split(':')[1]);
    const attempt = connectPinned({ ...address(), port }, fingerprint, deadline.signal);
    const socket = await isAccepted;
    const closed = new Promise((resolve) => socket.resume().once('close', resolve));
    deadline.abort(Object.assign(new Error('too late'), { code: 'EWHATEVER' }));
    await assert.rejects(attempt, { code: 'ECONNECT', message: /too late/ });
    await closed;
  } finally {
    mute.end();
  }
});
