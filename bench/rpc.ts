import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { dial } from '../src/rpc/dial.ts';
import { RpcServer } from '../src/rpc/server.ts';

// `rpc.ts fleet 1000000` makes that many calls over one fleet connection, `rpc.ts ws 1000000` echoes that many messages
// over a plain websocket. Both ends are in this process; 100 are in flight at any time.

const AT_ONCE = 100;
const PARAMS = { id: 'c0ffee', line: 'x'.repeat(60) };

/** One call and its answer, for as long as the process lives. */
type Call = () => Promise<unknown>;

async function fleetCalls(): Promise<Call> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const rpc = new RpcServer({ maxPending: 2 * AT_ONCE });
  server.on('upgrade', (request, socket, head) =>
    rpc.accept({ request, socket, head, address: '127.0.0.1', owner: null }, (peer) =>
      peer.serve(({ params }) => params),
    ),
  );
  const { port } = server.address() as AddressInfo;
  const target = { hub: `127.0.0.1:${port}` };
  const peer = await dial({ target, role: 'client', timeout: 5000, pingEvery: 5000, deadAfter: 60_000 });
  return () => peer.call('echo', PARAMS);
}

async function wsEchoes(): Promise<Call> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  await once(server, 'listening');
  server.on('connection', (socket) => socket.on('message', (data) => socket.send(String(data))));
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    perMessageDeflate: false,
  });
  await once(socket, 'open');
  const waiting: ((text: string) => void)[] = [];
  socket.on('message', (data) => waiting.shift()?.(String(data)));
  return () => {
    socket.send(JSON.stringify(PARAMS));
    return new Promise<string>((resolve) => waiting.push(resolve)).then((text) => JSON.parse(text));
  };
}

const heap = () => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
};

async function main([what, count]: string[]): Promise<void> {
  const call = await (what === 'fleet' ? fleetCalls() : wsEchoes());
  const many = async (calls: number) => {
    let left = calls;
    const from = performance.now();
    const caller = async () => {
      while (left-- > 0) await call();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, caller));
    return performance.now() - from;
  };
  await many(10_000);
  const before = heap();
  const tenths: number[] = [];
  for (let tenth = 0; tenth < 10; tenth++) tenths.push(await many(Number(count) / 10));
  const ms = tenths.reduce((sum, one) => sum + one, 0);
  const heapGrowth = heap() - before;
  process.stdout.write(JSON.stringify({ ms, firstTenth: tenths[0], lastTenth: tenths[9], heapGrowth }), () =>
    process.exit(),
  );
}

void main(process.argv.slice(2));
