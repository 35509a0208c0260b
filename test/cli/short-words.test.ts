import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withShortWords } from '../../src/cli/short-words.ts';

test('of a word that nobody can read, only the ends are shown', () => {
  const path = `/srv/${'deep/'.repeat(500)}app.toml`;
  const shown = withShortWords(`cannot read ${path}: no such file`);
  assert.match(shown, /^cannot read \/srv\/deep\/[^ ]+…[^ ]+\/app\.toml: no such file$/);
  assert.ok(shown.length < 500, shown);
  assert.equal(withShortWords('🦊'.repeat(500)), `${'🦊'.repeat(250)}…${'🦊'.repeat(100)}`);
});

test('a long line of words stays as it is, and so does a path of usual length', () => {
  for (const line of ['a word '.repeat(500), `/${'a'.repeat(399)}`]) assert.equal(withShortWords(line), line);
});
