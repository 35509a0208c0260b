import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeDir, makeIo, run } from '../world.ts';

function checkout(t: TestContext, files: Record<string, string>) {
  const dir = makeDir(t);
  mkdirSync(join(dir, '.git'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content);
  const io = Object.assign(makeIo(dir), { self: [process.execPath, 'fleet'] as const });
  return { dir, io, toml: () => readFileSync(join(dir, 'fleet.toml'), 'utf8') };
}

test('a Procfile becomes a fleet.toml that says the same', async (t) => {
  const { io, toml } = checkout(t, { Procfile: 'release: node m.js\nweb: node s.js --port $PORT\n' });
  assert.equal(await run(io, 'init'), 0);
  assert.equal(
    toml(),
    '# What fleet up runs. All keys: fleet help fleet.toml\n\n[deploy]\nrelease = "node m.js"\n\n[services.web]\ncommand = "node s.js --port $PORT"\n',
  );
  assert.equal(io.out, 'wrote fleet.toml from Procfile: web\n');
  assert.equal(io.err, 'the Procfile is read, too; where both say something, fleet.toml wins\n');
});

test('an ecosystem file is run in a process of its own, whatever it prints', async (t) => {
  const { io, toml } = checkout(t, {
    'package.json': '{"type": "commonjs"}',
    'ecosystem.config.js':
      'console.log("hello"); globalThis.wasHere = true;\nmodule.exports = { apps: [{ name: "web", script: "s.js", watch: true }] };',
  });
  assert.equal(await run(io, 'init'), 0);
  assert.ok(!('wasHere' in globalThis));
  assert.match(toml(), /\[services\.web\]\ncommand = "node s\.js"\nstop = \{ signal = "SIGINT" \}\n$/);
  assert.equal(io.out, 'wrote fleet.toml from ecosystem.config.js: web\n');
  assert.equal(io.err, 'not taken: web.watch: a release replaces what runs: fleet up\n');
});

test('an ecosystem file that fails is an error that says why, and nothing is written', async (t) => {
  const { dir, io } = checkout(t, { 'ecosystem.config.js': 'throw new TypeError("no such thing")' });
  await assert.rejects(run(io, 'init'), {
    code: 'ECONFIG',
    message: /cannot be evaluated: TypeError: no such thing$/,
  });
  assert.ok(!existsSync(join(dir, 'fleet.toml')));
});

test('package.json is the last that is looked for, and says how the app is built', async (t) => {
  const { io, toml } = checkout(t, {
    'package.json': '{"scripts": {"start": "node s.js", "lint": "x"}, "dependencies": {"a": "1"}}',
  });
  assert.equal(await run(io, 'init'), 0);
  assert.match(toml(), /\[deploy\]\nbuild = "npm install --omit=dev .*"\ncache = \["\.npm"\]\n/);
  assert.match(io.err, /^not taken: lint: /);
});

test('--from names the file', async (t) => {
  const { io } = checkout(t, { Procfile: 'web: a\n', 'other.json': '[{"name": "job", "script": "j.js"}]' });
  assert.equal(await run(io, 'init', '--from=other.json'), 0);
  assert.equal(io.out, 'wrote fleet.toml from other.json: web job\n');
});

test('a fleet.toml that is there stays as it is', async (t) => {
  const { io, toml } = checkout(t, { Procfile: 'web: a\n', 'fleet.toml': 'mine' });
  await assert.rejects(run(io, 'init'), { code: 'ECONFIG', message: /is there already/ });
  assert.equal(toml(), 'mine');
});

test('what cannot be made into services is an error, and nothing is written', async (t) => {
  const cases: [files: Record<string, string>, reason: RegExp][] = [
    [{}, /has no Procfile, no ecosystem\.config\.js and no package\.json; name a file/],
    [{ Procfile: 'release: x\n' }, /Procfile has no services/],
    [{ Procfile: 'web = x\n' }, /Procfile:1: not NAME: COMMAND/],
    [{ 'package.json': '{"scripts": {"test": "x"}}' }, /no script that is known to be a service/],
    [{ 'package.json': '{' }, /is not valid JSON/],
  ];
  for (const [files, message] of cases) {
    const { dir, io } = checkout(t, files);
    await assert.rejects(run(io, 'init'), { code: 'ECONFIG', message });
    assert.ok(!existsSync(join(dir, 'fleet.toml')));
  }
});
