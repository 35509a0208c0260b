import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../../fixtures/local-fleet.ts';
import { type Supervised, supervised } from '../../fixtures/supervised.ts';

const LINES = 'echo one; echo two; exec sleep 300';
const path = (s: Supervised, id: string, kind: string) => join(s.dir, 'log', `${id}.${kind}`);

/** A process that has printed two lines, and no drone. */
async function printedBoth(s: Supervised): Promise<string> {
  const id = await s.spawn(LINES);
  await s.printed(id, /two/);
  s.logs.close();
  return id;
}

const records = (...numbers: number[]) => Buffer.from(new Float64Array(numbers).buffer);
const INDEXES: [string, Buffer][] = [
  ['a fraction', records(1000, 3.5)],
  ['1e300', records(1000, 1e300)],
  ['not a number', records(Number.NaN, Number.NaN)],
  ['negative', records(-5, -5)],
  ['random bytes', Buffer.from('0123456789abcdefghijklmnopqrstuv')],
];

for (const [name, index] of INDEXES) {
  test(
    `an index that is ${name} stops no drone from starting and hides nothing; it is reported once`,
    supervised(async (s) => {
      const id = await printedBoth(s);
      writeFileSync(path(s, id, 'idx'), index);
      s.again();
      assert.equal(await s.text(id), 'one\ntwo\n');
      const [info] = s.logs.list();
      assert.deepEqual([info?.start, info?.end], [0, 8]);
      const { page } = await s.logs.read({ id, at: { kind: 'offset', offset: 0 }, limit: 100, repo: null });
      assert.ok(page.times.flat().every(Number.isSafeInteger), `${page.times}`);
      s.again();
      assert.equal(s.problems.filter((line) => line.includes('idx was damaged')).length, 1);
    }),
  );
}

test(
  'what is in the place of a file of a log, and is none, is put aside and reported, and the log goes on',
  supervised(async (s) => {
    const id = await printedBoth(s);
    const paths = ['log', 'idx', 'marks'].map((kind) => path(s, id, kind));
    for (const one of paths) {
      rmSync(one, { force: true });
      execFileSync('mkfifo', [one]);
    }
    s.again();
    for (const one of paths)
      assert.ok(s.problems.includes(`${one} was not a file; it is now ${one}.broken`), one);
    s.logs.endRun(id);
    assert.equal(s.logs.list()[0]?.id, id);
  }),
);

test(
  'an index that cannot be read at all costs only the times',
  supervised(async (s) => {
    const id = await printedBoth(s);
    rmSync(path(s, id, 'idx'));
    mkdirSync(path(s, id, 'idx'));
    s.again();
    assert.equal(await s.text(id), 'one\ntwo\n');
  }),
);

const DESCRIPTIONS: [string, (meta: Record<string, unknown>) => unknown][] = [
  ['empty', () => null],
  ['without a start', ({ start, ...meta }) => meta],
  ['with a start that is none', (meta) => ({ ...meta, start: 1e300 })],
  ['with a base that is none', (meta) => ({ ...meta, base: -1 })],
  ['with a base behind its start', (meta) => ({ ...meta, base: 4096 })],
  ['of a repository that is none', (meta) => ({ ...meta, repo: '../x' })],
];

for (const [name, damage] of DESCRIPTIONS) {
  test(
    `a log whose description is ${name} is still shown as that of its process`,
    supervised(async (s) => {
      const id = await printedBoth(s);
      const file = path(s, id, 'json');
      writeFileSync(file, JSON.stringify(damage(JSON.parse(readFileSync(file, 'utf8'))) ?? ''));
      s.again();
      assert.equal(await s.text(id), 'one\ntwo\n');
      const { repo, commit, command } = s.logs.list()[0] ?? assert.fail('it is listed');
      assert.deepEqual([repo, commit, command], ['webapp', 'c'.repeat(40), ['sh', '-c', LINES]]);
    }),
  );
}

test(
  'keys that a newer fleet added to a description are kept, and missing ones have defaults',
  supervised(async (s) => {
    const id = await printedBoth(s);
    const file = path(s, id, 'json');
    const { base, dropped, stoppedAt, ...meta } = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...meta, kind: 'build' }));
    s.again();
    assert.deepEqual(s.problems, []);
    const written = { ...meta, base, dropped, stoppedAt, kind: 'build' };
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), written);
  }),
);

test(
  'lines that were cut are not shown, even if the disk could not record the new beginning',
  supervised(async (s) => {
    const id = await s.spawn(`seq -w 1 20000; exec sleep 300`);
    await s.printed(id, /^20000$/m);
    s.logs.close();
    const before = readFileSync(path(s, id, 'json'));
    try {
      execFileSync('fallocate', ['--punch-hole', '--offset', '0', '--length', '65536', path(s, id, 'log')], {
        stdio: 'pipe',
      });
    } catch {
      return; // This file system makes no holes, so none is left.
    }
    writeFileSync(path(s, id, 'json'), before);
    s.again();
    assert.match(await s.text(id), /^10924\n10925\n/);
  }),
);

test(
  'the unrecorded beginning of a log is found from the hole that cutting left',
  supervised(async (s) => {
    const id = await s.spawn(`seq -w 1 20000; exec sleep 300`);
    await s.printed(id, /^20000$/m);
    s.logs.close();
    const log = path(s, id, 'log');
    try {
      execFileSync('fallocate', ['--punch-hole', '--offset', '0', '--length', '65536', log], {
        stdio: 'pipe',
      });
    } catch {
      return; // This file system makes no holes, so none is left.
    }
    writeFileSync(path(s, id, 'json'), '');
    s.again();
    const text = await s.text(id);
    // 65,536 bytes are 10,922 lines of 6 bytes and a part of the next.
    assert.match(text, /^10924\n10925\n/);
    assert.match(text, /\n20000\n$/);
  }),
);

test(
  'a log whose file is gone removes no other log from the list',
  supervised(async (s) => {
    const gone = await printedBoth(s);
    s.again();
    const id = await printedBoth(s);
    rmSync(path(s, gone, 'log'));
    s.again();
    assert.deepEqual(
      s.logs
        .list()
        .map((log) => log.id)
        .sort(),
      [gone, id].sort(),
    );
    assert.equal(await s.text(id), 'one\ntwo\n');
  }),
);

test(
  'the log of a process that was stopped just before its drone was killed is removed in time',
  supervised(async (s) => {
    const id = await printedBoth(s);
    const file = path(s, id, 'json');
    const before = readFileSync(file, 'utf8');
    await s.supervisor.stop([id], 0);
    writeFileSync(file, before);
    s.again();
    await eventually(() => JSON.parse(readFileSync(file, 'utf8')).stoppedAt !== null, 'it is marked');
  }),
);
