import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { commit, eventually } from '../fixtures/local-fleet.ts';
import { SECRET } from '../fixtures/real-fleet.ts';
import { stage } from '../fixtures/stage.ts';

const SERVER = `
const server = require('http').createServer((request, response) => {
  let bytes = 0;
  request.on('data', (piece) => (bytes += piece.length));
  request.on('end', () => setTimeout(() => response.end(bytes + ' v' + process.env.RELEASE), 300));
});
server.on('upgrade', (_, socket) => {
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n\\r\\n');
  socket.on('error', () => {}).pipe(socket);
});
server.listen(process.env.PORT);
process.on('SIGTERM', () => process.exit(0));
`;
const on = stage(['web1', 'web2'], {
  'server.js': SERVER,
  Procfile: 'web: node server.js\n',
  'fleet.toml': '[services.web]\ncount = 2\nhost = ["example.com"]\ndrain = "30s"\n',
});
const PIECES = 5;
const PIECE = Buffer.alloc(50_000, 'x');
const PIECE_EVERY_MS = 50;

const agent = new Agent({ keepAlive: true });
const to = (port: number, more: object = {}) =>
  request({
    agent,
    host: '127.0.0.1',
    port,
    ...more,
    headers: { host: 'example.com', ...Object(more).headers },
  });

async function textOf(sent: ReturnType<typeof to>): Promise<string> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const part of response) text += part;
  return `${response.statusCode} ${text}`;
}

/** Sends a body of unknown length, piece by piece. */
async function upload(port: number): Promise<string> {
  const sent = to(port, { method: 'POST' });
  const answered = textOf(sent);
  for (let n = 0; n < PIECES; n++) {
    sent.write(PIECE);
    await sleep(PIECE_EVERY_MS);
  }
  sent.end();
  return answered;
}

/** Has a websocket send back so many pieces. */
async function echoes(port: number): Promise<string> {
  const sent = to(port, { agent: false, headers: { connection: 'Upgrade', upgrade: 'websocket' } }).end();
  const [, socket] = (await once(sent, 'upgrade')) as [unknown, Socket];
  let text = '';
  for (let n = 0; n < PIECES; n++) {
    socket.write('x');
    const [echo] = await once(socket, 'data');
    text += echo;
    await sleep(PIECE_EVERY_MS);
  }
  socket.destroy();
  return text;
}

test('uploads, slow answers and websockets are not cut while releases and hubs come and go', async () => {
  const target = [`--hub=${on.fleet.address}`, `--secret=${SECRET}`];
  const proxy = on.fleet.startDaemon('proxy', ['proxy', '--listen=127.0.0.1:0', ...target]);
  const port = Number((await proxy.printed(/^proxy listening on :(\d+)$/m))[1]);
  assert.equal((await on.cli('up')).code, 0);
  await eventually(async () => (await textOf(to(port).end())).startsWith('200'), 'the first answer');
  const seen = new Set<string>();
  let isOver = false;
  const client = async (ask: () => Promise<string>) => {
    while (!isOver) seen.add(await ask().catch(String));
  };
  const clients = [() => upload(port), () => textOf(to(port).end()), () => echoes(port)].map(client);
  commit(on.app, { 'better.txt': '2' });
  const ups = [await on.cli('up'), await on.cli('rollback')];
  await on.hub.end();
  on.hub = await on.fleet.hub();
  await eventually(
    async () => (await on.cli('restart', '--service=web')).code === 0,
    'restarted by the new hub',
  );
  isOver = true;
  await Promise.all(clients);
  agent.destroy();
  assert.deepEqual(
    ups.map(({ code }) => code),
    [0, 0],
  );
  const sent = PIECES * PIECE.length;
  const right = [1, 2, 3, 4].flatMap((release) => [`200 ${sent} v${release}`, `200 0 v${release}`]);
  assert.deepEqual([...seen].sort(), [...right, 'x'.repeat(PIECES)].sort());
});
