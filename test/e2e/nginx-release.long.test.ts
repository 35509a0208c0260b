import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { fromDebian } from '../fixtures/borrowed.ts';
import { commit, eventually } from '../fixtures/local-fleet.ts';
import { BIN } from '../fixtures/real-fleet.ts';
import { ROOT } from '../fixtures/root.ts';
import { type Result, Running } from '../fixtures/running.ts';
import { stage } from '../fixtures/stage.ts';

const SERVER = (answer: string) =>
  `require('http').createServer((_, response) => response.end('${answer}')).listen(process.env.PORT);
  process.on('SIGTERM', () => process.exit());`;
// The script runs for itself, beside a hub and drones that must answer it.
const on = stage(['web1', 'web2'], { 'server.js': SERVER('one') }, ['hub', 'web1', 'web2']);

/** Returns nginx as it is installed, else as it is borrowed; or why there is none. */
function findNginx(): { file: string } | { missing: string } {
  if (!spawnSync('nginx', ['-v']).error) return { file: 'nginx' };
  const borrowed = fromDebian('nginx', ['nginx']);
  if ('missing' in borrowed) return borrowed;
  const file = join(borrowed.root, 'usr/sbin/nginx');
  const runs = existsSync(file) && spawnSync(file, ['-v']).status === 0;
  return runs ? { file } : { missing: "needs nginx (Debian's package nginx-light)" };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function configuration(dir: string, port: number): string {
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${dir}/${name};`,
  );
  return `daemon off; pid ${dir}/pid; error_log ${dir}/error.log; worker_processes 1;
    events {}
    http {
      access_log off; ${places.join(' ')}
      include ${dir}/webapp.conf;
      server { listen 127.0.0.1:${port}; location / { proxy_pass http://webapp; } }
    }`;
}

function ask(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, agent: new Agent() }, async (response: IncomingMessage) => {
      let body = '';
      for await (const part of response) body += part;
      resolve(response.statusCode === 200 ? body : String(response.statusCode));
    }).on('error', reject);
  });
}

test('release.sh releases behind nginx by hand: no request is lost, and what does not answer changes nothing', async (t) => {
  const nginx = findNginx();
  if ('missing' in nginx) return t.skip(nginx.missing);
  const dir = join(on.fleet.dir, 'nginx');
  mkdirSync(dir);
  const port = await freePort();
  const file = join(dir, 'webapp.conf');
  writeFileSync(join(dir, 'nginx.conf'), configuration(dir, port));
  const how = [nginx.file, '-c', join(dir, 'nginx.conf'), '-e', join(dir, 'error.log')];
  symlinkSync(BIN, join(dir, 'fleet'));
  const env = { ...on.fleet.env, PATH: `${dir}:${process.env['PATH']}` };
  const release = (reload: string): Promise<Result> => {
    const argv = ['bash', join(ROOT, 'example/nginx/release.sh'), file, 'node', 'server.js'];
    return on.fleet.own(Running.start(argv, { cwd: on.app, env: { ...env, RELOAD: reload } })).ended;
  };
  const instances = async () =>
    Object.values(await on.fleet.ps())
      .flatMap((ids) => Object.keys(ids))
      .sort();

  const first = await release('true');
  assert.equal(first.code, 0, first.stderr);
  assert.equal(readFileSync(file, 'utf8').match(/server 127\.0\.0\.1:\d+; # web[12]#/g)?.length, 2);
  const [program = '', ...args] = how;
  const running = spawn(program, args, { stdio: 'inherit' });
  try {
    await eventually(async () => (await ask(port).catch(() => null)) === 'one', 'nginx serves the first');
    const before = await instances();
    let isOver = false;
    const seen = new Set<string>();
    const client = async () => {
      while (!isOver) seen.add(await ask(port).catch(String));
    };
    const clients = [client(), client()];
    commit(on.app, { 'server.js': SERVER('two') });
    const second = await release(`${how.join(' ')} -s reload`);
    await eventually(async () => (await ask(port)) === 'two', 'nginx serves the second');
    isOver = true;
    await Promise.all(clients);
    assert.equal(second.code, 0, second.stderr);
    assert.deepEqual([...seen].sort(), ['one', 'two']);
    const after = await instances();
    assert.deepEqual([after.length, after.filter((id) => before.includes(id))], [2, []]);

    const written = readFileSync(file, 'utf8');
    commit(on.app, { 'server.js': 'process.exit(3)' });
    const third = await release(`${how.join(' ')} -s reload`);
    assert.equal(third.code, 1);
    assert.match(third.stderr, /does not answer; those from before stay/);
    assert.equal(readFileSync(file, 'utf8'), written);
    assert.deepEqual(await instances(), after, 'what does not answer was stopped');
    assert.equal(await ask(port), 'two');
  } finally {
    running.kill();
    await once(running, 'exit');
  }
});
