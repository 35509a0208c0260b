import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseToml } from '../../src/app-file/toml.ts';
import { tomlKeys } from '../../src/app-file/toml-keys.ts';

const linesOf = (text: string) => tomlKeys(text).map(({ path, line }) => `${path.join('/')}:${line}`);

test('each key has its line, in every form that TOML has', () => {
  const text = [
    '\ufeff# comment = 1',
    'a.b = "x # y" # c = 2',
    '[t . "q.\\u0041"] # [no]',
    'm = """',
    'no = 1 \\"""',
    '""""',
    "l = '''",
    "[no]''''",
    'list = [',
    '  1, # ]',
    '  { x = "}", y = [2] },',
    ']',
    'in = { p = 1, "o p" . q = \'\\\' }',
    '[[many]]',
    'k = 1979-05-27 07:32:00',
    '[many.sub]',
    '[[many]]',
    'k = 2',
  ].join('\r\n');
  parseToml(text);
  assert.deepEqual(linesOf(text), [
    'a:2',
    'a/b:2',
    't:3',
    't/q.A:3',
    't/q.A/m:4',
    't/q.A/l:7',
    't/q.A/list:9',
    't/q.A/list/0:10',
    't/q.A/list/1:11',
    't/q.A/list/1/x:11',
    't/q.A/list/1/y:11',
    't/q.A/list/1/y/0:11',
    't/q.A/in:13',
    't/q.A/in/p:13',
    't/q.A/in/o p:13',
    't/q.A/in/o p/q:13',
    'many:14',
    'many/0:14',
    'many/0/k:15',
    'many/0/sub:16',
    'many/1:17',
    'many/1/k:18',
  ]);
});

/** Every path of a value that was parsed. */
function pathsOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null || value instanceof Date) return [];
  return Object.entries(value).flatMap(([key, one]) => [[...path, key], ...pathsOf(one, [...path, key])]);
}

/** TOML, and the line on which each key was written. */
class Writer {
  text = '';
  readonly lines = new Map<string, number>();

  write(text: string): void {
    this.text += text;
  }

  note(path: string[]): void {
    const key = JSON.stringify(path);
    if (!this.lines.has(key)) this.lines.set(key, this.text.split('\n').length);
  }
}

type Value = { toml: string } | { list: Value[] } | { table: [string, Value][] };
type Header = { path: string[]; pairs: [string[], Value][]; before: string };

const NAME = fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.string({ maxLength: 5 }));
const PLAIN = fc.oneof(
  fc.constantFrom(
    '1',
    'true',
    '1.5',
    '1979-05-27',
    "'it # is'",
    '"""a\n"b" ""c\\""""',
    "'''\n[x]\n''''",
    '"\\\\"',
  ),
  fc.string({ maxLength: 6 }).map((text) => JSON.stringify(text).replaceAll('\x7f', '\\u007F')),
);
const { value: VALUE } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    PLAIN.map((toml) => ({ toml })),
    fc.array(tie('value'), { maxLength: 3 }).map((list) => ({ list })),
    fc
      .uniqueArray(fc.tuple(NAME, tie('value')), { maxLength: 3, selector: ([name]) => name })
      .map((table) => ({ table })),
  ),
}));
const SPACE = fc.constantFrom('', '\n', '# a = 1\n', '\r\n\t\n');
const PATH = fc.array(NAME, { minLength: 1, maxLength: 3 });
const DOCUMENT: fc.Arbitrary<Header[]> = fc.array(
  fc.record({ path: PATH, pairs: fc.array(fc.tuple(PATH, VALUE), { maxLength: 3 }), before: SPACE }),
  { maxLength: 4 },
);

const bare = (name: string) =>
  /^[\w-]+$/.test(name) && name.length % 2 ? name : JSON.stringify(name).replaceAll('\x7f', '\\u007F');

function writeValue(out: Writer, path: string[], value: Value): void {
  if ('toml' in value) out.write(value.toml);
  else if ('list' in value) {
    out.write('[\n');
    for (const [index, one] of value.list.entries()) {
      out.note([...path, String(index)]);
      writeValue(out, [...path, String(index)], one);
      out.write(', # ]\n');
    }
    out.write(']');
  } else {
    out.write('{ ');
    for (const [index, [name, one]] of value.table.entries()) {
      if (index > 0) out.write(', ');
      writePair(out, path, [name], one);
    }
    out.write(' }');
  }
}

function writePair(out: Writer, table: string[], words: string[], value: Value): void {
  for (const index of words.keys()) out.note([...table, ...words.slice(0, index + 1)]);
  out.write(`${words.map(bare).join(' . ')} = `);
  writeValue(out, [...table, ...words], value);
}

function write(document: Header[]): Writer {
  const out = new Writer();
  for (const { path, pairs, before } of document) {
    out.write(before);
    for (const index of path.keys()) out.note(path.slice(0, index + 1));
    out.write(`[${path.map(bare).join('.')}]\n`);
    for (const [words, value] of pairs) {
      writePair(out, path, words, value);
      out.write('\n');
    }
  }
  return out;
}

test('all keys of any text that smol-toml can read are found, each on its line', () => {
  let read = 0;
  fc.assert(
    fc.property(DOCUMENT, (document) => {
      const out = write(document);
      let value: unknown;
      try {
        value = parseToml(out.text);
      } catch {
        return; // The same key twice.
      }
      read++;
      const found = tomlKeys(out.text);
      const sorted = (paths: string[][]) => paths.map((path) => JSON.stringify(path)).sort();
      assert.deepEqual(sorted(found.map(({ path }) => path)), sorted(pathsOf(value)));
      for (const { path, line } of found)
        assert.equal(line, out.lines.get(JSON.stringify(path)), path.join('.'));
    }),
    { numRuns: 500 },
  );
  assert.ok(read > 100, `${read} were valid`);
});

test('it ends for every text', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'[]{}="\'#.\\,\n a1') }), (text) => {
      let valid = true;
      try {
        parseToml(text);
      } catch {
        valid = false;
      }
      if (valid) tomlKeys(text);
    }),
    { numRuns: 3000 },
  );
});
