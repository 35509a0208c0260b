import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { CLIENT_CALLS } from '../../src/protocol/client-calls.ts';
import { DRONE_CALLS } from '../../src/protocol/drone-calls.ts';
import { ERROR_CODES } from '../../src/protocol/errors.ts';
import { ORDERS } from '../../src/protocol/orders.ts';
import { RIGHTS } from '../../src/protocol/rights.ts';

const FOLDER = resolve(__dirname, '../../src/protocol');
const readme = readFileSync(join(FOLDER, 'README.md'), 'utf8');

/** What stands under a heading, up to the next one. */
function section(heading: string): string {
  const text = readme.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0];
  assert.ok(text, `a section "${heading}"`);
  return text;
}

/** The names in the first column of the table below a heading: "`stop`, `restart`" are two. */
function named(heading: string): string[] {
  const cells = section(heading).matchAll(/^\| ((?:`[^`]+`(?:, )?)+) \|/gm);
  return [...cells]
    .flatMap(([, cell = '']) => cell.split(', ').map((name) => name.replaceAll('`', '')))
    .sort();
}

/** The keys of an interface, which leaves nothing at run time. */
function keysOf(file: string, name: string): string[] {
  const text =
    readFileSync(join(FOLDER, file), 'utf8').split(`export interface ${name} {`)[1]?.split('\n}')[0] ?? '';
  return [...text.matchAll(/^ {2}'?([\w.-]+)'?: /gm)].map(([, key = '']) => key).sort();
}

test('every call of a client is in the document, with the right that it takes', () => {
  assert.deepEqual(named('Calls of a client'), Object.keys(CLIENT_CALLS).sort());
  const text = section('Calls of a client');
  for (const [name, { right }] of Object.entries(CLIENT_CALLS)) {
    assert.match(text, new RegExp(`^\\|[^|]*\`${name}\`[^|]*\\| ${right} \\|`, 'm'));
  }
  for (const right of RIGHTS) assert.match(text, new RegExp(`\`${right}\``));
});

test('every call of a drone, every order and every notice is in the document', () => {
  assert.deepEqual(named('Calls of a drone'), Object.keys(DRONE_CALLS).sort());
  assert.deepEqual(named('Orders of the hub'), Object.keys(ORDERS).sort());
  const notices = keysOf('answers.ts', 'Notices');
  assert.ok(notices.length > 5);
  assert.deepEqual(named('What the hub tells a client'), notices);
});

test('every parameter of a call is named in its row', () => {
  const schemas = {
    'Calls of a client': Object.entries(CLIENT_CALLS).map(([name, { params }]) => [name, params] as const),
    'Calls of a drone': Object.entries(DRONE_CALLS),
    'Orders of the hub': Object.entries(ORDERS),
  };
  for (const [heading, calls] of Object.entries(schemas)) {
    for (const [name, schema] of calls) {
      const row =
        section(heading)
          .split('\n')
          .find((line) => line.split('|')[1]?.includes(`\`${name}\``)) ?? '';
      if (!('entries' in schema) || /\| (as |a process report|an interest)/.test(row)) continue;
      for (const key of Object.keys(schema.entries))
        assert.match(row, new RegExp(`\\b${key}\\b`), `${name}: ${key}`);
    }
  }
});

test('every error code is in the document, with the meaning that the code has of it', () => {
  assert.deepEqual(named('Error codes'), Object.keys(ERROR_CODES).sort());
  for (const [code, meaning] of Object.entries(ERROR_CODES)) {
    assert.ok(section('Error codes').includes(`| \`${code}\` | ${meaning} |`), code);
  }
});

test('the limits that the document names have the values that it says', () => {
  const limits = readFileSync(join(FOLDER, 'limits.ts'), 'utf8');
  const value = (name: string) => {
    const text = new RegExp(`export const ${name} = ([\\d_* ]+);`).exec(limits)?.[1] ?? assert.fail(name);
    return text.split('*').reduce((product, factor) => product * Number(factor.replaceAll('_', '')), 1);
  };
  for (const [, name = '', number, unit] of section('Limits').matchAll(/`([A-Z_]+)`, (\d+) ([KM])iB/g)) {
    assert.equal(value(name), Number(number) * (unit === 'K' ? 1024 : 1024 ** 2), name);
  }
  assert.equal(value('DEAD_AFTER'), 24_000);
  assert.equal(value('EXEC_WINDOW'), 2 * 1024 ** 2);
});
