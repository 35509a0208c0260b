import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogStream } from '../../../src/drone/logs/stream.ts';
import type { OutputPiece } from '../../../src/protocol/events.ts';
import { EVERYTHING, NOTHING } from '../../../src/protocol/interest.ts';
import { append, logOf } from '../../fixtures/log-of.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const PIECE_BYTES = 256 * 1024;

/** A stream that notes its pieces; `room` says whether whoever reads it has any. */
function noted() {
  const reader = { room: true, pieces: [] as { from: number; to: number; dropped: number; text: string }[] };
  const stream = new LogStream({
    hasRoom: () => reader.room,
    emit: ({ from, to, dropped }, body) => reader.pieces.push({ from, to, dropped, text: body.toString() }),
  });
  const texts = () => reader.pieces.splice(0).map(({ text }) => text);
  return { reader, stream, texts };
}

test('what is wanted is sent from its beginning, in whole lines, once', (t) => {
  const { stream, texts } = noted();
  const file = logOf(temporaryFolder(t), 'one\ntwo\nthr');
  stream.setInterest(EVERYTHING);
  stream.attach(file, 4);
  assert.equal(stream.send(file, 0), false);
  assert.deepEqual(texts(), ['two\n']);
  append(file, 'ee\n');
  stream.send(file, 0);
  stream.send(file, 0);
  assert.deepEqual(texts(), ['three\n']);
});

test('what is not wanted, or no longer wanted, is not sent', (t) => {
  const { stream, texts } = noted();
  const file = logOf(temporaryFolder(t), 'one\n');
  stream.setInterest(NOTHING);
  stream.attach(file, 0);
  stream.send(file, 0);
  stream.setInterest({ ...NOTHING, repos: ['webapp'] });
  stream.attach(file, 0);
  stream.send(file, 0);
  assert.deepEqual(texts(), ['one\n']);
  append(file, 'two\n');
  stream.forget(file.meta.id);
  stream.send(file, 0);
  assert.deepEqual(texts(), []);
});

test('beginning again does not send anything again', (t) => {
  const { stream, texts } = noted();
  const file = logOf(temporaryFolder(t), 'one\n');
  stream.setInterest(EVERYTHING);
  stream.attach(file, 0);
  stream.send(file, 0);
  stream.attach(file, 0);
  stream.send(file, 0);
  assert.deepEqual(texts(), ['one\n']);
});

test('while there is no room nothing is sent, and then everything is', (t) => {
  const { reader, stream, texts } = noted();
  const file = logOf(temporaryFolder(t), 'one\n');
  stream.setInterest(EVERYTHING);
  stream.attach(file, 0);
  reader.room = false;
  assert.equal(stream.send(file, 0), true, 'there is more');
  append(file, 'two\n');
  reader.room = true;
  assert.equal(stream.send(file, 0), false);
  assert.deepEqual(texts(), ['one\ntwo\n']);
});

test('a busy log leaves the others their turn', (t) => {
  const { reader, stream } = noted();
  const file = logOf(temporaryFolder(t), 'a line\n'.repeat(1_000_000));
  stream.setInterest(EVERYTHING);
  stream.attach(file, 0);
  let turns = 1;
  while (stream.send(file, 0)) turns++;
  assert.ok(turns > 1);
  assert.equal(reader.pieces.map(({ text }) => text).join(''), 'a line\n'.repeat(1_000_000));
  for (const [at, { from }] of reader.pieces.entries()) assert.equal(from, reader.pieces[at - 1]?.to ?? 0);
});

test('a slow reader gets one piece at a time, and holds nobody up', (t) => {
  let time = 0;
  let pieces = 0;
  const emit = () => {
    pieces++;
    time += 1_000;
  };
  const stream = new LogStream({ hasRoom: () => true, now: () => time, emit });
  const file = logOf(temporaryFolder(t), 'x\n'.repeat(PIECE_BYTES));
  stream.setInterest(EVERYTHING);
  stream.attach(file, 0);
  assert.equal(stream.send(file, 0), true, 'there is more');
  assert.equal(pieces, 1);
  assert.equal(stream.send(file, 0), false);
  assert.equal(pieces, 2);
});

test('a line that is too long for one chunk is sent in parts, without splitting a character', (t) => {
  const { stream, texts } = noted();
  const line = '🚀'.repeat(PIECE_BYTES / 4 + 10);
  const file = logOf(temporaryFolder(t), `x${line}`);
  stream.setInterest(EVERYTHING);
  stream.attach(file, 0);
  stream.send(file, 0);
  append(file, 'end\n');
  stream.send(file, 0);
  assert.equal(texts().join(''), `x${line}end\n`);
});

