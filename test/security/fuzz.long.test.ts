import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect as connectSocket } from 'node:net';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { Client } from '../../src/index.ts';
import { CLIENT_CALLS } from '../../src/protocol/client-calls.ts';
import { DRONE_CALLS } from '../../src/protocol/drone-calls.ts';
import { FakeDrone, key, report } from '../fixtures/fake-drone.ts';
import { eventually, LocalFleet, SECRET } from '../fixtures/local-fleet.ts';
import { callFrame, METHODS, RawSocket } from '../fixtures/rpc-host.ts';

const SEED = 20_260;
const fleet = new LocalFleet();
const lines: string[] = [];
let witness: Witness;

/** A second client, which looks all the while whether service goes on, and its drone, which must stay. */
class Witness {
  looks = 0;
  private readonly failures: unknown[] = [];
  private isOver = false;
  private readonly watching: Promise<void>;

  constructor(private readonly client: Client) {
    this.watching = this.watch();
  }

  async end(): Promise<void> {
    this.isOver = true;
    await this.watching;
    this.client.close();
    assert.deepEqual(this.failures, []);
    assert.ok(this.looks > 10, `looked ${this.looks} times`);
  }

  private async watch(): Promise<void> {
    while (!this.isOver) {
      try {
        const { honest } = await this.client.ps();
        assert.deepEqual(Object.keys(honest?.processes ?? {}), ['abcdef']);
        assert.equal(honest?.lost, null);
        this.looks++;
      } catch (error) {
        this.failures.push(error);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

before(async () => {
  await fleet.startHub({ log: (line) => lines.push(line) });
  await FakeDrone.join(fleet.address, SECRET, 'honest', [report('abcdef')]);
  witness = new Witness(await fleet.connect());
});
after(() => fleet.end());

const open = (role: 'client' | 'drone') => RawSocket.open(`ws://${fleet.address}/v1/${role}`, SECRET);

function isUnpolluted(): void {
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  assert.equal(('' as unknown as Record<string, unknown>)['polluted'], undefined);
  for (const prototype of [Object, Array, String, Function, Number].map((one) => one.prototype)) {
    assert.deepEqual(Object.keys(prototype), []);
    assert.ok(!Object.hasOwn(prototype, 'call') || prototype === Function.prototype);
  }
}

/** Paths to prototypes, where dnode would write. */
const PATHS = [
  ['__proto__', 'polluted'],
  ['0', '__proto__', 'polluted'],
  ['constructor', 'prototype', 'polluted'],
  ['0', 'constructor', 'prototype', 'polluted'],
  ['0', 'call', '__proto__', 'polluted'],
  ['0', 'call', 'constructor', 'prototype', 'polluted'],
  ['1', 'constructor', 'prototype', 'polluted'],
  ['1', '__proto__', 'polluted'],
];
const POISONS = [
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '[{"__proto__":{"polluted":1}}]',
];

function pollution(): (string | Buffer)[] {
  const frames: (string | Buffer)[] = [];
  for (const path of PATHS) {
    for (const method of ['methods', 'cull', 0, 1, '__proto__', 'constructor']) {
      for (const args of [[{ call: 1, reply: 2 }], [1, 'ps', '{}'], ['x', 'y', 'z']]) {
        const link = { from: ['0'], to: path };
        frames.push(JSON.stringify({ method, arguments: args, callbacks: { 7: path }, links: [link] }));
        frames.push(
          `{"__proto__":{"polluted":1},${JSON.stringify({ method, arguments: args, links: [link] }).slice(1)}`,
        );
      }
    }
  }
  for (const poison of POISONS) {
    for (const method of [
      ...Object.keys(CLIENT_CALLS),
      ...Object.keys(DRONE_CALLS),
      '__proto__',
      'constructor',
      'toString',
    ])
      frames.push(callFrame(5, method, poison, poison));
  }
  return frames;
}

test('no message pollutes a prototype, neither as the first nor after a proper start', async () => {
  const frames = pollution();
  assert.ok(frames.length > 300);
  for (const [n, frame] of frames.entries()) {
    const raw = await open(n % 2 ? 'client' : 'drone');
    if (n % 3) raw.send(METHODS);
    raw.send(frame);
    await raw.echoed();
    raw.socket.terminate();
  }
  isUnpolluted();
});

test('messages of an unauthenticated peer are ignored', async () => {
  const port = fleet.hub.port;
  for (const frame of pollution().slice(0, 40)) {
    const socket = connectSocket(port, '127.0.0.1').on('error', () => {});
    const answered = new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (chunk) => {
        text += String(chunk);
      });
      socket.on('close', () => resolve(text));
    });
    const payload = Buffer.from(frame);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(payload.length);
    socket.write(
      'GET /v1/client HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    socket.write(Buffer.concat([Buffer.from([0x81, 0xfe]), length, Buffer.alloc(4), payload]));
    assert.match(await answered, /^HTTP\/1\.1 401/);
  }
  isUnpolluted();
});

const EVIL = [
  '',
  '__proto__',
  'constructor',
  '../x',
  '.git',
  '-x',
  'a/b',
  'x'.repeat(10_000),
  'a\0b',
  'a\nb',
  'ａｂｃ',
  '\u202egnp',
  '\u001b]0;x\u0007',
];
const evil = fc.oneof(
  fc.constantFrom(...EVIL),
  fc.string(),
  fc.integer(),
  fc.double(),
  fc.constant(null),
  fc.jsonValue(),
);
const commit = 'a'.repeat(40);
/** Parameters that are right, for a start. */
const RIGHT: Record<string, unknown> = {
  repo: 'webapp',
  commit,
  command: ['true'],
  env: { A: 'b' },
  drones: ['honest'],
  key: key(),
  processes: [{ drone: null, id: 'eeeeee' }],
  grace: 1,
  drone: 'honest',
  id: 'eeeeee',
  signal: 'SIGTERM',
  bytes: 1,
  events: true,
  output: { all: true, ids: [], repos: [] },
  at: { kind: 'tail', lines: 1 },
  limit: 1,
  cwd: null,
  stdin: false,
  end: true,
  name: 'nobody',
  can: ['read'],
  lifetime: null,
  count: 1,
  identity: key(),
  type: 'stopped',
  stream: 'stdout',
  code: 0,
  from: 0,
  to: 1,
  time: 0,
  dropped: 0,
};
const params = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.dictionary(fc.constantFrom(...Object.keys(RIGHT), ...EVIL), evil, { maxKeys: 6 }),
  },
  {
    weight: 5,
    arbitrary: fc
      .tuple(
        fc.subarray(Object.keys(RIGHT), { minLength: 1, maxLength: 12 }),
        fc.array(fc.tuple(fc.nat(11), evil), { maxLength: 2 }),
      )
      .map(([keys, mutations]) => {
        const made = Object.fromEntries(keys.map((one) => [one, RIGHT[one]]));
        for (const [at, value] of mutations) made[keys[at % keys.length] ?? ''] = value as unknown;
        return made;
      }),
  },
  { weight: 1, arbitrary: evil },
);
/** Calls that have the shape of a call, with any content. */
const calls = (methods: string[]) =>
  fc.tuple(
    fc.constantFrom(...methods, ...EVIL),
    params,
    fc.oneof(fc.string(), fc.constant('')),
    fc.boolean(),
  );

