import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { CompiledFiles, type KeptCode } from '../../src/cli/compiled-files.ts';

const NONE: KeptCode = new Map();

/** Returns what makes a program of files, and writes others in their place. */
function programOf(t: TestContext, texts: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-program-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const write = (files: Record<string, string>) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  };
  write(texts);
  return { folder, write, start: (kept = NONE) => new CompiledFiles(folder, (id) => `node's ${id}`, kept) };
}

test('files of a program load each other once, also in a circle, and parts of node from elsewhere', (t) => {
  const { folder, start } = programOf(t, {
    'cli/main.js': "exports.name = 'main'; exports.ps = require('../chunks/ps.js'); exports.dir = __dirname;",
    'chunks/ps.js': "exports.again = require('../cli/main.js'); exports.net = require('node:net');",
    'chunks/other.js': 'module.exports = 42;',
  });
  const program = start();
  const main = program.load('cli/main.js') as {
    name: string;
    dir: string;
    ps: { again: unknown; net: string };
  };
  assert.deepEqual([main.name, main.dir, main.ps.net], ['main', join(folder, 'cli'), "node's node:net"]);
  assert.equal(main.ps.again, main);
  assert.equal(program.load('cli/main.js'), main);
  assert.equal(program.load('chunks/other.js'), 42);
});

test('code that was kept is used, with the functions that have run', (t) => {
  const { start } = programOf(t, { 'a.js': 'exports.add = (a, b) => a + b;' });
  const first = start();
  const { add } = first.load('a.js') as { add(a: number, b: number): number };
  const bytes = () => first.compiled().get('a.js')?.code.length ?? 0;
  const before = bytes();
  assert.equal(add(1, 2), 3);
  assert.ok(bytes() > before);
  assert.equal(first.hasCompiled, true);
  const again = start(first.compiled());
  assert.equal((again.load('a.js') as { add(a: number, b: number): number }).add(2, 2), 4);
  assert.equal(again.hasCompiled, false);
});

test('functions that run most are kept like those that run once', (t) => {
  const [once, often] = [1, 200_000].map((runs) => {
    const { start } = programOf(t, {
      'a.js': `exports.add${runs} = (a, b) => { const c = [a, b]; return c[0] + c[1]; };`,
    });
    const files = start();
    const [add] = Object.values(files.load('a.js') as object) as [(a: number, b: number) => number];
    let sum = 0;
    for (let n = 0; n < runs; n++) sum = add(sum, n);
    return files.compiled().get('a.js')?.code.length ?? 0;
  });
  assert.ok(Math.abs((once ?? 0) - (often ?? 0)) < 50, `${once} bytes and ${often}`);
});

test('what was kept stays when another file is added, unless the program has changed', (t) => {
  const { start, write } = programOf(t, { 'main.js': '', 'ps.js': '', 'wide.js': '' });
  const namesAfter = (kept: KeptCode, ...names: string[]) => {
    const files = start(kept);
    for (const name of ['main.js', ...names]) files.load(name);
    return files.compiled();
  };
  const kept = namesAfter(NONE, 'ps.js');
  assert.deepEqual([...namesAfter(kept, 'wide.js').keys()].sort(), ['main.js', 'ps.js', 'wide.js']);
  write({ 'main.js': '// another one' });
  assert.deepEqual([...namesAfter(kept, 'wide.js').keys()].sort(), ['main.js', 'wide.js']);
});

test('code that was kept is not used for another text, even one of the same length', (t) => {
  const { start, write } = programOf(t, { 'a.js': 'module.exports = 1;' });
  const first = start();
  assert.equal(first.load('a.js'), 1);
  write({ 'a.js': 'module.exports = 2;' });
  const second = start(first.compiled());
  assert.equal(second.load('a.js'), 2);
  assert.equal(second.hasCompiled, true);
});

test('code that V8 does not take is made anew', (t) => {
  const text = 'module.exports = 1;';
  const { start } = programOf(t, { 'a.js': text });
  const program = start(new Map([['a.js', { text: Buffer.from(text), code: Buffer.alloc(64, 1) }]]));
  assert.equal(program.load('a.js'), 1);
  assert.equal(program.hasCompiled, true);
});

test('an error names the file and the line of the program', (t) => {
  const { folder, start } = programOf(t, { 'a.js': "\n\nthrow new Error('odd');" });
  assert.throws(
    () => start().load('a.js'),
    (error: Error) => error.stack?.includes(`${join(folder, 'a.js')}:3`) === true,
  );
});
