import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { commit, eventually } from '../fixtures/local-fleet.ts';
import { stage } from '../fixtures/stage.ts';

const missing = spawnSync('nginx', ['-v']).error ? "needs nginx (Debian's package nginx-light)" : false;
/** Below those from which connections come, and none of the other test with nginx. */
const PORT = 10_000 + (process.pid % 10_000);

const SERVER = `require('http').createServer((request, response) =>
  response.end(process.env.SERVICE + ' v' + process.env.RELEASE + ' ' + request.url)).listen(process.env.PORT);`;
const on = stage(['web1', 'web2'], {
  'server.js': SERVER,
  Procfile: 'web: node server.js\napi: node server.js\nidle: node server.js\n',
  'fleet.toml': `
[services.web]
count = 2
host = ["example.com"]
stop = { wait = "500ms" }
[services.api]
host = ["example.com/api", "*.example.org"]
stop = { wait = "500ms" }
[services.idle]
host = ["idle.com"]
count = 0
`,
});

function configuration(dir: string): string {
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${dir}/${name};`,
  );
  return `daemon off; pid ${dir}/pid; error_log ${dir}/error.log; worker_processes 1;
    events {}
    http {
      access_log off; ${places.join(' ')}
      include ${dir}/fleet.conf;
      server {
        listen 127.0.0.1:${PORT};
        location / {
          if ($fleet_upstream = "") { return 404; }
          proxy_pass http://$fleet_upstream; proxy_http_version 1.1;
          proxy_set_header Connection ""; proxy_set_header Host $host;
        }
      }
    }`;
}

function ask(host: string, path = '/'): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: PORT, path, agent: new Agent(), headers: { host } };
    get(options, async (response: IncomingMessage) => {
      let body = '';
      for await (const part of response) body += part;
      resolve(response.statusCode === 200 ? body : String(response.statusCode));
    }).on('error', reject);
  });
}

test('nginx, which reads what endpoints writes, loses no request during a release', {
  skip: missing,
}, async () => {
  const dir = join(on.fleet.dir, 'nginx');
  mkdirSync(dir);
  writeFileSync(join(dir, 'nginx.conf'), configuration(dir));
  assert.equal((await on.cli('up')).code, 0);
  const typed = ['--format=nginx', `--output=${dir}/fleet.conf`];
  assert.equal((await on.cli('endpoints', ...typed)).code, 0);
  const how = ['-c', join(dir, 'nginx.conf'), '-e', join(dir, 'error.log')];
  const nginx = spawn('nginx', how, { stdio: 'inherit' });
  const watch = on.fleet.start(['endpoints', ...typed, '--watch', '--', 'nginx', ...how, '-s', 'reload'], {
    cwd: on.app,
    env: process.env,
  });
  try {
    await eventually(() => ask('example.com').catch(() => null), 'nginx listens');
    for (const [host, path, answer] of [
      ['example.com', '/x', 'web v1 /x'],
      ['example.com', '/apiary', 'web v1 /apiary'],
      ['example.com', '/api/x?y', 'api v1 /api/x?y'],
      ['a.b.example.org', '/', 'api v1 /'],
      ['example.org', '/', '404'],
      ['idle.com', '/', '502'],
    ] as const)
      assert.equal(await ask(host, path), answer, host + path);
    let isOver = false;
    const seen = new Set<string>();
    const client = async () => {
      // Over a connection each: nginx closes those that are idle when it reads its configuration again.
      while (!isOver) seen.add(await ask('example.com').catch(String));
    };
    const clients = [client(), client()];
    commit(on.app, { 'better.txt': '2' });
    const up = await on.cli('up');
    await eventually(async () => (await ask('example.com')) === 'web v2 /', 'the new one answers');
    isOver = true;
    await Promise.all(clients);
    assert.equal(up.code, 0, up.stderr);
    assert.deepEqual([...seen].sort(), ['web v1 /', 'web v2 /']);
  } finally {
    await watch.end('SIGTERM');
    nginx.kill();
    await once(nginx, 'exit');
  }
});
