import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { withTables } from '../../scripts/protocol-tables.ts';
import { FEATURES } from '../../src/protocol/features.ts';
import { RIGHTS } from '../../src/protocol/rights.ts';
import { ROOT } from '../fixtures/root.ts';

const FOLDER = join(ROOT, 'src/protocol');
const readme = readFileSync(join(FOLDER, 'README.md'), 'utf8');

/** What stands under a heading, up to the next one. */
function section(heading: string): string {
  const text = readme.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0];
  assert.ok(text, `a section "${heading}"`);
  return text;
}

test('the tables of the document match what is checked: npm run man makes them', () => {
  assert.equal(withTables(readme), readme);
});

test('every feature and every right is in the document', () => {
  for (const word of [...FEATURES, ...RIGHTS]) assert.match(readme, new RegExp(`\`${word}\``), word);
});

test('every shape that the tables name is explained under Words', () => {
  const words = section('Words');
  for (const word of [
    'selection',
    'interest',
    'place',
    'process report',
    'stop result',
    'page',
    'log',
    'labels',
  ])
    assert.match(words, new RegExp(`^\\| \`${word}\` \\|`, 'm'), word);
});

test('the limits in the document have their actual values', () => {
  const limits = readFileSync(join(FOLDER, 'limits.ts'), 'utf8');
  const value = (name: string) => {
    const text = new RegExp(`export const ${name} = ([\\d_* ]+);`).exec(limits)?.[1] ?? assert.fail(name);
    return text.split('*').reduce((product, factor) => product * Number(factor.replaceAll('_', '')), 1);
  };
  for (const [, name = '', number, unit] of section('Limits').matchAll(/`([A-Z_]+)`, (\d+) ([KM])iB/g)) {
    assert.equal(value(name), Number(number) * (unit === 'K' ? 1024 : 1024 ** 2), name);
  }
  assert.equal(value('DEAD_AFTER_MS'), 24_000);
  assert.equal(value('EXEC_WINDOW_BYTES'), 2 * 1024 ** 2);
});
