import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { RunningExec } from '../../src/client/exec.ts';
import type { Link } from '../../src/client/link.ts';
import { EXEC_WINDOW_BYTES } from '../../src/protocol/limits.ts';
import { key } from '../fixtures/fake-drone.ts';

const KEY = key();
const ON_WEB1 = { drone: 'web1', id: '000001', key: KEY };
const STARTED = { drones: { web1: { id: '000001', error: null } } };
const GOOD = { code: 0, signal: null };

/** A link without a hub: the test says what the hub tells, and sees what it is told. */
class FakeLink extends EventEmitter {
  readonly sent: [string, object, string][] = [];

  async notify(method: string, params: object, body = Buffer.alloc(0)): Promise<void> {
    this.sent.push([method, params, body.toString()]);
  }

  async callOnce(method: string, params: object): Promise<void> {
    this.sent.push([method, params, '']);
  }

  output(params: object, text: string): void {
    this.emit('exec.output', { stream: 'stdout', ...params }, Buffer.from(text));
  }
}

function makeExec() {
  const link = new FakeLink();
  return { link, exec: new RunningExec(link as unknown as Link, KEY) };
}

async function textOf(exec: RunningExec): Promise<string> {
  let text = '';
  for await (const item of exec) text += 'bytes' in item ? item.bytes : `(${item.drone} ${item.code})`;
  return text;
}

test("output that arrives before the hub's answer is not lost, and other execs are ignored", async () => {
  const { link, exec } = makeExec();
  link.output(ON_WEB1, 'early ');
  link.output({ ...ON_WEB1, key: key() }, 'of another exec');
  link.emit('exec.exit', { ...ON_WEB1, ...GOOD });
  exec.started(STARTED);
  assert.equal(await textOf(exec), 'early (web1 0)');
});

test('processes of a fleet 1.0 hub, which sends no keys, are matched by id', async () => {
  const { link, exec } = makeExec();
  link.output({ ...ON_WEB1, key: null }, 'early ');
  link.output({ drone: 'web1', id: '00000f', key: null }, 'of another exec');
  exec.started(STARTED);
  link.output({ ...ON_WEB1, key: null }, 'late ');
  link.emit('exec.exit', { ...ON_WEB1, key: null, ...GOOD });
  assert.equal(await textOf(exec), 'early late (web1 0)');
});

test('an exec is over when all its processes are, even if none could be started', async () => {
  const { exec } = makeExec();
  exec.started({ drones: { web1: { id: '000001', error: { code: 'ESPAWN', message: 'not found' } } } });
  assert.equal(await textOf(exec), '');
  assert.deepEqual(
    exec.failed.map(({ drone, error }) => [drone, error.code, error.message]),
    [['web1', 'ESPAWN', 'not found']],
  );
});

test('reading acknowledges: the window moves on as bytes are taken', async () => {
  const { link, exec } = makeExec();
  exec.started(STARTED);
  const size = EXEC_WINDOW_BYTES / 8;
  link.output(ON_WEB1, 'x'.repeat(size - 1));
  link.output(ON_WEB1, 'yy');
  const reader = exec[Symbol.asyncIterator]();
  for (let n = 0; n < 2; n++) await reader.next();
  assert.deepEqual(link.sent, []);
  const last = reader.next();
  await Promise.resolve();
  link.emit('exec.exit', { ...ON_WEB1, ...GOOD });
  await last;
  assert.deepEqual(link.sent, [['exec.ack', { ...ON_WEB1, bytes: size + 1 }, '']]);
});

test('input is sent no faster than the process takes it, followed by its end', async () => {
  const { link, exec } = makeExec();
  exec.started(STARTED);
  const input = Readable.from([Buffer.alloc(EXEC_WINDOW_BYTES, 'a'), Buffer.from('rest')]);
  const forwarding = exec.forward(input);
  while (link.sent.length < EXEC_WINDOW_BYTES / (256 * 1024))
    await new Promise((resolve) => setImmediate(resolve));
  assert.ok(link.sent.every(([, , body]) => body !== 'rest'));
  link.emit('exec.stdin-ack', { ...ON_WEB1, bytes: EXEC_WINDOW_BYTES });
  await forwarding;
  assert.deepEqual(link.sent.slice(-2), [
    ['exec.stdin', { ...ON_WEB1, end: false }, 'rest'],
    ['exec.stdin', { ...ON_WEB1, end: true }, ''],
  ]);
});

test('the reader is told when the connection is lost', async () => {
  const { link, exec } = makeExec();
  exec.started(STARTED);
  link.output(ON_WEB1, 'begun');
  link.emit('lost');
  await assert.rejects(textOf(exec), { code: 'ECLOSED' });
});
