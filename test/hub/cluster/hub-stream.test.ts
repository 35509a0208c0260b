import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { test } from 'node:test';
import { HubStream } from '../../../src/hub/cluster/hub-stream.ts';
import { MemoryEngine } from '../../fixtures/memory-bus.ts';

function pair() {
  const engine = new MemoryEngine();
  const a = new HubStream(engine.connect(), { mine: 'a', theirs: 'b' });
  const b = new HubStream(engine.connect(), { mine: 'b', theirs: 'a' });
  return { engine, a, b };
}

test('what is written at one end is read at the other, whole and in order', async () => {
  const { a, b } = pair();
  const sent = randomBytes(20_000_000);
  const got: Buffer[] = [];
  const read = finished(b.on('data', (chunk: Buffer) => got.push(chunk)));
  for (let at = 0; at < sent.length; at += 700_001)
    if (!a.write(sent.subarray(at, at + 700_001))) await once(a, 'drain');
  a.end();
  await read;
  assert.ok(Buffer.concat(got).equals(sent));
});

test('what the other end does not read is held back', async () => {
  const { a, b } = pair();
  let written = 0;
  while (written < 100) {
    if (!a.write(Buffer.alloc(1024 * 1024))) {
      const drained = await Promise.race([
        once(a, 'drain').then(() => true),
        new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 200)),
      ]);
      if (!drained) break;
    }
    written++;
  }
  assert.ok(written < 10, `${written} MiB were taken`);
  assert.ok(b.readableLength <= 6 * 1024 * 1024);
  a.destroy();
  b.resume();
  await once(b, 'close');
});

test('a lost message ends the stream at both ends', async () => {
  const { engine, a, b } = pair();
  b.resume();
  a.resume();
  const why = new Promise<Error>((resolve) => b.once('error', resolve));
  const ended = Promise.all([a, b].map((end) => new Promise((resolve) => end.once('close', resolve))));
  engine.loses = () => true;
  a.write('lost');
  engine.loses = () => false;
  a.write('heard');
  assert.match((await why).message, /a message was lost/);
  await ended;
});

test('a stream to nobody ends', async () => {
  const engine = new MemoryEngine();
  const a = new HubStream(engine.connect(), { mine: 'a', theirs: 'nobody' });
  const why = new Promise<Error>((resolve) => a.once('error', resolve));
  a.write('hello');
  assert.match((await why).message, /does not listen/);
});

test('an end that has more to write than the other one will ever read ends with that', async () => {
  const { a, b } = pair();
  a.resume();
  a.write(Buffer.alloc(5 * 1024 * 1024));
  a.write('this waits for room');
  const ended = once(a, 'close');
  b.end();
  await ended;
  b.destroy();
});
