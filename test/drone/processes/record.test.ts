import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  contentsOf,
  isMoreChanged,
  newRecord,
  parseRecord,
  RecordError,
  updated,
  withEnv,
} from '../../../src/drone/processes/record.ts';

const spec = {
  ...{ id: 'abcdef', key: '0'.repeat(32), repo: 'webapp', commit: 'c'.repeat(40) },
  ...{ command: ['node', 'server.js'], env: { COLOR: 'red' } },
};
const run = { pid: 100, started: 5, boot: 'this boot' };
const full = { spec, run, restarts: 2, failures: 1, lastExit: { code: 3, signal: null }, stopping: false };
const plain = { givenUp: false, ends: [], newer: {} };

const parse = (value: unknown, more?: unknown) =>
  parseRecord('abcdef', JSON.stringify(value), more === undefined ? null : JSON.stringify(more));

test('a record is written as the first fleet wrote it, key for key', () => {
  const keys = (value: object) => Object.keys(value).sort().join();
  const record = newRecord({ ...spec, later: 'whatever a newer hub says' } as typeof spec);
  assert.equal(keys(contentsOf(record).content), 'failures,lastExit,restarts,run,spec,stopping');
  assert.equal(keys(record.spec), 'command,commit,env,id,key,repo');
  assert.deepEqual(parse(contentsOf(record).content), record);
  const phase = { is: 'running' as const, run, since: 0 };
  const lastExit = { code: 3, signal: null };
  const later = updated(record, { phase, restarts: 2, failures: 1, lastExit, ends: [] });
  assert.deepEqual(later, { ...full, ...plain });
  assert.deepEqual(contentsOf(later).content, full);
});

test('what the first fleet does not know is in a file that it ignores', () => {
  const labels = { service: 'web' };
  const record = newRecord({ ...spec, labels });
  const { content, more } = contentsOf(record);
  assert.deepEqual(content, contentsOf(newRecord(spec)).content);
  assert.deepEqual(more, { labels });
  assert.deepEqual(parse(content, more), record);
  const newer = { ...more, nice: 5 };
  assert.deepEqual(parse(content, newer), { ...record, newer: { nice: 5 } });
  assert.deepEqual(contentsOf(parse(content, newer)).more, newer, 'what a newer one adds is kept');
  assert.equal(contentsOf(newRecord(spec)).more, null);
  assert.throws(() => parse(content, { version: 2 }), {
    message: /^abcdef.more.json: version: /,
    damaged: false,
  });
  assert.throws(() => parse(content, ''), { message: /^abcdef.more.json: /, damaged: true });
});

test('where a process runs, and its port once it has one, are in that file too', () => {
  const record = newRecord({ ...spec, cwd: 'api', port: 20_000 });
  const { content, more } = contentsOf(record);
  assert.deepEqual(content, contentsOf(newRecord(spec)).content);
  assert.deepEqual(more, { cwd: 'api', port: 20_000 });
  assert.deepEqual(parse(content, more), record);
});

test('variables that are added win over those that it has, and the others stay', () => {
  const record = withEnv(newRecord(spec), { COLOR: 'blue', SIZE: 'L' });
  assert.deepEqual(record.spec, { ...spec, env: { COLOR: 'blue', SIZE: 'L' } });
  assert.deepEqual(withEnv(newRecord(spec), { SIZE: 'L' }).spec.env, { COLOR: 'red', SIZE: 'L' });
});

test('keys from a newer fleet are ignored, and kept when the record is written again', () => {
  const newer = { ...full, usage: { rss: 5 }, spec: { ...spec, nice: 5 } };
  const record = parse(newer);
  const phase = { is: 'waiting' as const, last: null, until: 0 };
  const written = updated(record, { phase, restarts: 3, failures: 2, lastExit: null, ends: [] });
  assert.deepEqual(contentsOf(written).content, {
    ...newer,
    run: null,
    restarts: 3,
    failures: 2,
    lastExit: null,
  });
});

test('missing or invalid values have defaults, if the process can be started without them', () => {
  const { repo, commit, command } = spec;
  const least = newRecord({ id: 'abcdef', key: `abcdef${'0'.repeat(26)}`, repo, commit, command, env: {} });
  assert.deepEqual(parse({ spec: { repo, commit, command } }), least);
  const nonsense = { run: 7, restarts: -1, failures: 1e300, lastExit: 'bad', stopping: 'yes' };
  assert.deepEqual(parse({ ...nonsense, spec: { repo, commit, command, key: 5 } }), least);
});

const UNREADABLE: [string, string, RegExp, boolean][] = [
  ['cut in half', JSON.stringify(full).slice(0, 60), /JSON/, true],
  ['empty', '', /JSON/, true],
  ['full of zeros, as a power cut may leave it', '\0'.repeat(200), /JSON/, true],
  ['not an object', '7', /Object/, true],
  [
    'without a command',
    JSON.stringify({ ...full, spec: { ...spec, command: undefined } }),
    /^spec.command: /,
    true,
  ],
  [
    'with an environment that is none',
    JSON.stringify({ ...full, spec: { ...spec, env: { A: 1 } } }),
    /^spec.env.A: /,
    true,
  ],
  ['of another process', JSON.stringify({ ...full, spec: { ...spec, id: '123456' } }), /^spec.id: /, true],
  ['of a version with another meaning', JSON.stringify({ ...full, version: 2 }), /^version: /, false],
];

for (const [name, text, message, damaged] of UNREADABLE) {
  test(`a record that is ${name} is refused, and the error says whether another fleet may be able to read it`, () => {
    assert.throws(
      () => parseRecord('abcdef', text, null),
      (error) => error instanceof RecordError && message.test(error.message) && error.damaged === damaged,
    );
  });
}

test('that a process was given up, and when it has ended, is in the second file and survives', () => {
  const phase = { is: 'waiting' as const, last: null, until: Number.POSITIVE_INFINITY };
  const record = newRecord(spec);
  const state = { phase, restarts: 0, failures: 0, lastExit: null, ends: [10.4, 20] };
  const written = updated(record, state, 1000);
  const { content, more } = contentsOf(written);
  assert.deepEqual([content, more], [contentsOf(record).content, { givenUp: true, ends: [1010, 1020] }]);
  assert.deepEqual(parse(content, more), written);
  assert.ok(isMoreChanged(record, written) && !isMoreChanged(written, written));
  assert.deepEqual(parse(content, { givenUp: 'yes', ends: 7 }), record, 'nonsense costs no process its life');
});