const isClosed = ({ socket }: RawSocket) => socket.readyState !== socket.OPEN;

/** Sends each as a call that wants an answer; gives how many were answered. A connection that was closed is replaced. */
async function sendAll(
  role: 'client' | 'drone',
  numRuns: number,
): Promise<{ answers: number; closed: number }> {
  const methods = Object.keys(role === 'client' ? CLIENT_CALLS : DRONE_CALLS);
  const sample = fc.sample(calls(methods), { numRuns, seed: SEED });
  let answers = 0;
  let closed = 0;
  for (let from = 0; from < sample.length; from += 100) {
    const raw = await open(role);
    raw.send(METHODS);
    if (role === 'drone') raw.send(callFrame(1, 'join', { identity: key(), name: 'rogue', processes: [] }));
    const part = sample.slice(from, from + 100);
    for (const [n, [method, given, body, isBroken]] of part.entries()) {
      const text = JSON.stringify(given) ?? 'null';
      raw.send(callFrame(n + 2, method, isBroken && n % 10 === 0 ? text.slice(1) : text, body));
    }
    await raw.echoed();
    // What had the right shape takes a moment longer.
    await eventually(() => raw.frames.length > 0.95 * part.length || isClosed(raw), 'they are answered');
    answers += raw.frames.length;
    if (isClosed(raw)) closed++;
    raw.socket.terminate();
    await raw.ended;
  }
  return { answers, closed };
}

