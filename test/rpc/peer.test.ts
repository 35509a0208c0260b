import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FleetError } from '../../src/protocol/errors.ts';
import { MAX_MESSAGE_BYTES } from '../../src/protocol/limits.ts';
import { Answered } from '../../src/rpc/answered.ts';
import { EMPTY } from '../../src/rpc/frames.ts';
import { lasting } from '../../src/rpc/lasting.ts';
import type { Peer } from '../../src/rpc/peer.ts';
import { eventually } from '../fixtures/local-fleet.ts';
import { callFrame, METHODS, RpcHost } from '../fixtures/rpc-host.ts';

let host: RpcHost;
let client: Peer;
/** The other end of `client`. */
let server: Peer;
before(async () => {
  host = await new RpcHost().start();
  client = await host.dial();
  server = host.peers[0] as Peer;
});
after(async () => {
  client.close();
  await host.end();
});

const CALLS = {
  echo: (params: unknown, body: Buffer) => new Answered(params, body),
  nothing: () => undefined,
  forbidden: () => {
    throw new FleetError('EFORBIDDEN', 'not you');
  },
  bug: () => {
    throw new TypeError('x is not a function');
  },
};

test('both ends can call each other, with a result, a body, or an error that keeps its code', async () => {
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as [Peer, Peer][]) {
    to.serve(({ method, params, body }) => CALLS[method as keyof typeof CALLS](params, body));
    const odd = { a: [1, null, 'ü\u2028\u0000"'], __proto__: null };
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, n) => n));
    assert.deepEqual(await from.call('echo', odd, 0, bytes), { result: { a: odd.a }, body: bytes });
    const long = { text: '"ü\n'.repeat(10_000) };
    assert.deepEqual(await from.call('echo', long), { result: long, body: EMPTY });
    assert.deepEqual(await from.call('echo', long, 0, bytes), { result: long, body: bytes });
    assert.deepEqual(await from.call('nothing', {}, 0, bytes), { result: null, body: EMPTY });
    await assert.rejects(from.call('forbidden', {}, 0, bytes), { code: 'EFORBIDDEN', message: 'not you' });
    assert.deepEqual(await from.call('nothing', {}), { result: null, body: EMPTY });
    await assert.rejects(from.call('forbidden', {}), { code: 'EFORBIDDEN', message: 'not you' });
    await assert.rejects(from.call('bug', {}), { message: 'internal error: x is not a function' });
  }
});

test('a body that is written to after it was sent arrives as it was, and one that lasts is sent without a copy', async () => {
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as [Peer, Peer][]) {
    const got: Buffer[] = [];
    to.serve(({ body }) => void got.push(body));
    const reused = Buffer.alloc(1_000_000, 'a');
    from.notify('log', {}, reused);
    reused.fill('b');
    from.notify('log', {}, lasting(Buffer.alloc(1_000_000, 'c')));
    await from.call('nothing', {});
    assert.deepEqual(
      got.map((body) => body.equals(Buffer.alloc(body.length, body[0]))),
      [true, true, true],
    );
    assert.deepEqual(
      got.map((body) => `${body.length} ${body.toString('latin1', 0, 1)}`),
      ['1000000 a', '1000000 c', '0 '],
    );
  }
});

test('answers find their calls in whatever order they arrive', async () => {
  server.serve(
    ({ params }) => new Promise((resolve) => setTimeout(resolve, 10 * (params as number), params)),
  );
  const asked = [3, 1, 2, 0];
  const answers = await Promise.all(asked.map((n) => client.call('wait', n)));
  assert.deepEqual(
    answers.map(({ result }) => result),
    asked,
  );
});

test('a notification has no answer, and a call that takes too long ends with ETIMEOUT', async () => {
  const heard: string[] = [];
  let answerLate = () => {};
  // Made before the call: on a busy machine the call may arrive after its time is over, and it must end then too.
  const late = new Promise<void>((resolve) => {
    answerLate = resolve;
  });
  server.serve(({ method }) => {
    heard.push(method);
    return method === 'slow' ? late : null;
  });
  client.notify('hello', {});
  await assert.rejects(client.call('slow', {}, 20), {
    code: 'ETIMEOUT',
    message: 'no answer to slow within 0.02 s',
  });
  answerLate();
  await client.call('after', {});
  assert.deepEqual(heard, ['hello', 'slow', 'after']);
});

test('a message that is too large fails alone, and the connection stays open', async () => {
  server.serve(({ params }) => params);
  await assert.rejects(client.call('echo', 'x'.repeat(MAX_MESSAGE_BYTES)), { code: 'ELIMIT' });
  client.notify('echo', 'x'.repeat(MAX_MESSAGE_BYTES));
  assert.equal((await client.call('echo', 1)).result, 1);
  const large = 'ü'.repeat(1_000_000);
  assert.equal((await client.call('echo', large)).result, large);
  await assert.rejects(client.call('echo', 1, 0, Buffer.alloc(MAX_MESSAGE_BYTES)), { code: 'ELIMIT' });
  assert.equal((await client.call('echo', 1, 0, Buffer.alloc(MAX_MESSAGE_BYTES - 100_000))).result, 1);
});

