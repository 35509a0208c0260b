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
  return { stream, pieces, take: () => next?.() };
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
