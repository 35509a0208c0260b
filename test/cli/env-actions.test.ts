import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { Arguments } from '../../src/cli/arguments.ts';
import { changeOf } from '../../src/cli/env-actions.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

interface Given {
  verb?: string;
  options?: Record<string, string[]>;
  stdin?: string;
  cwd?: string;
}

function change(words: string[], { verb = 'set', options = {}, stdin = '', cwd = '/' }: Given = {}) {
  const args = new Arguments(verb, words, new Map(Object.entries(options)));
  return changeOf(args, { stdin: new PassThrough().end(stdin), cwd });
}

function folderWith(t: TestContext, name: string, text: string): string {
  const cwd = temporaryFolder(t);
  writeFileSync(join(cwd, name), text);
  return cwd;
}

test('set takes all behind the first = as the value', async () => {
  const { env, unset, roll } = await change(['URL=http://a/?b=c', 'EMPTY=', 'A=@home']);
  assert.deepEqual(env, { URL: 'http://a/?b=c', EMPTY: '', A: '@home' });
  assert.deepEqual([unset, roll], [[], true]);
});

test('@- is what standard input has, without the newline at its end', async () => {
  const table: [string, string][] = [
    ['secret\n', 'secret'],
    ['two\nlines\r\n', 'two\nlines'],
    ['blank\n\n', 'blank\n'],
    ['', ''],
  ];
  for (const [stdin, value] of table)
    assert.deepEqual((await change(['KEY=@-', 'OTHER=1'], { stdin })).env, { KEY: value, OTHER: '1' });
  await assert.rejects(change(['A=@-', 'B=@-']), { code: 'EUSAGE', message: /only one variable/ });
});

test('--from reads a file as node does, and words win over it', async (t) => {
  const cwd = folderWith(t, '.env', '# comment\nA=1\nB="two words"\n');
  const { env } = await change(['A=3'], { options: { from: ['.env'] }, cwd });
  assert.deepEqual({ ...env }, { A: '3', B: 'two words' });
  await assert.rejects(change([], { options: { from: ['absent'] }, cwd }), {
    code: 'EIO',
    message: /absent/,
  });
});

test('unset takes names', async () => {
  const options = { 'no-roll': [] };
  assert.deepEqual(await change(['A', 'B'], { verb: 'unset', options }), {
    env: {},
    unset: ['A', 'B'],
    roll: false,
  });
});

test('what is not a variable is explained', async () => {
  const table: [string, string[], RegExp][] = [
    ['set', [], /fleet env set KEY=VALUE$/],
    ['unset', [], /fleet env unset KEY$/],
    ['set', ['KEY'], /write KEY=VALUE, or KEY=@- for standard input/],
    ['set', ['1ST=x'], /'1ST' cannot name a variable/],
    ['unset', ['A=1'], /'A=1' cannot name a variable/],
  ];
  for (const [verb, words, message] of table)
    await assert.rejects(change(words, { verb }), { code: 'EUSAGE', message });
});

test('the variable by which a drone knows its processes is not of an app, wherever it comes from', async (t) => {
  const cwd = folderWith(t, '.env', 'FLEET_RUN=x\n');
  const given = { code: 'EUSAGE', message: /^FLEET_RUN is fleet's own/ };
  await assert.rejects(change(['FLEET_RUN=x']), given);
  await assert.rejects(change([], { options: { from: ['.env'] }, cwd }), given);
});