test('the unfinished last line of a stopped process is sent as it is', (t) => {
  const { stream, texts } = noted();
  const file = logOf(temporaryFolder(t), 'one\ntw');
  stream.setInterest(EVERYTHING);
  stream.attach(file, 0);
  stream.send(file, 0);
  file.meta.stoppedAt = 1;
  stream.send(file, 0);
  assert.deepEqual(texts(), ['one\n', 'tw']);
});

test('lines that were cut before they were sent are counted, and reported with the next chunk', async (t) => {
  const { reader, stream } = noted();
  const file = logOf(temporaryFolder(t), 'one\ntwo\nthree\nfour\n');
  stream.setInterest(EVERYTHING);
  stream.attach(file, 4);
  await stream.cutting(file, 14, { lines: 3, exact: true });
  file.meta.start = 14;
  stream.send(file, 0);
  append(file, 'five\n');
  stream.send(file, 0);
  assert.deepEqual(
    reader.pieces.map(({ from, dropped, text }) => [from, dropped, text]),
    [
      [14, 2, 'four\n'],
      [19, 0, 'five\n'],
    ],
  );
});

test('lines that were sent before they were cut do not count as missed', async (t) => {
  const { reader, stream } = noted();
  const file = logOf(temporaryFolder(t), 'one\ntwo\n');
  stream.setInterest(EVERYTHING);
  stream.attach(file, 0);
  stream.send(file, 0);
  await stream.cutting(file, 4, { lines: 1, exact: true });
  file.meta.start = 4;
  append(file, 'three\n');
  stream.send(file, 0);
  assert.deepEqual(
    reader.pieces.map(({ dropped }) => dropped),
    [0, 0],
  );
});

test('lines that were removed before they could be counted are reported as at least that many', async (t) => {
  const pieces: OutputPiece[] = [];
  const stream = new LogStream({ hasRoom: () => true, emit: (piece) => pieces.push(piece) });
  const file = logOf(temporaryFolder(t), 'one\ntwo\nthree\n');
  stream.setInterest(EVERYTHING);
  stream.attach(file, 0);
  await stream.cutting(file, 8, { lines: 1, exact: false });
  file.meta.start = 8;
  stream.send(file, 0);
  append(file, 'four\n');
  stream.send(file, 0);
  assert.deepEqual(
    pieces.map(({ dropped, atLeast }) => [dropped, atLeast]),
    [
      [1, true],
      [0, undefined],
    ],
  );
});

/** A stream whose reader takes unfinished lines, with a clock. */
function live() {
  const clock = { ms: 0 };
  const pieces: [from: number, text: string, begun: number | undefined][] = [];
  const stream = new LogStream({
    hasRoom: () => true,
    takesUnfinished: () => true,
    now: () => clock.ms,
    emit: ({ from, begun }, body) => pieces.push([from, body.toString(), begun]),
  });
  stream.setInterest(EVERYTHING);
  return { clock, stream, taken: () => pieces.splice(0) };
}

test('an unfinished line is shown after a while, and then what is added; its end brings all of it', (t) => {
  const { clock, stream, taken } = live();
  const file = logOf(temporaryFolder(t), 'one\nPass');
  stream.attach(file, 0);
  assert.equal(stream.send(file, 0), true, 'there is more soon');
  assert.deepEqual(taken(), [[0, 'one\n', undefined]]);
  clock.ms = 199;
  assert.equal(stream.send(file, 0), true);
  assert.deepEqual(taken(), []);
  clock.ms = 200;
  assert.equal(stream.send(file, 0), false);
  assert.deepEqual(taken(), [[4, 'Pass', 4]]);
  append(file, 'word: ');
  assert.equal(stream.send(file, 0), true);
  clock.ms = 400;
  stream.send(file, 0);
  stream.send(file, 0);
  assert.deepEqual(taken(), [[8, 'word: ', 4]]);
  append(file, 'ok\nnext');
  stream.send(file, 0);
  assert.deepEqual(taken(), [[4, 'Password: ok\n', undefined]]);
  clock.ms = 600;
  stream.send(file, 0);
  assert.deepEqual(taken(), [[17, 'next', 17]]);
});

test('what is shown of a line splits no character', (t) => {
  const { clock, stream, taken } = live();
  const file = logOf(temporaryFolder(t), Buffer.from('né').subarray(0, 2));
  stream.attach(file, 0);
  stream.send(file, 0);
  clock.ms = 200;
  stream.send(file, 0);
  assert.deepEqual(taken(), [[0, 'n', 0]]);
});
