import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { LogMeta } from '../../../src/drone/logs/meta.ts';
import { readPage } from '../../../src/drone/logs/reader.ts';
import { LogIndex } from '../../../src/drone/logs/time-index.ts';
import { append, logOf } from '../../fixtures/log-of.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const MAX_PIECE_BYTES = 256 * 1024;

/** A log that was seen whole at one time. */
function logIn(folder: string, text: string, meta: Partial<LogMeta> = {}) {
  const file = logOf(folder, text, meta);
  const index = new LogIndex(join(folder, `${file.meta.id}.idx`));
  index.add(file.end, 1_000, file.meta.start);
  return { file, index };
}

async function read(
  t: TestContext,
  text: string,
  at: Parameters<typeof readPage>[1],
  meta: Partial<LogMeta> = {},
) {
  const { page, body } = await readPage(logIn(temporaryFolder(t), text, meta), at, 1_000);
  return { ...page, text: body.toString() };
}

const TEXT = 'one\ntwo\nthree\n';

for (const [what, at, meta, text] of [
  ['from the first byte', { kind: 'offset', offset: 0 }, {}, TEXT],
  ['from a byte in the middle', { kind: 'offset', offset: 4 }, {}, 'two\nthree\n'],
  ['from the end', { kind: 'offset', offset: 14 }, {}, ''],
  ['from beyond the end', { kind: 'offset', offset: 9_999 }, {}, ''],
  ['from what was cut away', { kind: 'offset', offset: 0 }, { start: 4 }, 'two\nthree\n'],
  ['the last line', { kind: 'tail', lines: 1 }, {}, 'three\n'],
  ['the last two lines', { kind: 'tail', lines: 2 }, {}, 'two\nthree\n'],
  ['more lines than there are', { kind: 'tail', lines: 9 }, {}, TEXT],
  ['more lines than are kept', { kind: 'tail', lines: 9 }, { start: 4 }, 'two\nthree\n'],
  ['no lines', { kind: 'tail', lines: 0 }, {}, ''],
  ['since before it was written', { kind: 'since', time: 0 }, {}, TEXT],
  ['since after it was written', { kind: 'since', time: 1_001 }, {}, ''],
] as const) {
  test(`a page begins where it is asked to: ${what}`, async (t) => {
    const page = await read(t, TEXT, at, meta);
    assert.equal(page.text, text);
    assert.deepEqual([page.from, page.to, page.end], [14 - text.length, 14, 14]);
  });
}

test('the line that is being written is left out, unless nothing more will come', async (t) => {
  const running = await read(t, 'one\ntw', { kind: 'tail', lines: 1 });
  assert.deepEqual([running.text, running.end], ['one\n', 4]);
  const stopped = await read(t, 'one\ntw', { kind: 'tail', lines: 1 }, { stoppedAt: 1 });
  assert.deepEqual([stopped.text, stopped.end], ['tw', 6]);
});

test('the last lines are found however far back they begin', async (t) => {
  const long = `${'x'.repeat(100_000)}\n`;
  const log = logIn(temporaryFolder(t), `first\n${long}${long}last\n`);
  const { page, body } = await readPage(log, { kind: 'tail', lines: 3 }, MAX_PIECE_BYTES);
  assert.deepEqual([page.from, body.length], [6, 2 * 100_001 + 5]);
  const all = await readPage(log, { kind: 'tail', lines: 4 }, MAX_PIECE_BYTES);
  assert.equal(all.page.from, 0);
});

test('pages of any size, one after the other, return every byte once, in whole lines if they fit', async (t) => {
  const line = fc
    .array(fc.constantFrom('a', 'é', '字', '🚀'), { maxLength: 30 })
    .map((parts) => parts.join(''));
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 20 }),
      fc.integer({ min: 1, max: 200 }),
      async (lines, limit) => {
        const text = lines.map((one) => `${one}\n`).join('');
        const log = logIn(temporaryFolder(t), text, { id: (runs++).toString(16).padStart(6, '0') });
        const out: Buffer[] = [];
        for (let offset = 0; ; ) {
          const { page, body } = await readPage(log, { kind: 'offset', offset }, limit);
          assert.equal(page.from, offset);
          assert.equal(page.to - page.from, body.length);
          assert.ok(body.length <= limit);
          if (body.length === 0) break;
          if (limit > 3) assert.ok(!body.toString().includes('\ufffd'), 'no character is torn');
          out.push(body);
          offset = page.to;
        }
        assert.equal(Buffer.concat(out).toString(), text);
      },
    ),
    { numRuns: 50 },
  );
});

test('no page is larger than a message may be, whatever is requested', async (t) => {
  const log = logIn(temporaryFolder(t), 'a line\n'.repeat(100_000));
  const { page, body } = await readPage(log, { kind: 'offset', offset: 0 }, 1e9);
  assert.ok(body.length <= MAX_PIECE_BYTES && body.length > MAX_PIECE_BYTES - 7);
  assert.equal(body.at(-1), 10);
  assert.equal(page.to, body.length);
});

test('lines that are cut while a log is read are not shown: reading continues at the new beginning', async (t) => {
  const log = logIn(temporaryFolder(t), TEXT);
  const { read } = log.file;
  log.file.read = async (offset, length) => {
    const bytes = await read.call(log.file, offset, length);
    log.file.meta.start = 8;
    log.file.meta.dropped = 2;
    return bytes;
  };
  const { page, body } = await readPage(log, { kind: 'offset', offset: 0 }, 1_000);
  assert.deepEqual([page.from, page.dropped, body.toString()], [8, 2, 'three\n']);
});

test('a page contains the times at which its bytes were written', async (t) => {
  const log = logIn(temporaryFolder(t), TEXT);
  log.index.add(20, 2_000, 0);
  const { page } = await readPage(log, { kind: 'offset', offset: 4 }, 1_000);
  assert.deepEqual(page.times, [[0, 1_000]]);
});

test('an unfinished line is read if that is asked for and it was begun a while ago', async (t) => {
  const log = logIn(temporaryFolder(t), 'one\nPassword: ');
  const read = async (withUnfinished: boolean) =>
    String((await readPage(log, { kind: 'offset', offset: 0 }, 1_000, withUnfinished)).body);
  assert.equal(await read(true), 'one\nPassword: ');
  assert.equal(await read(false), 'one\n');
  append(log.file, 'secret\nnew');
  log.index.add(log.file.end, Date.now() + 60_000, 0);
  assert.equal(await read(true), 'one\nPassword: secret\n');
});
