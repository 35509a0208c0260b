import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { connect, createDrone, type Drone } from '../../src/index.ts';
import { ORDERS } from '../../src/protocol/orders.ts';
import type { Peer } from '../../src/rpc/peer.ts';
import { key } from '../fixtures/fake-drone.ts';
import { eventually, LocalFleet, processesOf, SECRET } from '../fixtures/local-fleet.ts';
import { RpcHost, tcpServer } from '../fixtures/rpc-host.ts';

// A hub may run commands on its drones: nothing protects them from that. It must not be able to end them, or to make
// a client hang.

const fleet = new LocalFleet();
let hub: RpcHost;
let drone: Drone;
let peer: Peer;
const lines: string[] = [];
const dir = `${fleet.dir}/web1`;
const WELCOME = { name: 'web1', deploy: [], watch: { all: false, ids: [], repos: [] } };

/** A real drone with a real process, which then meets another hub. */
before(async () => {
  await fleet.startHub();
  const first = await fleet.startDrone('web1');
  const client = await fleet.connect();
  const app = fleet.app('webapp', { 'a.txt': 'a' });
  await client.deploy({ dir: app });
  await client.spawn({ dir: app, command: ['sleep', '391'] });
  await first.close();
  hub = await new RpcHost({
    onPeer: (one) => {
      peer = one;
      one.serve(({ method }) => (method === 'join' ? WELCOME : null));
    },
  }).start();
  drone = await createDrone({ hub: hub.address, secret: SECRET, dir, log: (line) => lines.push(line) });
  await drone.connected;
});
after(async () => {
  await drone?.close();
  await hub?.end();
  await fleet.end();
});

const EVIL = [
  '',
  '__proto__',
  '../x',
  'x'.repeat(10_000),
  'a\0b',
  '\u001b[2J',
  'abcdef',
  'webapp',
  'c'.repeat(40),
];
const evil = fc.oneof(fc.constantFrom(...EVIL), fc.string(), fc.integer(), fc.constant(null), fc.jsonValue());
const keys = [
  'id',
  'ids',
  'repo',
  'commit',
  'command',
  'env',
  'key',
  'grace',
  'signal',
  'bytes',
  'at',
  'limit',
  'all',
  'end',
];

test("five hundred senseless orders are each answered, and the drone's process runs on", async () => {
  const order = fc.tuple(
    fc.constantFrom(...Object.keys(ORDERS), ...EVIL),
    fc.oneof(evil, fc.dictionary(fc.constantFrom(...keys), evil, { maxKeys: 8 })),
    fc.string(),
  );
  const [running] = processesOf(dir);
  assert.ok(running);
  for (const [method, params, body] of fc.sample(order, { numRuns: 500, seed: 20_260 }))
    await peer
      .call(method, params ?? null, 10_000, Buffer.from(body))
      .catch((error) => assert.ok(error.code, String(error)));
  assert.deepEqual(processesOf(dir), [running]);
  assert.equal(drone.running, 1);
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
});

test('valid orders that name unknown things fail one by one', async () => {
  const spec = {
    id: 'aaaaaa',
    key: key(),
    repo: 'nothing',
    commit: 'd'.repeat(40),
    command: ['true'],
    env: {},
  };
  await assert.rejects(peer.call('deploy', { repo: 'nothing', commit: 'd'.repeat(40) }), { code: /E/ });
  await assert.rejects(peer.call('spawn', spec), { code: /E/ });
  await assert.rejects(peer.call('exec.start', { ...spec, cwd: null, stdin: false, window: 1000 }), {
    code: /E/,
  });
  for (const [method, more] of Object.entries({
    stdin: { end: true },
    ack: { bytes: 1 },
    kill: { signal: null },
  }))
    peer.notify(`exec.${method}`, { id: 'aaaaaa', ...more });
  const { result } = await peer.call('stop', { ids: ['ffffff'], grace: 0 });
  assert.deepEqual((result as { stopped: string[] }).stopped, []);
  assert.equal(drone.running, 1);
});

