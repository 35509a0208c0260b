import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const HOST = 'mixed.example.com';
const UPLOAD = Buffer.alloc(64 * 1024, 'x');
const PIECE = Buffer.alloc(256 * 1024, 'x');
/** Of what is sent in gigabytes, whoever reads it rests after so much, so that the other end has to wait. */
const REST_EVERY_BYTES = 4 * 1024 * 1024;
const REST_MS = 5;

/** A server with answers of all kinds: uploads, events, websockets, and as many bytes as one wants. Returns its port, by its host. */
export async function startMixed(stage) {
  const server = createServer((asked, response) => {
    const { pathname, searchParams } = new URL(asked.url, 'http://x');
    if (pathname === '/upload') void receive(asked).then((bytes) => response.end(String(bytes)));
    else if (pathname === '/events') void sendEvents(response);
    else if (pathname === '/bytes') void sendBytes(response, Number(searchParams.get('n')));
    // Whoever asks for anything else has gone before it is answered.
  });
  server.on('upgrade', (_, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    socket.on('error', () => {}).pipe(socket);
  });
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stage.later(() => void server.close().closeAllConnections());
  return { [HOST]: server.address().port };
}

async function sendEvents(response) {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  for (let n = 0; n < 5; n++) {
    response.write(`data: ${n}\n\n`);
    await sleep(5);
  }
  response.end();
}

async function sendBytes(stream, bytes) {
  for (let left = bytes; left > 0 && !stream.destroyed; left -= PIECE.length)
    if (!stream.write(left < PIECE.length ? PIECE.subarray(0, left) : PIECE)) await once(stream, 'drain');
  stream.end();
}

/** Reads a stream more slowly than it comes. Returns how many bytes there were. */
async function receive(stream) {
  let [bytes, since] = [0, 0];
  for await (const chunk of stream) {
    bytes += chunk.length;
    since += chunk.length;
    if (since < REST_EVERY_BYTES) continue;
    since = 0;
    await sleep(REST_MS);
  }
  return bytes;
}

/** Sends traffic of all kinds, a few at a time, until `isOver()`. Returns how much there was of each; throws if one fails. */
export async function mixedTraffic({ port, isOver }) {
  const agent = new Agent({ keepAlive: true });
  const counts = { uploads: 0, events: 0, websockets: 0, aborted: 0 };
  const one = async () => {
    while (!isOver()) {
      if ((await upload(port, agent, UPLOAD.length)) !== UPLOAD.length)
        throw new Error('an upload is not whole');
      counts.uploads++;
      if ((await events(port, agent)) !== 5) throw new Error('an event is missing');
      counts.events++;
      await websocket(port);
      counts.websockets++;
      await abort(port);
      counts.aborted++;
    }
  };
  await Promise.all([one(), one(), one(), one()]);
  agent.destroy();
  return counts;
}

const to = (port, path, more = {}) =>
  request({ host: '127.0.0.1', port, path, ...more, headers: { host: HOST, ...more.headers } });

async function answer(sent) {
  const [response] = await once(sent, 'response');
  if (response.statusCode !== 200) throw new Error(`answered ${response.statusCode}`);
  return response;
}

async function textOf(sent) {
  let text = '';
  for await (const chunk of await answer(sent)) text += chunk;
  return text;
}

/** Sends so many bytes; returns how many have arrived. */
export async function upload(port, agent, bytes) {
  const sent = to(port, '/upload', { method: 'POST', agent, headers: { 'content-length': bytes } });
  const [text] = await Promise.all([textOf(sent), sendBytes(sent, bytes)]);
  return Number(text);
}

/** Asks for so many bytes, and reads them slowly; returns how many have arrived. */
export async function download(port, bytes) {
  return receive(await answer(to(port, `/bytes?n=${bytes}`).end()));
}

async function events(port, agent) {
  return (await textOf(to(port, '/events', { agent }).end())).split('\n\n').length - 1;
}

async function websocket(port) {
  const sent = to(port, '/', { headers: { connection: 'Upgrade', upgrade: 'websocket' } }).end();
  const [, socket] = await once(sent, 'upgrade');
  socket.on('error', () => {}).write('hello');
  const [echo] = await once(socket, 'data');
  if (String(echo) !== 'hello') throw new Error(`came back: ${echo}`);
  socket.destroy();
}

async function abort(port) {
  const sent = to(port, '/never')
    .on('error', () => {})
    .end();
  await once(sent, 'finish');
  await sleep(5);
  sent.destroy();
}
