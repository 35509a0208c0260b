import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Link } from '../../src/client/link.ts';
import { LogCursor, timeAt } from '../../src/client/log-cursor.ts';
import type { LogItem } from '../../src/client/log-types.ts';
import type { LogMark } from '../../src/protocol/answers.ts';

const info = { id: '1e99f4', repo: 'webapp', commit: 'c'.repeat(40) };

/** A cursor over pages that a drone would answer with, and the places that it asks for. */
function makeCursor(
  pages: {
    from: number;
    text: string;
    end?: number;
    start?: number;
    dropped?: number;
    times?: [number, number][];
    marks?: LogMark[];
    begun?: number;
  }[],
  unfinished: 'line' | 'waits' = 'line',
) {
  const asked: unknown[] = [];
  const link = {
    call: async (_: string, { at }: { at: unknown }) => {
      asked.push(at);
      const {
        from,
        text,
        end = 0,
        start = 0,
        dropped = 0,
        times = [],
        marks = [],
        begun,
      } = pages[asked.length - 1] ?? assert.fail();
      const to = from + Buffer.byteLength(text);
      const page = {
        from,
        to,
        start,
        end: Math.max(end, to),
        dropped,
        times,
        marks,
        ...(begun !== undefined && { begun }),
      };
      return { result: page, body: Buffer.from(text) };
    },
  } as unknown as Link;
  return { cursor: new LogCursor(link, 'web1', info, { kind: 'tail', lines: 10 }, unfinished), asked };
}

test('the time of a line is that of the last record before it', () => {
  const times: [number, number][] = [
    [0, 100],
    [10, 200],
  ];
  assert.deepEqual(
    [0, 9, 10, 11].map((offset) => timeAt(times, offset)),
    [100, 100, 200, 200],
  );
  assert.equal(timeAt([], 5), 0);
});

test('pages follow each other, and each line has its time', async () => {
  const { cursor, asked } = makeCursor([
    {
      from: 0,
      text: 'ä\nb\n',
      times: [
        [0, 100],
        [3, 200],
      ],
    },
    { from: 5, text: 'c\n', times: [[5, 300]] },
  ]);
  const items = [...(await cursor.next()), ...(await cursor.next())];
  assert.deepEqual(
    items.map((item) => item.kind === 'line' && [item.line, item.time]),
    [
      ['ä', 100],
      ['b', 200],
      ['c', 300],
    ],
  );
  assert.deepEqual(asked, [
    { kind: 'tail', lines: 10 },
    { kind: 'offset', offset: 5 },
  ]);
});

test('lines that were cut away between two pages are reported in their place', async () => {
  const { cursor } = makeCursor([
    { from: 0, text: 'a\n' },
    { from: 100, start: 100, dropped: 7, text: 'b\n' },
  ]);
  await cursor.next();
  const [gap, line] = await cursor.next();
  assert.deepEqual(gap, { kind: 'dropped', drone: 'web1', id: '1e99f4', lines: 7 });
  assert.equal(line?.kind, 'line');
});

test('lines that were cut away before the first page are reported only if it begins at the front', async () => {
  const front = makeCursor([{ from: 50, start: 50, dropped: 3, text: 'a\n' }]);
  assert.deepEqual(
    (await front.cursor.next()).map(({ kind }) => kind),
    ['dropped', 'line'],
  );
  const later = makeCursor([{ from: 60, start: 50, dropped: 3, text: 'a\n' }]);
  assert.deepEqual(
    (await later.cursor.next()).map(({ kind }) => kind),
    ['line'],
  );
});

test('a line of more than a page is one line', async () => {
  const { cursor, asked } = makeCursor([
    { from: 0, text: 'a\nlong', end: 14, times: [[0, 100]] },
    { from: 6, text: 'er and', end: 14, times: [[6, 200]] },
    { from: 12, text: 'b\n', times: [[12, 300]] },
  ]);
  const lines = async () => (await cursor.next()).map((item) => item.kind === 'line' && item.line);
  assert.deepEqual(await lines(), ['a']);
  assert.equal(cursor.isWithinLine, true);
  assert.deepEqual(await lines(), ['longer andb']);
  assert.equal(cursor.isWithinLine, false);
  assert.equal(asked.length, 3);
});

const mark = (number: number, at: number, type = 'exited'): LogMark => {
  return { number, at, type, time: 5, code: 7, signal: null };
};

test('the end of a process stands after its last line, and once', async () => {
  const { cursor } = makeCursor([
    { from: 0, text: 'a\nb\n', marks: [mark(1, 2), mark(2, 2, 'restarted'), mark(3, 4)] },
    { from: 4, text: 'c\n', marks: [mark(3, 4), mark(4, 4, 'restarted'), mark(5, 6, 'danced')] },
    { from: 6, text: '', marks: [mark(5, 6, 'danced')] },
  ]);
  const kinds = async () =>
    (await cursor.next()).map((item) => (item.kind === 'line' ? item.line : item.kind));
  assert.deepEqual(await kinds(), ['a', 'exited', 'restarted', 'b', 'exited']);
  assert.deepEqual(await kinds(), ['restarted', 'c']);
  assert.deepEqual(await kinds(), []);
  assert.equal(cursor.marked, 5);
});

test('the last lines of a log do not begin with what happened before them', async () => {
  const { cursor } = makeCursor([{ from: 2, text: 'b\n', marks: [mark(1, 2), mark(2, 4)] }]);
  assert.deepEqual(
    (await cursor.next()).map(({ kind }) => kind),
    ['line', 'exited'],
  );
});

test('an unfinished line is a line, unless the log is followed: then it waits for its end, and is shown meanwhile', async () => {
  const pages = [
    { from: 0, text: 'a\nPass', begun: 2 },
    { from: 6, text: 'word: ', begun: 2 },
    { from: 12, text: 'ok\n' },
  ];
  const shown = (items: LogItem[]) =>
    items.map((item) => ('line' in item ? item.line : 'text' in item && [item.text]));
  const once = makeCursor(pages);
  assert.deepEqual(shown(await once.cursor.next()), ['a', 'Pass']);
  const { cursor } = makeCursor(pages, 'waits');
  assert.deepEqual(shown(await cursor.next()), ['a', ['Pass']]);
  assert.deepEqual(shown(await cursor.next()), [['word: ']]);
  const piece = { ...info, drone: 'web1', time: 0, dropped: 0 };
  const more = (from: number, begun: number, text: string) =>
    cursor.more({ ...piece, from, begun, to: from + text.length }, Buffer.from(text));
  assert.equal(more(11, 2, 'no'), null);
  assert.equal(more(12, 3, 'no'), null);
  assert.equal(cursor.offset, 12);
  assert.deepEqual(shown(await cursor.next()), ['Password: ok']);
  assert.deepEqual(shown(more(15, 15, 'Name: ') ?? []), [['Name: ']]);
  assert.equal(cursor.isWithinLine, true);
});