test('nine thousand calls with random content, as a client and as a drone, are each answered', async () => {
  const asClient = await sendAll('client', 4_500);
  const asDrone = await sendAll('drone', 4_500);
  assert.ok(asClient.answers > 4_000 && asDrone.answers > 4_000, JSON.stringify({ asClient, asDrone }));
  isUnpolluted();
});

test('a thousand malformed messages each end the connection', async () => {
  const frame = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.jsonValue().map((value) => JSON.stringify(value)),
    fc
      .record({
        method: evil,
        arguments: fc.array(evil, { maxLength: 6 }),
        callbacks: fc.jsonValue(),
        links: fc.jsonValue(),
      })
      .map((value) => JSON.stringify(value)),
  );
  const sample = fc.sample(frame, { numRuns: 1_000, seed: SEED });
  const codes = new Map<number, number>();
  const one = async (text: string, n: number) => {
    const raw = await open(n % 2 ? 'client' : 'drone');
    raw.send(METHODS, text);
    if (n % 20 === 0) raw.socket.terminate();
    // A number and two strings are a call, if a strange one.
    else if (await Promise.race([raw.ended.then(() => false), raw.echoed().then(() => true)]))
      raw.socket.close(1000);
    const { code } = await raw.ended;
    codes.set(code, (codes.get(code) ?? 0) + 1);
  };
  for (let from = 0; from < sample.length; from += 50)
    await Promise.all(sample.slice(from, from + 50).map((text, n) => one(text, from + n)));
  const hungUp = (codes.get(1007) ?? 0) + (codes.get(1008) ?? 0);
  assert.ok(hungUp > 750, JSON.stringify([...codes]));
  isUnpolluted();
});

test('invalid, oversized or deeply nested websocket frames end their own connection only', async () => {
  for (let n = 0; n < 50; n++) {
    const raw = await open('client');
    raw.send(METHODS);
    // Past ws: bytes that are no frame, with luck.
    (raw.socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(randomBytes(200));
    raw.socket.close();
    await raw.ended;
  }
  const bombs: [unknown, number][] = [
    ['x'.repeat(5_000_000), 1009],
    ['['.repeat(4_000_000), 1008],
    [`[${'[],'.repeat(1_300_000)}0]`, 1008],
    [callFrame(0, 'ps', `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`), 1008],
    [Buffer.alloc(1000), 1007],
    [Buffer.alloc(1000, 255), 1007],
  ];
  for (const [bomb, code] of bombs) {
    const raw = await open('client');
    raw.send(METHODS, bomb);
    assert.equal((await raw.ended).code, code);
  }
});

test('a flood of calls from one peer does not starve others', async () => {
  const raw = await open('client');
  raw.send(METHODS);
  const before = witness.looks;
  for (let n = 0; n < 4_000; n++) raw.send(callFrame(n + 1, 'ps', {}));
  await raw.echoed();
  raw.socket.terminate();
  await raw.ended;
  assert.ok(witness.looks > before);
});

test('everybody else was served all the while', async () => {
  await witness.end();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  for (const line of lines) assert.doesNotMatch(line, /[\x00-\x1f\x7f-\x9f]/);
});