test("the hub's welcome is checked: no name or commit that it makes up reaches the disk or git", async () => {
  const evilWelcomes = [
    { ...WELCOME, name: '../../etc' },
    { ...WELCOME, deploy: [{ repo: '../x', commit: 'c'.repeat(40) }] },
    { ...WELCOME, deploy: [{ repo: 'webapp', commit: '--upload-pack=touch pwned' }] },
  ];
  let turn = 0;
  const host = await new RpcHost({
    onPeer: (one) => one.serve(({ method }) => (method === 'join' ? evilWelcomes[turn++ % 3] : null)),
  }).start();
  const said: string[] = [];
  const evilDir = `${fleet.dir}/evil`;
  const fooled = await createDrone({
    hub: host.address,
    secret: SECRET,
    dir: evilDir,
    log: (line) => said.push(line),
  });
  try {
    await eventually(() => turn > 3, 'it dials again and again');
    assert.deepEqual(
      said.filter((line) => line.includes('connected to the hub')),
      [],
    );
    assert.ok(
      said.some((line) => /^the answer of the hub to join: /.test(line)),
      said.join(),
    );
    assert.ok(!existsSync(`${evilDir}/repos`));
    assert.doesNotMatch(readFileSync(`${evilDir}/drone.json`, 'utf8'), /etc/);
  } finally {
    await fooled.close();
    await host.end();
  }
});

test('a hub that welcomes with garbage is dialled again, and does not end the drone', async () => {
  const garbage: unknown[] = [null, 7, {}];
  let n = 0;
  let seenAll = () => {};
  const all = new Promise<void>((resolve) => {
    seenAll = resolve;
  });
  const odd = await new RpcHost({
    onPeer: (one) => {
      one.serve(({ method }) => {
        if (method !== 'join') return null;
        if (n >= garbage.length) seenAll();
        setTimeout(() => one.close(4000, 'again'), 20);
        return garbage[n++ % garbage.length];
      });
    },
  }).start();
  const other = await createDrone({ hub: odd.address, secret: SECRET, dir: `${fleet.dir}/web2` });
  try {
    await all;
  } finally {
    await other.close();
    await odd.end();
  }
});

test('a server that is not a hub is reported as such, in time', async () => {
  const table: [string, Parameters<typeof tcpServer>[0], string, RegExp][] = [
    ['nothing but silence', () => {}, 'ETIMEOUT', /no answer from the hub/],
    ['a byte now and then', (socket) => drip(socket), 'ETIMEOUT', /no answer from the hub/],
    ['somebody who hangs up', (socket) => socket.destroy(), 'ECONNECT', /cannot reach the hub/],
    ['a web server', (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nhello'), 'EPROTOCOL', /not a fleet hub/],
    ['a mail server', (socket) => socket.write('220 mail\r\n'), 'ECONNECT', /https|cannot reach/],
    [
      'endless headers',
      (socket) => socket.write(`HTTP/1.1 101 X\r\n${'a: b\r\n'.repeat(50_000)}`),
      'ECONNECT',
      /cannot reach/,
    ],
  ];
  for (const [what, serve, code, message] of table) {
    const server = await tcpServer(serve);
    try {
      await assert.rejects(
        connect({ hub: server.address, secret: SECRET, timeout: code === 'ETIMEOUT' ? 400 : 60_000 }),
        { code, message },
        what,
      );
    } finally {
      server.end();
    }
  }
  const mute = await new RpcHost({ onPeer: () => {} }).start();
  const client = await connect({ hub: mute.address, secret: SECRET, timeout: 60_000 });
  await assert.rejects(client.ps(), { message: /nothing is served/ });
  client.close();
  await mute.end();
});

/** An HTTP answer that never ends. */
function drip(socket: import('node:net').Socket): void {
  socket.write('HTTP/1.1 101 Switching Protocols\r\n');
  const timer = setInterval(() => socket.write('a: b\r\n'), 50);
  socket.once('close', () => clearInterval(timer));
}
