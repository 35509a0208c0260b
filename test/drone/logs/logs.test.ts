import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Log } from '../../../src/drone/logs/log.ts';
import type { Logs } from '../../../src/drone/logs/logs.ts';
import { freshMeta } from '../../../src/drone/logs/meta.ts';
import type { LogStream } from '../../../src/drone/logs/stream.ts';
import type { Interest } from '../../../src/protocol/events.ts';
import { eventually } from '../../fixtures/local-fleet.ts';
import { Supervised, supervised } from '../../fixtures/supervised.ts';

const ALL = { all: true, ids: [], repos: [] };
const NOTHING = { all: false, ids: [], repos: [] };

/** A reader of everything that is written from now on. */
function reader(logs: Logs, hasRoom = () => true) {
  const seen = { text: '', dropped: 0, pieces: 0, to: -1 };
  const stream = logs.stream({
    hasRoom,
    emit: (piece, body) => {
      seen.text += body.toString();
      seen.dropped += piece.dropped;
      seen.pieces++;
      seen.to = piece.to;
    },
  });
  return {
    seen,
    stream,
    want: (interest: Interest = ALL, resume = false) => logs.setInterest(stream, interest, resume),
  };
}

test(
  'each line is sent once and whole, even if it is written in parts',
  supervised(async (s) => {
    const { seen, want } = reader(s.logs);
    want();
    await s.spawn(`printf 'one '; sleep 0.2; printf 'line\\nnext'; sleep 0.2; echo ' line'; exec sleep 300`);
    await eventually(() => seen.text.endsWith('next line\n'), 'both lines');
    assert.equal(seen.text, 'one line\nnext line\n');
  }),
);

test(
  'a reader that joins late gets what is written from then on',
  supervised(async (s) => {
    const id = await s.spawn(`echo old; while ! [ -e go ]; do sleep 0.05; done; echo new; exec sleep 300`);
    await s.printed(id, /old/);
    const { seen, want } = reader(s.logs);
    want();
    writeFileSync(join(s.dir, 'app/go'), '');
    await eventually(() => seen.text !== '', 'a line');
    assert.equal(seen.text, 'new\n');
  }),
);

test(
  'logs that nobody wants are not read',
  supervised(async (s) => {
    const { seen, want } = reader(s.logs);
    want({ all: false, ids: [], repos: ['other'] });
    const id = await s.spawn(`echo line; exec sleep 300`);
    await s.printed(id, /line/);
    want(NOTHING);
    assert.equal(seen.pieces, 0);
  }),
);

test(
  'output continues where it stopped when the drone restarts',
  supervised(async (s) => {
    const first = reader(s.logs);
    first.want();
    const id = await s.spawn(
      `echo one; while ! [ -e go ]; do sleep 0.05; done; echo two; echo three; exec sleep 300`,
    );
    await eventually(() => first.seen.text === 'one\n', 'the first line');
    s.logs.close();
    writeFileSync(join(s.dir, 'app/go'), '');
    await eventually(
      () => readFileSync(join(s.dir, 'log', `${id}.log`), 'utf8').includes('three'),
      'the rest',
    );
    s.again();
    const second = reader(s.logs);
    second.want(ALL, true);
    await eventually(() => second.seen.text.includes('three'), 'the rest is sent');
    assert.equal(second.seen.text, 'two\nthree\n');
  }),
);

test(
  'invalid UTF-8 and multi-byte characters come through',
  supervised(async (s) => {
    const { seen, want } = reader(s.logs);
    want();
    await s.spawn(`printf '\\303'; sleep 0.1; printf '\\274ber\\n\\377\\n'; exec sleep 300`);
    await eventually(() => seen.text.split('\n').length === 3, 'two lines');
    assert.equal(seen.text, 'über\n\ufffd\n');
  }),
);

test(
  'a line without an end is sent in parts, and the end of a stopped process as it is',
  supervised(async (s) => {
    const { seen, want } = reader(s.logs);
    want();
    const id = await s.spawn(`head -c 600000 /dev/zero | tr '\\0' x; printf end; exec sleep 300`);
    await eventually(() => seen.text.length >= 524_288, 'two parts');
    await s.supervisor.stop([id], 5000);
    assert.match(seen.text, /^x{600000}end\n$/);
  }),
);

test(
  'pages: by offset, the last lines, and since a time',
  supervised(async (s) => {
    const id = await s.spawn(`seq 1 2000; exec sleep 300`);
    await s.printed(id, /^2000$/m);
    const tail = await s.logs.read({ id, at: { kind: 'tail', lines: 3 }, limit: 1 << 20, repo: null });
    assert.equal(tail.body.toString(), '1998\n1999\n2000\n');
    assert.equal(tail.page.to, tail.page.end);
    const all = await s.logs.read({ id, at: { kind: 'tail', lines: 99_999 }, limit: 1 << 20, repo: null });
    assert.equal(all.body.toString().split('\n').length, 2001);
    const none = await s.logs.read({ id, at: { kind: 'tail', lines: 0 }, limit: 1 << 20, repo: null });
    assert.equal(none.body.length, 0);
    const some = await s.logs.read({ id, at: { kind: 'offset', offset: 4 }, limit: 7, repo: null });
    assert.equal(some.body.toString(), '3\n4\n5\n', 'whole lines only');
    const later = await s.logs.read({
      id,
      at: { kind: 'since', time: Date.now() + 60_000 },
      limit: 1 << 20,
      repo: null,
    });
    assert.equal(later.body.length, 0);
    const earlier = await s.logs.read({
      id,
      at: { kind: 'since', time: Date.now() - 60_000 },
      limit: 1 << 20,
      repo: null,
    });
    assert.deepEqual(earlier.body, all.body);
  }),
);

