import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandLine, freeName, isName, newId, toName } from '../../src/protocol/names.ts';

test('a name is a plain file name and a plain word in a URL', () => {
  for (const name of ['webapp', 'web-1', 'a', '_x', 'v1.2', 'A'.repeat(100)]) assert.ok(isName(name), name);
  for (const name of [
    '',
    '.',
    '..',
    '.git',
    '-x',
    'a/b',
    '../x',
    'a b',
    'x.git',
    'x.lock',
    'a..b',
    'a\0',
    'a\n',
    'é',
    'A'.repeat(101),
    '__proto__/x',
  ]) {
    assert.ok(!isName(name), JSON.stringify(name));
  }
});

test('any text becomes a name', () => {
  const table: [string, string][] = [
    ['my app', 'my-app'],
    ['webapp.git', 'webapp'],
    ['-rf', 'rf'],
    ['über', 'uber'],
    ['Ångström', 'Angstrom'],
    ['a..b', 'a.b'],
  ];
  for (const [text, name] of table) assert.equal(toName(text), name);
});

test('names in other scripts stay distinct, and the same text always gets the same name', () => {
  const texts = ['приложение', 'магазин', 'мой app', 'твой app', '商店', '🚀', '🛸', '...', '!!!'];
  const names = texts.map(toName);
  for (const [index, name] of names.entries()) assert.ok(isName(name), `${texts[index]}: ${name}`);
  assert.equal(new Set(names).size, texts.length, names.join(' '));
  assert.match(toName('мой app'), /^app-[0-9a-f]{6}$/);
  assert.match(toName('商店'), /^unnamed-[0-9a-f]{6}$/);
  // File systems of macOS take characters apart.
  assert.equal(toName('й'.normalize('NFD')), toName('й'.normalize('NFC')));
});

test('a name in use gets -1, -2, …', () => {
  const used = new Set(['web', 'web-1']);
  assert.equal(
    freeName('web', (name) => used.has(name)),
    'web-2',
  );
  assert.equal(
    freeName('db', (name) => used.has(name)),
    'db',
  );
});

test('an id is six hex digits, and never one that is taken', () => {
  let refused = 0;
  const id = newId(() => ++refused < 5);
  assert.match(id, /^[0-9a-f]{6}$/);
  assert.ok(refused >= 5);
});

test('processes keep their order as keys of an object', () => {
  const ids = Array.from({ length: 2_000 }, () => newId(() => false));
  assert.deepEqual(Object.keys(Object.fromEntries(ids.map((id) => [id, 0]))), [...new Set(ids)]);
});

test('a command is printed as one would type it, with quotes if a shell needs them', () => {
  assert.equal(commandLine(['node', 'server.js', '8080']), 'node server.js 8080');
  assert.equal(commandLine(['sh', '-c', "echo 'hi' $X"]), `sh -c 'echo '\\''hi'\\'' $X'`);
  assert.equal(commandLine(['x', '']), "x ''");
});
