import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTimeless } from '../../src/git/fetch-question.ts';
import { packet } from '../fixtures/push.ts';

test('only answers that no ref can change are cached', () => {
  const fetch = `${packet('command=fetch')}0001${packet(`want ${'a'.repeat(40)}\n`)}`;
  const table: [string, string, boolean][] = [
    [fetch, 'version=2', true],
    [fetch, '', false],
    [fetch, 'version=1', false],
    [packet('command=ls-refs'), 'version=2', false],
    [fetch + packet('include-tag'), 'version=2', false],
    [fetch + packet('want-ref refs/heads/main'), 'version=2', false],
    [fetch + packet('deepen-not v1'), 'version=2', false],
    [fetch + 'x'.repeat(70_000), 'version=2', false],
  ];
  for (const [question, protocol, timeless] of table) {
    assert.equal(
      isTimeless(Buffer.from(question), protocol),
      timeless,
      `${question.slice(0, 60)} ${protocol}`,
    );
  }
});
