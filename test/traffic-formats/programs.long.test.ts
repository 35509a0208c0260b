import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { type AddressInfo, createServer as createPlace } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { AppTraffic } from '../../src/protocol/endpoints.ts';
import { FORMATS } from '../../src/traffic-formats/formats.ts';
import { servicesOf } from '../../src/traffic-formats/services.ts';
import { type Borrowed, fromDebian } from '../fixtures/borrowed.ts';
import { endpoint } from '../fixtures/endpoint.ts';
import { eventually } from '../fixtures/local-fleet.ts';

/** Skips a test out loud if its program cannot be had. */
function borrowed(t: TestContext, name: string): Extract<Borrowed, { root: string }> | null {
  const program = fromDebian(name, [name]);
  if ('root' in program) return program;
  t.skip(program.missing);
  return null;
}

function directory(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'fleet-test-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function serving(t: TestContext, answer: RequestListener): Promise<number> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close().closeAllConnections());
  return (server.address() as AddressInfo).port;
}

/** Returns a port that was free a moment ago, for a program that cannot choose one itself. */
async function freePort(): Promise<number> {
  const server = createPlace().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Returns what is served there: the status, and of 200 the body. */
function ask(port: number, host: string, path: string): Promise<string> {
  const options: RequestOptions = { host: '127.0.0.1', port, path, servername: host, headers: { host } };
  return new Promise((resolve, reject) => {
    request({ ...options, rejectUnauthorized: false, agent: false }, async (response) => {
      let body = '';
      for await (const part of response) body += part;
      resolve(response.statusCode === 200 ? body : String(response.statusCode));
    })
      .on('error', reject)
      .end();
  });
}

function traffic(web: number, api: number): Record<string, AppTraffic> {
  const site = [{ host: 'example.com', path: '/' }];
  const below = [
    { host: 'example.com', path: '/api' },
    { host: '*.example.org', path: '/' },
  ];
  const idle = [{ host: 'idle.example.com', path: '/x' }];
  return {
    webapp: {
      services: [
        { service: 'web', routes: site },
        { service: 'api', routes: below },
        { service: 'idle', routes: idle },
      ],
      endpoints: [
        endpoint({ id: '000001', address: '127.0.0.1', port: web, routes: site }),
        endpoint({ id: '000002', address: '127.0.0.1', port: api, service: 'api', routes: below }),
      ],
    },
  };
}

test('caddy serves what endpoints writes, by host and path', async (t) => {
  const caddy = borrowed(t, 'caddy');
  if (!caddy) return;
  const dir = directory(t);
  const web = await serving(t, (asked, response) => response.end(`web ${asked.url}`));
  const api = await serving(t, (asked, response) => response.end(`api ${asked.url} ${asked.headers.host}`));
  const [http, https] = [await freePort(), await freePort()];
  writeFileSync(join(dir, 'fleet.caddy'), FORMATS.caddy(servicesOf(traffic(web, api))));
  const own = `admin off\nhttp_port ${http}\nhttps_port ${https}\nlocal_certs\nskip_install_trust\n`;
  writeFileSync(join(dir, 'Caddyfile'), `{\n${own}}\nimport ${dir}/fleet.caddy\n`);
  const file = join(caddy.root, 'usr/bin/caddy');
  const env = { ...process.env, ...caddy.env, HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir };
  const how = ['--config', join(dir, 'Caddyfile'), '--adapter', 'caddyfile'];
  const checked = spawnSync(file, ['validate', ...how], { env, encoding: 'utf8' });
  assert.equal(checked.status, 0, checked.stderr);
  const run = spawn(file, ['run', ...how], { env, stdio: 'ignore' });
  try {
    await eventually(() => ask(https, 'example.com', '/').catch(() => null), 'caddy answers');
    for (const [host, path, answer] of [
      ['example.com', '/x?y', 'web /x?y'],
      ['example.com', '/apiary', 'web /apiary'],
      ['example.com', '/api', 'api /api example.com'],
      ['example.com', '/api/x', 'api /api/x example.com'],
      ['a.example.org', '/', 'api / a.example.org'],
      ['idle.example.com', '/x/y', '503'],
      ['idle.example.com', '/', '404'],
    ] as const)
      assert.equal(await ask(https, host, path), answer, host + path);
  } finally {
    run.kill();
    await once(run, 'exit');
  }
});

test('prometheus finds the instances that endpoints writes, with their labels', (t) => {
  const prometheus = borrowed(t, 'prometheus');
  if (!prometheus) return;
  const dir = directory(t);
  const config = join(dir, 'prometheus.yml');
  writeFileSync(join(dir, 'fleet.json'), FORMATS.prometheus(servicesOf(traffic(20_000, 20_001))));
  const found = `file_sd_configs: [{ files: ['${dir}/fleet.json'] }]`;
  writeFileSync(config, `scrape_configs: [{ job_name: fleet, ${found} }]\n`);
  const promtool = (...args: string[]) =>
    spawnSync(join(prometheus.root, 'usr/bin/promtool'), ['check', ...args], { encoding: 'utf8' });
  const checked = promtool('config', config);
  assert.equal(checked.status, 0, checked.stderr);
  const { stdout } = promtool('service-discovery', config, 'fleet', '--timeout=5s');
  const targets = JSON.parse(stdout) as { labels: Record<string, string> }[];
  const shown = targets.map(({ labels }) => [
    labels['instance'],
    labels['app'],
    labels['service'],
    labels['release'],
  ]);
  assert.deepEqual(shown.sort(), [
    ['127.0.0.1:20000', 'webapp', 'web', 'v1'],
    ['127.0.0.1:20001', 'webapp', 'api', 'v1'],
  ]);
});
