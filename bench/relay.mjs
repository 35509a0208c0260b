import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

// The minimum for reading a process's output through a hub: three node programs and two TCP connections.
// `node relay.mjs hub`, `drone PORT COMMAND…`, `client PORT`.

const SELF = fileURLToPath(import.meta.url);

/** Starts a hub and a drone that runs `command` for each client; returns the command line of a client. */
export async function startRelay(stage, command) {
  // Not at the top: the three programs themselves are plain JavaScript.
  const { Running } = await import('../test/fixtures/running.ts');
  const hub = Running.start([process.execPath, SELF, 'hub']);
  stage.later(() => hub.end());
  const [, clients, drones] = await hub.printed(/(\d+) (\d+)\n/);
  const drone = Running.start([process.execPath, SELF, 'drone', drones, ...command]);
  stage.later(() => drone.end());
  await drone.printed(/ready/);
  return [process.execPath, SELF, 'client', clients];
}

async function listen(serve) {
  const server = createServer(serve).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

/** A drone's first connection is for orders; each later one carries the output of one command. */
async function hub() {
  const waiting = [];
  let orders;
  const clients = await listen((client) => {
    waiting.push(client);
    orders.write('.');
  });
  const drones = await listen((drone) => {
    if (orders) drone.pipe(waiting.shift());
    else orders = drone;
  });
  console.log(clients, drones);
}

async function drone(port, file, ...args) {
  const orders = connect(port, '127.0.0.1');
  await once(orders, 'connect');
  orders.on('data', async () => {
    const output = connect(port, '127.0.0.1');
    await once(output, 'connect');
    spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] }).stdout.pipe(output);
  });
  console.log('ready');
}

function client(port) {
  connect(port, '127.0.0.1').pipe(process.stdout);
}

if (process.argv[1] === SELF) await { hub, drone, client }[process.argv[2]](...process.argv.slice(3));
