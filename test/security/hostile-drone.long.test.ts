import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Client } from '../../src/index.ts';
import { EXEC_WINDOW_BYTES } from '../../src/protocol/limits.ts';
import type { Incoming } from '../../src/rpc/incoming.ts';
import { FakeDrone, key, report } from '../fixtures/fake-drone.ts';
import { eventually, LocalFleet, SECRET } from '../fixtures/local-fleet.ts';
import { callFrame, METHODS, RawSocket } from '../fixtures/rpc-host.ts';

const fleet = new LocalFleet();
const lines: string[] = [];
const commit = 'c'.repeat(40);
let honest: FakeDrone;
let client: Client;
before(async () => {
  await fleet.startHub({ log: (line) => lines.push(line) });
  honest = await FakeDrone.join(fleet.address, SECRET, 'honest', [report('abcdef')]);
  client = await fleet.connect();
});
after(() => fleet.end());

const rogue = () => FakeDrone.join(fleet.address, SECRET, 'rogue');

test('a drone identifies itself first, once, and with a valid name', async () => {
  const drone = await FakeDrone.connect(fleet.address, SECRET);
  await assert.rejects(drone.peer.call('gone', { id: 'abcdef' }), {
    message: 'the first call of a drone must be join',
  });
  const odd = [
    '../x',
    '.git',
    '-x',
    'a/b',
    'x'.repeat(10_000),
    'a\0',
    'a\nb',
    'ｗｅｂ',
    '\u001b[2J',
    '__proto__',
    '',
    7,
    null,
    {},
  ];
  for (const name of odd)
    await assert.rejects(drone.joinAs(name), { code: 'EPROTOCOL' }, JSON.stringify(name));
  for (const identity of ['', 'x', '0'.repeat(33), `${'0'.repeat(31)}\n`])
    await assert.rejects(drone.joinAs('rogue', [], identity), { code: 'EPROTOCOL' });
  assert.equal((await drone.joinAs('rogue')).name, 'rogue');
  await assert.rejects(drone.joinAs('rogue'), { message: 'a drone joins only once' });
  drone.peer.notify('no-such-call', {});
  assert.match((await drone.peer.closed).message, /no such call/);
});

test('a drone cannot take the name or the processes of another', async () => {
  const drone = await FakeDrone.join(fleet.address, SECRET, 'honest', [report('abcdef', { repo: 'stolen' })]);
  await drone.tell('gone', { id: 'abcdef' });
  await drone.tell('changed', report('abcdef', { status: 'respawning' }));
  await drone.heard();
  const ps = await client.ps();
  assert.equal(ps['honest']?.processes['abcdef']?.status, 'running');
  assert.equal(ps['honest']?.processes['abcdef']?.repo, 'webapp');
  assert.equal(ps['honest-1']?.processes['abcdef']?.status, 'respawning', 'it speaks for itself only');
  drone.peer.close();
});

test('a drone can neither report on the execs of another nor end them', async () => {
  let id = '';
  honest.answer = ({ method, params }: Incoming) => {
    if (method === 'exec.start') id = (params as { id: string }).id;
    return null;
  };
  const exec = await client.exec({ repo: 'webapp', commit, drones: ['honest'], command: ['x'] });
  const drone = await rogue();
  await drone.tell('exec.output', { id, stream: 'stdout' }, 'evil');
  await drone.tell('exec.exit', { id, code: 1, signal: null });
  await drone.tell('exec.stdin-ack', { id, bytes: 1 });
  await drone.heard();
  await honest.tell('exec.output', { id, stream: 'stdout' }, 'good\n');
  await honest.tell('exec.exit', { id, code: 0, signal: null });
  const said: string[] = [];
  for await (const item of exec) said.push('bytes' in item ? String(item.bytes) : `exit ${item.code}`);
  assert.deepEqual(said, ['good\n', 'exit 0']);
  honest.answer = () => null;
  drone.peer.close();
});

test('an exec that prints beyond its window costs its drone the connection, and not its client', async () => {
  const drone = await rogue();
  let id = '';
  drone.answer = ({ method, params }: Incoming) => {
    if (method === 'exec.start') id = (params as { id: string }).id;
    return null;
  };
  const exec = await client.exec({ repo: 'webapp', commit, drones: [drone.name], command: ['x'] });
  const piece = 'x'.repeat(256 * 1024);
  for (let n = 0; n < 20 && n * piece.length <= 2 * EXEC_WINDOW_BYTES + piece.length; n++)
    await drone.tell('exec.output', { id, stream: 'stdout' }, piece);
  assert.match((await drone.peer.closed).message, /more output than was asked for/);
  let error: string | undefined;
  for await (const item of exec) if ('exited' in item) error = item.error;
  assert.match(error ?? '', /connection to the drone was lost/);
  assert.ok((await client.ps())['honest']);
});

test('a report of a hundred thousand processes, or with enormous commands, is rejected', async () => {
  const some = Array.from({ length: 13_000 }, (_, n) => report(n.toString(16).padStart(6, '0')));
  const many = await FakeDrone.join(fleet.address, SECRET, 'rogue', some);
  for (let n = 13_000; n < 20_100; n++) await many.tell('changed', report(n.toString(16).padStart(6, '0')));
  assert.match((await many.peer.closed).message, /more than 20000 processes/);
  const long = await rogue();
  for (let n = 0; n < 50; n++)
    await long.tell('changed', report(n.toString(16).padStart(6, '0'), { command: ['x'.repeat(130_000)] }));
  assert.match((await long.peer.closed).message, /too long/);
  assert.equal((await client.ps())['honest']?.lost, null);
});

test("a drone's reason for leaving cannot write arbitrary text to the log", async () => {
  const raw = await RawSocket.open(`ws://${fleet.address}/v1/drone`, SECRET);
  raw.send(METHODS, callFrame(1, 'join', { identity: key(), name: 'painter', processes: [] }));
  await raw.echoed();
  raw.socket.close(4000, 'bye\n\u001b[31mrefused 10.0.0.1: all is well\u009b');
  const line = await eventually(
    () => lines.find((one) => one.startsWith('lost drone painter')),
    'its end is logged',
  );
  assert.equal(line, 'lost drone painter: bye  [31mrefused 10.0.0.1: all is well');
});

/** Bytes of this process that are no garbage. */
function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { external, heapUsed } = process.memoryUsage();
  return external + heapUsed;
}

test('a hundred megabytes of output for a client that does not read cost the hub little', async () => {
  const slow = await RawSocket.open(`ws://${fleet.address}/v1/client`, SECRET);
  const all = { events: true, output: { all: true, ids: [], repos: [] }, drones: null };
  slow.send(METHODS, callFrame(1, 'subscribe', all));
  await slow.echoed();
  slow.socket.pause();
  const drone = await rogue();
  const before = memoryInUse();
  const body = `${'x'.repeat(1023)}\n`.repeat(256);
  for (let n = 0; n < 400; n++) {
    const from = n * body.length;
    const piece = { id: 'aaaaaa', repo: 'webapp', commit, from, to: from + body.length, time: 0, dropped: 0 };
    await drone.tell('output', piece, body);
    await drone.tell('event', {
      type: 'spawned',
      id: 'aaaaaa',
      repo: 'webapp',
      commit,
      command: [body.slice(0, 130_000)],
    });
  }
  await drone.heard();
  const bytes = memoryInUse() - before;
  assert.ok(bytes < 60_000_000, `grew by ${bytes} bytes`);
  slow.socket.terminate();
  drone.peer.close();
});
