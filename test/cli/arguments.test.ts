import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arguments } from '../../src/cli/arguments.ts';

const args = new Arguments(
  'add',
  ['prod'],
  new Map([
    ['json', []],
    ['hub', ['a', 'b']],
    ['env', ['A=1', 'B=x=y', 'C=', 'D=two\nlines']],
  ]),
);

test('an option that is given more than once keeps all its values, and the last one wins', () => {
  assert.deepEqual([args.text('hub'), args.list('hub')], ['b', ['a', 'b']]);
  assert.deepEqual([args.has('hub'), args.has('json'), args.has('secret')], [true, true, false]);
  assert.deepEqual([args.text('json'), args.text('secret'), args.list('secret')], [undefined, undefined, []]);
});

test('a pair is split at the first =', () => {
  assert.deepEqual(args.pairs('env'), { A: '1', B: 'x=y', C: '', D: 'two\nlines' });
  assert.deepEqual(args.pairs('other'), {});
});

test('the options can be printed as they were typed, except for excluded ones', () => {
  assert.deepEqual(args.typed(['env']), ['--json', '--hub=a', '--hub=b']);
  assert.deepEqual(args.typed(['env', 'hub', 'json']), []);
});
