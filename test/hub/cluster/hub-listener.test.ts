import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HubListener } from '../../../src/hub/cluster/hub-listener.ts';
import type { News } from '../../../src/hub/cluster/introduced.ts';
import type { OtherHub } from '../../../src/hub/cluster/other-hubs.ts';

/** Another hub that notes what it is told, and is as slow as the test says. */
function slowHub() {
  const told: { news: News[]; body: string }[] = [];
  const other = {
    unreadBytes: 0,
    calls: {
      notify: (_: string, { news }: { news: News[] }, body: Buffer) =>
        told.push({ news, body: body.toString() }),
    },
  };
  return { told, other, listener: new HubListener(other as unknown as OtherHub) };
}

const piece = { id: 'aaaaaa', repo: 'webapp', commit: 'c'.repeat(40), from: 0, to: 2, time: 0, dropped: 0 };

test('many reports go in one message, in order, with all their bytes', () => {
  const { told, listener } = slowHub();
  listener.want(1, { all: true, ids: [], repos: [] });
  listener.report(1, 'gone', { id: 'aaaaaa' });
  listener.output(1, piece, Buffer.from('a\n'));
  listener.output(2, piece, Buffer.from('b\n'));
  listener.report(2, 'exec.output', { id: 'bbbbbb', stream: 'stdout' }, Buffer.from('c'));
  listener.flush();
  listener.flush();
  assert.equal(told.length, 1);
  assert.deepEqual(
    told[0]?.news.map(({ drone, report }) => [drone, report?.method, report?.bytes]),
    [
      [1, 'gone', 0],
      [1, 'output', 2],
      [2, 'exec.output', 1],
    ],
  );
  assert.equal(told[0]?.body, 'a\nc');
});

test('what is urgent goes in this turn, and what is not waits for more', async () => {
  const { told, listener } = slowHub();
  listener.report(1, 'machine', {});
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(told.length, 0);
  listener.report(1, 'exec.exit', { id: 'aaaaaa' });
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(
    told.map(({ news }) => news.length),
    [2],
  );
  listener.report(1, 'gone', { id: 'aaaaaa' });
  const kept = setInterval(() => {}, 1_000);
  while (told.length < 2) await new Promise((resolve) => setImmediate(resolve));
  clearInterval(kept);
});

test('a link that is too slow loses output, and is told how many lines, by process', () => {
  const { told, other, listener } = slowHub();
  listener.want(1, { all: true, ids: [], repos: [] });
  other.unreadBytes = 5_000_000;
  listener.output(1, { ...piece, dropped: 2 }, Buffer.from('a\nb\n'));
  listener.output(1, { ...piece, begun: 0 }, Buffer.from('preview'));
  other.unreadBytes = 0;
  listener.output(1, { ...piece, id: 'bbbbbb' }, Buffer.from('c\n'));
  listener.output(1, piece, Buffer.from('d\n'));
  listener.output(1, piece, Buffer.from('e\n'));
  listener.flush();
  const dropped = told.flatMap(({ news }) =>
    news.map(({ report }) => (report?.params as { dropped?: number } | undefined)?.dropped),
  );
  assert.deepEqual(dropped, [0, 4, 0]);
});
