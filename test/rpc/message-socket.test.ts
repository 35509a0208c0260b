import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import type { WebSocket } from 'ws';
import { MAX_UNREAD_BYTES } from '../../src/protocol/limits.ts';
import { pack } from '../../src/rpc/frames.ts';
import { MessageSocket, type MessageSocketOptions } from '../../src/rpc/message-socket.ts';

/** A websocket that notes what is done with it. */
class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  isPaused = false;
  readonly done: string[] = [];
  send(data: string | Buffer): void {
    this.done.push(`send ${data}`);
  }
  close(code: number, reason: string): void {
    this.done.push(`close ${code} ${reason}`);
  }
  terminate(): void {
    this.done.push('terminate');
  }
  pause(): void {
    this.isPaused = true;
    this.done.push('pause');
  }
  resume(): void {
    this.isPaused = false;
  }
}

function makeSocket(t: TestContext, more: Partial<MessageSocketOptions> = {}) {
  const socket = new FakeSocket();
  const got: [unknown, string][] = [];
  const options = {
    ...{ pingEvery: 60_000, deadAfter: 60_000, rate: Number.POSITIVE_INFINITY, maxSend: 100 },
    ...{ stream: new PassThrough() },
    ...more,
  };
  const messages = new MessageSocket(socket as unknown as WebSocket, options, (message, body) =>
    got.push([message, String(body)]),
  );
  t.after(() => socket.emit('close', 1006, Buffer.alloc(0)));
  const receive = async (data: string | Buffer) => {
    socket.emit('message', Buffer.from(data), typeof data !== 'string');
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { socket, got, messages, receive };
}

test('a frame of text is a message; a binary one has a body too', async (t) => {
  const { got, receive } = makeSocket(t);
  await receive('{"a":1}');
  await receive(pack('[2]', Buffer.from('body')));
  assert.deepEqual(got, [
    [{ a: 1 }, ''],
    [[2], 'body'],
  ]);
});

for (const [what, data, closed] of [
  ['not JSON', 'hello', 'close 1007 not JSON'],
  ['a frame that is cut', Buffer.from([0, 0, 0, 9, 1]), 'close 1007 a frame shorter than it says'],
  ['a bomb of brackets', '['.repeat(5_000), 'close 1008 neither a call nor a reply'],
] as const) {
  test(`a peer that sends ${what} is told so, and nothing more of it is read`, async (t) => {
    const { socket, got, messages, receive } = makeSocket(t);
    await receive(data);
    await receive('{"a":1}');
    assert.deepEqual(socket.done, [closed]);
    assert.deepEqual(got, []);
    assert.equal(messages.reason?.code, 'ECLOSED');
  });
}

test('a long message that is mostly strings is read, and a short one in any case', async (t) => {
  const { got, receive } = makeSocket(t);
  await receive(JSON.stringify(['x'.repeat(5_000)]));
  await receive(JSON.stringify(Array(1_000).fill(1)));
  assert.equal(got.length, 2);
});

test('what the other end would not take is not sent; its limit counts bytes, and those of the body', (t) => {
  const { socket, messages } = makeSocket(t);
  messages.send('x'.repeat(98), Buffer.alloc(0));
  assert.throws(() => messages.send('x'.repeat(99), Buffer.alloc(0)), { code: 'ELIMIT' });
  assert.throws(() => messages.send('ü'.repeat(50), Buffer.alloc(0)), { code: 'ELIMIT' });
  assert.throws(() => messages.send('', Buffer.alloc(99)), { code: 'ELIMIT' });
  assert.equal(socket.done.length, 1);
});

test('a peer that does not read what it is sent is terminated', (t) => {
  const { socket, messages } = makeSocket(t);
  socket.bufferedAmount = MAX_UNREAD_BYTES + 1;
  messages.send('x', Buffer.alloc(0));
  assert.deepEqual(socket.done, ['terminate']);
  assert.equal(messages.reason?.message, 'it does not read what it is sent');
});

test('nothing is sent over a connection that is not open', (t) => {
  const { socket, messages } = makeSocket(t);
  socket.readyState = 2;
  messages.send('x'.repeat(1_000), Buffer.alloc(0));
  assert.deepEqual(socket.done, []);
});

test('what is sent in one turn is written at once', async (t) => {
  const stream = new PassThrough();
  const { messages } = makeSocket(t, { stream });
  messages.send(1, Buffer.alloc(0));
  messages.send(2, Buffer.alloc(0));
  assert.equal(stream.writableCorked, 1);
  await new Promise((resolve) => process.nextTick(resolve));
  assert.equal(stream.writableCorked, 0);
});

test('a peer that talks too fast is not read for a while', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { socket, messages, receive } = makeSocket(t, { rate: 1 });
  for (let n = 0; n < 5; n++) await receive('1');
  assert.equal(socket.isPaused, false, 'a burst passes');
  messages.charge(2_048 * 3);
  await receive('1');
  assert.equal(socket.isPaused, true);
});

test('why a connection has ended is what this end said, or else what the other end did', async (t) => {
  const { socket, messages } = makeSocket(t);
  socket.emit('close', 1008, Buffer.from('too many calls'));
  assert.deepEqual(await messages.closed.then(({ code, message }) => [code, message]), [
    'EPROTOCOL',
    'too many calls',
  ]);
  const other = makeSocket(t);
  other.messages.close(1000, 'going away');
  other.socket.emit('close', 1008, Buffer.from('too many calls'));
  assert.equal((await other.messages.closed).message, 'going away');
});

test('a broken connection ends at once; what ws refuses is first told to the other end', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const broken = makeSocket(t);
  broken.socket.emit('error', new Error('reset'));
  assert.deepEqual(broken.socket.done, ['terminate']);
  assert.equal(broken.messages.reason?.message, 'reset');
  const refused = makeSocket(t);
  refused.socket.emit(
    'error',
    Object.assign(new Error('too large'), { code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' }),
  );
  assert.deepEqual(refused.socket.done, []);
  t.mock.timers.tick(2_000);
  assert.deepEqual(refused.socket.done, ['terminate']);
});

test('a peer that does not answer a close frame is hung up on', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { socket, messages } = makeSocket(t);
  messages.close(1000, 'going away');
  t.mock.timers.tick(1_999);
  assert.deepEqual(socket.done, ['close 1000 going away']);
  t.mock.timers.tick(1);
  assert.deepEqual(socket.done, ['close 1000 going away', 'terminate']);
});