async function capped(body: (s: Supervised) => Promise<void>): Promise<void> {
  const s = new Supervised(256 * 1024);
  try {
    await body(s);
  } finally {
    await s.end();
  }
}

test('a log is capped at its front: the newest lines are kept, and the cut ones are counted', () =>
  capped(async (s) => {
    const id = await s.spawn(`seq -w 1 200000; echo done; exec sleep 300`);
    await s.printed(id, /./);
    const info = await eventually(() => {
      const [log] = s.logs.list();
      return log && log.end === 7 * 200_000 + 5 && log.end - log.start <= 256 * 1024 ? log : null;
    }, 'the cap');
    const { page, body } = await s.logs.read({
      id,
      at: { kind: 'offset', offset: 0 },
      limit: 1 << 20,
      repo: null,
    });
    const lines = body.toString().trimEnd().split('\n');
    assert.equal(page.from, info.start);
    assert.equal(lines.at(-1), 'done');
    assert.equal(Number(lines[0]), info.dropped + 1, 'the first line kept follows the last one dropped');
    const file = join(s.dir, 'log', `${id}.log`);
    await eventually(() => statSync(file).blocks * 512 <= 300 * 1024, 'the disk has the rest back');
    assert.deepEqual(s.problems, []);
  }));

test('a log that grows while it is cut, and then falls silent, is cut again', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  let go = () => {};
  const gate = new Promise<void>((open) => {
    go = open;
  });
  const stream = { cutting: () => gate, send: () => false } as unknown as LogStream;
  const problem = (line: string) => assert.fail(line);
  const spec = { id: 'aaaaaa', repo: 'webapp', commit: 'c'.repeat(40), command: ['x'] };
  const log = new Log(freshMeta(spec), { folder, max: 65_536, streams: new Set([stream]), problem });
  for (let round = 0; round < 2; round++) {
    appendFileSync(log.file.path, 'a line\n'.repeat(20_000));
    log.poll();
  }
  go();
  await eventually(() => statSync(log.file.path).blocks * 512 <= 65_536, 'the disk has all of the rest back');
  assert.equal(log.file.end, 280_000);
});

test('a slow reader is told how many lines it missed, and misses no others', () =>
  capped(async (s) => {
    let room = false;
    const { seen, want } = reader(s.logs, () => room);
    want();
    await s.spawn(`seq -w 1 200000; echo done; exec sleep 300`);
    await eventually(() => {
      const [log] = s.logs.list();
      return log && log.dropped > 0 && log.end === 7 * 200_000 + 5 && log.end - log.start <= 256 * 1024;
    }, 'the cap');
    room = true;
    await eventually(() => seen.text.endsWith('done\n'), 'the rest');
    assert.equal(seen.dropped + seen.text.split('\n').length - 2, 200_000);
  }));

test('offsets and counts survive a restart of the drone', () =>
  capped(async (s) => {
    const id = await s.spawn(`seq -w 1 100000; exec sleep 300`);
    const before = await eventually(() => {
      const [log] = s.logs.list();
      return log && log.end === 700_000 && log.end - log.start <= 256 * 1024 ? log : null;
    }, 'the cap');
    s.again();
    assert.deepEqual(s.logs.list(), [before]);
    assert.match(await s.text(id), /100000\n$/);
  }));

test(
  'a log that was emptied by someone continues',
  supervised(async (s) => {
    const id = await s.spawn(`echo one; while ! [ -e go ]; do sleep 0.05; done; echo two; exec sleep 300`);
    await s.printed(id, /one/);
    truncateSync(join(s.dir, 'log', `${id}.log`));
    writeFileSync(join(s.dir, 'app/go'), '');
    await s.printed(id, /two/);
    assert.equal(await s.text(id), 'two\n');
  }),
);

test(
  'a log with a broken description is still shown',
  supervised(async (s) => {
    const id = await s.spawn(`echo line; exec sleep 300`);
    await s.printed(id, /line/);
    s.logs.close();
    appendFileSync(join(s.dir, 'log', `${id}.json`), '{');
    s.again();
    assert.equal(await s.text(id), 'line\n');
    assert.match(s.problems.join(), /json is damaged/);
  }),
);

test(
  'an unfinished last line does not run into the output of the next run',
  supervised(async (s) => {
    const id = await s.spawn(`printf 'no end'; exit 1`);
    await s.printed(id, /^no end\nno end\n$/);
  }),
);

test(
  'the log of a stopped process can still be read',
  supervised(async (s) => {
    const id = await s.spawn(`echo line; exec sleep 300`);
    await s.printed(id, /line/);
    await s.supervisor.stop([id], 5000);
    assert.equal(await s.text(id), 'line\n');
    s.again();
    assert.equal(await s.text(id), 'line\n');
  }),
);
