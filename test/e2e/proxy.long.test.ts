import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { commit, eventually } from '../fixtures/local-fleet.ts';
import { SECRET } from '../fixtures/real-fleet.ts';
import type { Running } from '../fixtures/running.ts';
import { stage } from '../fixtures/stage.ts';

const SERVER = `
const { RELEASE, INSTANCE, PORT } = process.env;
require('http').createServer((request, response) => {
  if (request.url === '/crash') process.kill(process.pid, 'SIGKILL');
  setTimeout(() => response.end(JSON.stringify({ release: Number(RELEASE), instance: Number(INSTANCE) })), 5);
}).listen(PORT);
process.on('SIGTERM', () => process.exit(0));
`;
const on = stage(['web1', 'web2'], {
  'server.js': SERVER,
  Procfile: 'web: node server.js\n',
  'fleet.toml': '[services.web]\ncount = 3\nhost = ["example.com"]\n',
});

let proxy: Running;
let port = 0;

async function startProxy(): Promise<void> {
  const target = [`--hub=${on.fleet.address}`, `--secret=${SECRET}`];
  proxy = on.fleet.startDaemon('proxy', ['proxy', `--listen=127.0.0.1:${port}`, ...target]);
  port = Number((await proxy.printed(/^proxy listening on :(\d+)$/m))[1]);
}

interface Answer {
  status: number;
  body: string;
}

function ask(agent: Agent, path = '/', host = 'example.com'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = get(
      { agent, host: '127.0.0.1', port, path, headers: { host } },
      (response: IncomingMessage) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body })).on('error', reject);
      },
    );
    request.on('error', reject);
  });
}

/** Clients that ask one request after the other, over connections that stay, until `work` is done. */
async function underLoad(
  work: () => Promise<void>,
): Promise<{ answers: number; failed: string[]; seen: Set<number> }> {
  const agent = new Agent({ keepAlive: true });
  const result = { answers: 0, failed: [] as string[], seen: new Set<number>() };
  let isOver = false;
  const client = async () => {
    while (!isOver) {
      try {
        const { status, body } = await ask(agent);
        if (status === 200) result.seen.add((JSON.parse(body) as { release: number }).release);
        else result.failed.push(`${status} ${body}`);
      } catch (error) {
        result.failed.push(String(error));
      }
      result.answers++;
    }
  };
  const clients = Array.from({ length: 2 }, client);
  try {
    await work();
  } finally {
    isOver = true;
    await Promise.all(clients);
    agent.destroy();
  }
  return result;
}

async function succeeds(...args: string[]): Promise<void> {
  const { code, stderr } = await on.cli(...args);
  assert.equal(code, 0, stderr);
}

test('no request fails while releases come, are taken back, instances crash and the hub starts again', async () => {
  const agent = new Agent();
  await startProxy();
  await succeeds('up');
  await eventually(async () => (await ask(agent)).status === 200, 'the first answer');
  const load = await underLoad(async () => {
    commit(on.app, { 'better.txt': '2' });
    await succeeds('up');
    await succeeds('rollback');
    await ask(agent, '/crash');
    await eventually(async () => (await on.cli('status')).code === 0, 'it runs again');
    await on.hub.end();
    on.hub = await on.fleet.hub();
    commit(on.app, { 'better.txt': '5' });
    await eventually(async () => (await on.cli('up')).code === 0, 'a release by the new hub');
  });
  assert.deepEqual(load.failed, []);
  assert.deepEqual([...load.seen].sort(), [1, 2, 3, 4]);
});

test('a host that no service has is 404, and its page names nothing', async () => {
  assert.deepEqual(await ask(new Agent(), '/', 'other.com'), { status: 404, body: '404 Not Found\n' });
});

test('a proxy that starts while the hub is away acts by what it knew last', async () => {
  await proxy.end();
  await on.hub.end();
  await startProxy();
  assert.equal((await ask(new Agent())).status, 200);
  on.hub = await on.fleet.hub();
  await proxy.printed(/connected to the hub/);
});

test('during maintenance the proxy answers, over releases and restarts too, until it is off', async () => {
  await succeeds('maintenance', 'on', '-m', 'Back at noon.');
  assert.deepEqual(await ask(new Agent()), { status: 503, body: 'Back at noon.\n' });
  commit(on.app, { 'better.txt': '6' });
  await succeeds('up');
  await on.hub.end();
  on.hub = await on.fleet.hub();
  assert.equal((await on.cli('maintenance')).stdout, 'on\nBack at noon.\n');
  assert.equal((await ask(new Agent())).status, 503);
  writeFileSync(join(on.fleet.dir, 'page.html'), '<h1>Soon</h1>');
  await succeeds('maintenance', 'on', `--page=${join(on.fleet.dir, 'page.html')}`);
  await eventually(async () => (await ask(new Agent())).body === '<h1>Soon</h1>', 'the other page');
  await succeeds('maintenance', 'off');
  await eventually(async () => (await ask(new Agent())).status === 200, 'the instances answer');
  assert.equal((await on.cli('maintenance')).stdout, 'off\n');
});

test('a service without instances is 503', async () => {
  await succeeds('scale', 'web=0');
  await eventually(async () => (await ask(new Agent())).status === 503, 'nobody is there');
});
