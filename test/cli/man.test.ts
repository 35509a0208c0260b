import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS } from '../../src/cli/commands.ts';
import { type Page, toRoff, toText } from '../../src/cli/man.ts';
import { findPage } from '../../src/cli/manual.ts';

const PAGE: Page = {
  name: 'x',
  section: 1,
  summary: 'does nothing',
  synopsis: ['x [--all]'],
  description: ['Nothing.'],
  options: [],
  examples: [],
  exitStatus: [],
  environment: [],
  seeAlso: [],
};

test('the source of a page is ASCII, and no line of text is taken for a macro', () => {
  const source = toRoff({ ...PAGE, description: ['.dot', "'quote", 'a\\b `--c-d` … ^~'] });
  assert.match(source, /^[\x20-\x7e\n]*$/);
  assert.match(source, /\n\\&\.dot\n/);
  assert.match(source, /\n\\\(aqquote\n/);
  assert.match(source, /a\\eb \\fB\\-\\-c\\-d\\fR \\\[u2026\] \\\(ha\\\(ti/);
});

test('the text of a page fits a terminal, except for code', () => {
  const page = findPage('logs', COMMANDS);
  assert.ok(page);
  const text = toText(page);
  const prose = text.split('\n').filter((line) => !line.startsWith(' '.repeat(11)));
  assert.deepEqual(
    prose.filter((line) => line.length > 80),
    [],
  );
  assert.match(text, /^SYNOPSIS\n {7}fleet logs \[-f\]/m);
  assert.doesNotMatch(text, /`/);
});
