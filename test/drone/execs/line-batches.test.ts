import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineBatches } from '../../../src/drone/execs/line-batches.ts';

/** Batches that note what they send, and wait for how many of them one wants. */
function noted(enough = 1000) {
  const sent: string[] = [];
  let wake = () => {};
  const batches = new LineBatches(enough, (bytes) => {
    sent.push(String(bytes));
    wake();
  });
  const until = async (count: number) => {
    while (sent.length < count)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  };
  return { batches, sent, until };
}

test('output that arrives together is sent in one batch', async () => {
  const { batches, sent, until } = noted();
  for (const line of ['one\n', 'two\n', 'three\n']) batches.add(Buffer.from(line));
  assert.deepEqual(sent, []);
  await until(1);
  assert.deepEqual(sent, ['one\ntwo\nthree\n']);
});

test('a batch that is large enough is sent at once, and ends with a line', async () => {
  const { batches, sent } = noted(10);
  batches.add(Buffer.from('a line\nanother line\nand half'));
  assert.deepEqual(sent, ['a line\nanother line\n']);
  batches.add(Buffer.from(' of one\n'));
  batches.flush();
  assert.deepEqual(sent, ['a line\nanother line\n', 'and half of one\n']);
});

test('an unfinished line is sent after a moment, and no part of it twice', async () => {
  const { batches, sent, until } = noted();
  batches.add(Buffer.from('done\nname? '));
  await until(2);
  batches.add(Buffer.from('me\n'));
  await until(3);
  batches.flush();
  assert.deepEqual(sent, ['done\n', 'name? ', 'me\n']);
});

test('bytes are preserved, however they are split', async () => {
  const { batches, sent } = noted(1);
  const text = 'é'.repeat(100).concat('\n').repeat(10);
  const bytes = Buffer.from(text);
  const got: Buffer[] = [];
  const cut = new LineBatches(1, (piece) => got.push(piece));
  for (let at = 0; at < bytes.length; at += 7) cut.add(bytes.subarray(at, at + 7));
  cut.flush();
  assert.equal(String(Buffer.concat(got)), text);
  batches.flush();
  assert.deepEqual(sent, []);
});