test('a peer that violates the protocol is disconnected with a reason, and others do not notice', async () => {
  server.serve(({ params }) => params);
  const table: [string, unknown[], number, RegExp][] = [
    ['a frame too short for its size', [METHODS, Buffer.from('x')], 1007, /shorter than it says/],
    ['a frame shorter than it says', [METHODS, Buffer.from('\0\0\0\x05{}')], 1007, /shorter/],
    ['no JSON in front of a body', [METHODS, Buffer.from('\0\0\0\x01{}')], 1007, /not JSON/],
    ['no JSON', ['{'], 1007, /not JSON/],
    ['a call before the methods', [callFrame(1, 'a', {})], 1008, /methods come first/],
    ['null', ['null'], 1008, /methods come first/],
    [
      'a method by name',
      [METHODS, { ...METHODS, method: 'constructor' }],
      1008,
      /neither a call nor a reply/,
    ],
    ['the methods again', [METHODS, METHODS], 1008, /neither a call nor a reply/],
    ['too few arguments', [METHODS, { method: 0, arguments: [1] }], 1008, /neither/],
    ['an id that is none', [METHODS, callFrame(1.5, 'a', {})], 1008, /neither/],
    ['a negative method', [METHODS, { method: -1, arguments: [1, 'a', '{}'] }], 1008, /neither/],
    ['parameters that are no JSON, unasked', [METHODS, callFrame(0, 'a', '{')], 1008, /not JSON/],
    ['an answer that is no JSON', [METHODS, { method: 1, arguments: [1, '', '{'] }], 1000, /^$/],
  ];
  for (const [what, frames, code, reason] of table) {
    const raw = await host.raw();
    raw.send(...frames);
    if (code === 1000) {
      await raw.echoed(); // Nobody waits for that answer: it is ignored.
      raw.socket.close(1000);
    }
    const ending = await raw.ended;
    assert.equal(ending.code, code, what);
    assert.match(ending.reason, reason, what);
  }
  const large = await host.raw();
  large.send('x'.repeat(MAX_MESSAGE_BYTES + 1));
  assert.equal((await large.ended).code, 1009);
  assert.equal((await client.call('echo', 'still here')).result, 'still here');
});

test('too many calls at once end the connection', async () => {
  const greedy = await host.dial();
  const other = host.peers.at(-1) as Peer;
  other.serve(() => new Promise(() => {}));
  const calls = Array.from({ length: 101 }, () => greedy.call('wait', {}));
  const results = await Promise.allSettled(calls);
  for (const result of results) {
    assert.equal(result.status, 'rejected');
    assert.match(String(result.reason), /too many calls at once/);
  }
  assert.equal((await greedy.closed).code, 'EPROTOCOL');
});

test('a call that has ended, in whatever way, no longer counts as in progress', async () => {
  const caller = await host.dial();
  const other = host.peers.at(-1) as Peer;
  other.serve(({ method }) => CALLS[method as keyof typeof CALLS]({}, EMPTY));
  const outcomes: Record<string, string> = { nothing: '', forbidden: 'EFORBIDDEN', bug: 'EINTERNAL' };
  for (let round = 0; round < 40; round++) {
    caller.notify('forbidden', {});
    for (const [method, code] of Object.entries(outcomes)) {
      const ended = await caller.call(method, {}).then(
        () => '',
        (error: FleetError) => error.code,
      );
      assert.equal(ended, code);
    }
  }
  const atOnce = Array.from({ length: 100 }, () => caller.call('nothing', {}));
  assert.equal((await Promise.all(atOnce)).length, 100);
  caller.close();
});

test('when a connection ends, everybody who waits is told why, and nothing of it is left', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  const peers = await Promise.all(Array.from({ length: 20 }, () => host.dial()));
  const others = host.peers.slice(-20);
  for (const other of others) other.serve(() => new Promise(() => {}));
  const waiting = peers.map((peer) => peer.call('wait', {}, 60_000));
  for (const [n, other] of others.entries()) {
    if (n % 2) other.close(4000, 'that is all\u001b[31m, folks');
    else other.terminate(new FleetError('ECLOSED', 'gone'));
  }
  const results = await Promise.allSettled(waiting);
  for (const [n, result] of results.entries()) {
    assert.equal(result.status, 'rejected');
    const says = n % 2 ? /that is all \[31m, folks/ : /the connection was lost/;
    assert.match(String(result.reason), says);
    assert.equal(result.reason.code, 'ECLOSED');
    await assert.rejects(peers[n]?.call('more', {}) ?? Promise.resolve(), says);
    peers[n]?.notify('more', {});
  }
  await Promise.all([...peers, ...others].map(({ closed }) => closed));
  await eventually(() => timers() <= before, 'no timer is left');
});

test('calls are refused until something is served', async () => {
  const peer = await host.dial();
  const other = host.peers.at(-1) as Peer;
  await other.ready();
  await assert.rejects(other.call('hello', {}), { code: 'EPROTOCOL', message: /nothing is served/ });
  peer.close();
});
