import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { commit, eventually } from '../fixtures/local-fleet.ts';
import { ROOT } from '../fixtures/root.ts';
import { stage } from '../fixtures/stage.ts';

const EXAMPLE = join(ROOT, 'example/seaport');
const SHARE = 25;
const REQUESTS = 400;

const files = Object.fromEntries(
  readdirSync(EXAMPLE)
    .filter((name) => name !== 'node_modules')
    .map((name) => [name, readFileSync(join(EXAMPLE, name), 'utf8')]),
);
const on = stage(['web1', 'web2'], files);

test('services that register with seaport, and a proxy that sends a share of requests to a new commit', async (t) => {
  if (!(await installed(t))) return;
  const [registry, proxy] = [await freePort(), await freePort()];
  const env = ['--env.HOST=127.0.0.1', `--env.REGISTRY=127.0.0.1:${registry}`];
  const spawn = async (...words: string[]) => {
    const { code, stdout, stderr } = await on.cli('spawn', ...env, ...words);
    assert.equal(code, 0, stderr);
    return [...stdout.matchAll(/\(spawned (\S+)\)/g)].map(([, id = '']) => id);
  };
  const answers = async (count: number) => {
    const texts = await Promise.all(Array.from({ length: count }, () => answerOf(proxy)));
    return { of: (text: string) => texts.filter((one) => one === text).length, texts };
  };
  const onlyOf = (text: string) => async () => (await answers(20)).of(text) === 20;

  await spawn('--drone=web1', `--env.REGISTRY_PORT=${registry}`, '--', 'node', 'registry.js');
  await spawn('--drone=web2', `--env.PROXY_PORT=${proxy}`, `--env.SHARE=${SHARE}`, '--', 'node', 'proxy.js');
  await eventually(onlyOf('nobody is registered as web\n'), 'the proxy answers');
  const first = await spawn('--drone=*', '--', 'node', 'web.js');
  await eventually(onlyOf('web 1.0.0\n'), 'the first version serves');

  commit(on.app, { 'package.json': (files['package.json'] ?? '').replace('"1.0.0"', '"1.0.1"') });
  assert.equal((await on.cli('deploy')).code, 0);
  assert.ok(await installed(t));
  await spawn('--drone=web1', '--', 'node', 'web.js');
  await eventually(async () => (await answers(40)).of('web 1.0.1\n') > 0, 'the new version gets requests');
  const { of } = await answers(REQUESTS);
  assert.equal(of('web 1.0.0\n') + of('web 1.0.1\n'), REQUESTS, 'every request is answered');
  const share = (100 * of('web 1.0.1\n')) / REQUESTS;
  assert.ok(share > SHARE / 2 && share < SHARE * 1.5, `${share} % of the requests`);

  assert.equal((await on.cli('stop', ...first)).code, 0);
  await eventually(onlyOf('web 1.0.1\n'), 'the new version has all requests');
});

/** Installs what the services need, on each drone; false if there is no way to npm. */
async function installed(t: TestContext): Promise<boolean> {
  const { code, stderr } = await on.cli('exec', '--drone=*', '--', 'npm', 'ci', '--no-audit', '--no-fund');
  if (code !== 0) t.skip(`seaport cannot be installed: ${stderr.trim().split('\n').at(-1)}`);
  return code === 0;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Returns what the proxy answers, or null if it does not listen. */
function answerOf(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    get({ port, host: '127.0.0.1', agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      response.once('end', () => resolve(text));
    }).once('error', () => resolve(null));
  });
}
