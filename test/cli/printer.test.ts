import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { Printer } from '../../src/cli/printer.ts';

/** A stream that takes one piece, and the next when it is told to. */
function makeSlowStream() {
  const pieces: string[] = [];
  let next: (() => void) | undefined;
  const stream = new Writable({
    highWaterMark: 10,
    decodeStrings: false,
    write(text: string, _encoding, done) {
      pieces.push(text);
      next = done;
    },
  });
  const take = () => {
    const done = next;
    next = undefined;
    done?.();
  };
  return { stream, pieces, take };
}

test('lines that arrive together are written together', async () => {
  const { stream, pieces } = makeSlowStream();
  const printer = new Printer(stream);
  for (const line of ['a\n', 'b\n', 'c\n']) assert.equal(printer.print(line), undefined);
  assert.deepEqual(pieces, []);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(pieces, ['a\nb\nc\n']);
});

test('a producer that is faster than the stream is held back', async () => {
  const { stream, pieces, take } = makeSlowStream();
  const printer = new Printer(stream);
  const wait = printer.print('x'.repeat(70_000));
  assert.ok(wait);
  let goesOn = false;
  const waited = wait.then(() => {
    goesOn = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(goesOn, false);
  take();
  await waited;
  assert.equal(pieces.join('').length, 70_000);
});

test('lines that come one by one while the stream is full wait, and hold their producer back in the end', async () => {
  const { stream, pieces, take } = makeSlowStream();
  const printer = new Printer(stream);
  printer.print('first line\n');
  let held = false;
  for (let n = 0; n < 7_000; n++) {
    if (printer.print('next line\n')) held = true;
    if (n % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(held);
  assert.ok(stream.listenerCount('drain') <= 1, `${stream.listenerCount('drain')} listeners`);
  assert.ok(stream.writableLength < 2_000, 'what waits is not handed over');
  const finished = printer.finish('last\n');
  for (let n = 0; n < 4; n++) {
    take();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await finished;
  assert.match(pieces.join(''), /^first line\n(next line\n){7000}last\n$/);
});
