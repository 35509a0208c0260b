import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fromDebian } from '../fixtures/borrowed.ts';
import { eventually } from '../fixtures/local-fleet.ts';
import { ROOT } from '../fixtures/root.ts';
import { stage } from '../fixtures/stage.ts';

const SERVER = `require('http').createServer((_, response) => response.end('fleet_test 1\\n')).listen(process.env.PORT);`;
const on = stage(['web1', 'web2'], {
  'server.js': SERVER,
  Procfile: 'web: node server.js\n',
  'fleet.toml': '[services.web]\ncount = 2\nhost = ["example.com"]\n',
});

interface Target {
  health: string;
  labels: Record<string, string>;
}

/** Prometheus chooses no port by itself. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What the README tells people to write, for this hub and token, asking often. */
function readmeConfiguration(token: string): string {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const block = /^ {4}scrape_configs:\n(?: {5,}.*\n)+/m.exec(readme)?.[0];
  assert.ok(block, 'the README has it');
  const own = block.replace('hub.example.com:7000', on.fleet.address).replace('fleet_…', token);
  return own.replace(/^ {4}/gm, '').replace('url:', 'refresh_interval: 1s\n        url:');
}

/** A real Prometheus that finds its targets at the hub, with this token. Returns a function that asks for those. */
async function prometheus(t: TestContext, program: string, token: string): Promise<() => Promise<Target[]>> {
  const dir = join(on.fleet.dir, 'prometheus');
  mkdirSync(dir);
  writeFileSync(
    join(dir, 'prometheus.yml'),
    `global: { scrape_interval: 1s }\n${readmeConfiguration(token)}`,
  );
  const port = await freePort();
  const places = [`--config.file=${dir}/prometheus.yml`, `--storage.tsdb.path=${dir}/data`];
  const child = spawn(program, [...places, `--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' });
  t.after(async () => {
    child.kill();
    if (child.exitCode === null) await once(child, 'exit');
  });
  return async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/targets?state=active`).catch(() => null);
    if (!answer?.ok) return [];
    return ((await answer.json()) as { data: { activeTargets: Target[] } }).data.activeTargets;
  };
}

test('prometheus finds the instances at the hub by itself, with a token, and sees that they change', async (t) => {
  const borrowed = fromDebian('prometheus', ['prometheus']);
  if ('missing' in borrowed) return t.skip(borrowed.missing);
  assert.equal((await on.cli('up')).code, 0);
  const token = (await on.cli('token', 'create', 'prometheus', '--can=read')).stdout.trim();
  const targets = await prometheus(t, join(borrowed.root, 'usr/bin/prometheus'), token);
  const up = async () => (await targets()).filter(({ health }) => health === 'up');
  await eventually(async () => (await up()).length === 2, 'both are scraped', 30_000);
  const shown = (await up()).map(({ labels: { app, service, drone, release, job } }) =>
    [app, service, drone, release, job].join(' '),
  );
  assert.deepEqual(shown.sort(), ['webapp web web1 v1 fleet', 'webapp web web2 v1 fleet']);
  assert.equal((await on.cli('scale', 'web=1')).code, 0);
  await eventually(async () => (await targets()).length === 1, 'one is left', 30_000);
});
