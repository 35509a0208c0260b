import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { commit, eventually } from '../fixtures/local-fleet.ts';
import { SECRET } from '../fixtures/real-fleet.ts';
import { assertFailed, stage } from '../fixtures/stage.ts';

const SERVER = `require('http').createServer((_, response) => response.end('hello')).listen(process.env.PORT);`;
const on = stage(['web1'], {
  'server.js': SERVER,
  Procfile: 'web: node server.js\n',
  'fleet.toml': '[services.web]\nhost = ["example.com"]\n',
});

test('--watch keeps a file true, and an instance is stopped when the command has ended', async () => {
  assert.equal((await on.cli('up')).code, 0);
  const [file, log] = [join(on.fleet.dir, 'fleet.conf'), join(on.fleet.dir, 'reloads')];
  // It notes what the file has, and whether all of that still answers.
  const reload = `
    const ports = [...require('fs').readFileSync('${file}', 'utf8').matchAll(/server 127.0.0.1:(\\d+);/g)].map((one) => one[1]);
    const before = (() => { try { return JSON.parse(require('fs').readFileSync('${log}', 'utf8')).ports } catch { return [] } })();
    Promise.all([...ports, ...before].map((port) => fetch('http://127.0.0.1:' + port).then((it) => it.status))).then((answers) =>
      require('fs').writeFileSync('${log}', JSON.stringify({ ports, answers })));`;
  const watch = on.fleet.start(
    ['endpoints', '--format=nginx', `--output=${file}`, '--watch', '--', process.execPath, '-e', reload],
    { cwd: on.app },
  );
  const reloads = () => JSON.parse(readFileSync(log, 'utf8')) as { ports: string[]; answers: number[] };
  await eventually(() => existsSync(log), 'the command has run');
  const first = reloads();
  assert.equal(first.ports.length, 1);
  commit(on.app, { 'better.txt': '2' });
  assert.equal((await on.cli('up')).code, 0);
  await eventually(() => reloads().ports.join() !== first.ports.join(), 'it has run again');
  const { ports, answers } = reloads();
  assert.ok(!ports.includes(first.ports[0] ?? ''));
  assert.ok(
    answers.every((status) => status === 200),
    'nothing was stopped before it ended',
  );
  watch.kill('SIGINT');
  assert.equal((await watch.ended).code, 0);
});

test('--output writes the file once', async () => {
  const file = join(on.fleet.dir, 'targets.json');
  assert.equal((await on.cli('endpoints', '--format=prometheus', `--output=${file}`)).code, 0);
  assert.match(readFileSync(file, 'utf8'), /"targets"/);
});

test('what does not fit together is a mistake', async () => {
  assertFailed(
    await on.cli('endpoints', '--watch'),
    2,
    'fleet: --watch keeps a file true; name it with --output=FILE',
  );
  assertFailed(
    await on.cli('endpoints', 'web', '--', 'reload'),
    2,
    "fleet: 'reload' would be run after a change; add --watch",
  );
});

test('the hub serves the same over HTTP, to whoever has the right', async () => {
  const at = (query: string, secret?: string) =>
    fetch(`http://${on.fleet.address}/v1/endpoints${query}`, {
      headers: secret === undefined ? {} : { authorization: `Bearer ${secret}` },
    });
  const edge = (await on.cli('token', 'create', 'edge', '--can=proxy')).stdout.trim();
  const ci = (await on.cli('token', 'create', 'ci', '--can=deploy')).stdout.trim();
  const found = await at('', edge);
  assert.deepEqual([found.status, found.headers.get('content-type')], [200, 'application/json']);
  assert.equal(((await found.json()) as unknown[]).length, 1);
  assert.match(await (await at('?format=nginx', SECRET)).text(), /^upstream webapp\.web \{$/m);
  assert.equal((await at('?format=toString', SECRET)).status, 400);
  assert.deepEqual([(await at('')).status, (await at('', ci)).status], [401, 403]);
});
