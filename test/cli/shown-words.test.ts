import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wordsWithoutSecret } from '../../src/cli/shown-words.ts';

test('a command line is shown without its secret, however that was given', () => {
  const cases: [string, string | null][] = [
    ['ps --secret=s --json', 'ps --json'],
    ['ps --secret s --json', 'ps --json'],
    ['--secret=s ps --secret=t', 'ps'],
    ['ps --secret', 'ps'],
    ['ps --secret-file=f', null],
    ['exec -- mine --secret=s', null],
    ['exec --secret=s -- mine --secret=s', 'exec -- mine --secret=s'],
    ['ps', null],
  ];
  for (const [given, shown] of cases)
    assert.deepEqual(wordsWithoutSecret(given.split(' '))?.join(' ') ?? null, shown, given);
});
