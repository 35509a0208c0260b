import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { certificateHub } from '../../src/client/certificate-hub.ts';
import { followHub } from '../../src/client/follow-endpoints.ts';
import type { Way } from '../../src/proxy/acme/arrival.ts';
import { acmeAuthority } from '../../src/proxy/acme/authority.ts';
import type { HttpProxy } from '../../src/proxy/options.ts';
import { createProxy } from '../../src/proxy/proxy.ts';
import { commit, eventually } from '../fixtures/local-fleet.ts';
import { borrowed, freePort, Pebble } from '../fixtures/pebble.ts';
import { SECRET } from '../fixtures/real-fleet.ts';
import { stage } from '../fixtures/stage.ts';

const skip = 'missing' in borrowed ? borrowed.missing : false;
/** Long enough for what the tests look at, and short enough to wait for two thirds of it. */
const VALID_SECONDS = 12;

const SERVER = `require('http').createServer((_, response) => response.end('hello')).listen(process.env.PORT);`;
const toml = (hosts: string[]) => `[services.web]\nhost = ${JSON.stringify(hosts)}\n`;
const on = stage(['web1'], {
  'server.js': SERVER,
  Procfile: 'web: node server.js\n',
  'fleet.toml': toml(['one.example.com', '*.example.com']),
});

let pebble: Pebble;
let httpPort = 0;
const proxies = new Map<string, { proxy: HttpProxy; lines: string[] }>();

before(async () => {
  if (skip) return;
  httpPort = await freePort();
  pebble = await Pebble.start(on.fleet.dir, { httpPort, validSeconds: VALID_SECONDS });
});
after(async () => {
  await Promise.all([...proxies.values()].map(({ proxy }) => proxy.close()));
  await pebble?.end();
});

/** Names lead to whoever listens at the authority's port, as in its own DNS; those that begin with `elsewhere` do not. */
const way = (): Way => ({
  addressesOf: async (host) => [host.startsWith('elsewhere') ? '127.0.0.9' : '127.0.0.1'],
  port: httpPort,
});

async function start(name: string, { port = 0, orders = true } = {}): Promise<HttpProxy> {
  const dir = join(on.fleet.dir, name);
  mkdirSync(dir, { recursive: true });
  const target = { hub: on.fleet.address, secret: SECRET };
  const lines: string[] = [];
  const authority = acmeAuthority({
    directory: pebble.directory,
    email: 'ops@example.com',
    ca: pebble.ca,
  });
  const proxy = await createProxy({
    dir,
    listen: { host: '127.0.0.1', port },
    tls: { listen: { host: '127.0.0.1', port: 0 }, certificates: [] },
    acme: orders ? { authority, hub: certificateHub(target), way: way() } : undefined,
    follow: (how) => followHub(target, how),
    log: (line) => lines.push(line),
  });
  proxies.set(name, { proxy, lines });
  return proxy;
}

/** Gives the fingerprint of the certificate that is shown for a host; null without one. */
async function shown(proxy: HttpProxy, servername: string): Promise<string | null> {
  const socket = connect({
    ...{ host: '127.0.0.1', port: proxy.tlsPort ?? 0, servername },
    rejectUnauthorized: false,
  });
  try {
    await once(socket, 'secureConnect');
    const { fingerprint256, subjectaltname } = socket.getPeerCertificate();
    assert.equal(subjectaltname, `DNS:${servername}`);
    return fingerprint256;
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    return null;
  } finally {
    socket.destroy();
  }
}

const linesOf = (name: string) => proxies.get(name)?.lines.join('\n') ?? '';

test('two proxies order one certificate, which both show, and a third answers the challenge', {
  skip,
}, async () => {
  await start('front', { port: httpPort, orders: false });
  assert.equal((await on.cli('up')).code, 0);
  const [a, b] = [await start('a'), await start('b')];
  const first = await eventually(() => shown(a, 'one.example.com'), `a shows it: ${linesOf('a')}`);
  await eventually(async () => (await shown(b, 'one.example.com')) !== null, 'b shows it');
  assert.equal(pebble.orders, 1);
  assert.equal(await shown(b, 'one.example.com'), first);
});

test('hub and proxies keep it, its key is for nobody else, and the hub has it sealed', { skip }, () => {
  const kept = join(on.fleet.dir, 'a', 'certificates.json');
  assert.equal(statSync(kept).mode & 0o777, 0o600);
  assert.match(readFileSync(kept, 'utf8'), /BEGIN PRIVATE KEY/);
  const ofHub = join(on.fleet.dir, 'hub', 'certificates.json');
  assert.equal(statSync(ofHub).mode & 0o777, 0o600);
  assert.doesNotMatch(readFileSync(ofHub, 'utf8'), /PRIVATE KEY/);
  assert.doesNotMatch(readFileSync(join(on.fleet.dir, 'hub', 'audit.jsonl'), 'utf8'), /BEGIN/);
});

test('a certificate is renewed after two thirds of its life, by one order', { skip }, async () => {
  const [a, b] = ['a', 'b'].map((name) => proxies.get(name)?.proxy as HttpProxy) as [HttpProxy, HttpProxy];
  const orders = pebble.orders;
  const seen = new Set([await shown(a, 'one.example.com')]);
  const renewed = async () => {
    const [one, two] = [await shown(a, 'one.example.com'), await shown(b, 'one.example.com')];
    seen.add(one);
    return seen.size > 3 && one === two;
  };
  await eventually(renewed, 'both show the third new one', 90_000);
  // One may be under way at the beginning, and one at the end.
  assert.ok(pebble.orders - orders <= 5, `${pebble.orders - orders} orders`);
});

test('a name that leads elsewhere is said once, and the authority hears nothing of it', {
  skip,
}, async () => {
  commit(on.app, { 'fleet.toml': toml(['elsewhere.example.com']) });
  assert.equal((await on.cli('up')).code, 0);
  const said =
    /no certificate for elsewhere\.example\.com: .* does not lead here.*; it is tried again in 30 s/;
  await eventually(() => said.test(linesOf('a') + linesOf('b')), 'one of them says so');
  commit(on.app, { 'fleet.toml': toml(['elsewhere.example.com', 'two.example.com']) });
  assert.equal((await on.cli('up')).code, 0);
  const { proxy } = proxies.get('b') as { proxy: HttpProxy };
  await eventually(() => shown(proxy, 'two.example.com'), 'another host is not held up by it');
  assert.match(pebble.log, /two\.example\.com/);
  assert.doesNotMatch(pebble.log, /elsewhere/);
  assert.equal((linesOf('a') + linesOf('b')).match(/no certificate for/g)?.length, 1);
  assert.equal(await shown(proxy, 'elsewhere.example.com'), null);
});

test('while the hub is away, a proxy that starts again shows what it has kept', { skip }, async () => {
  const before = proxies.get('b') as { proxy: HttpProxy };
  await on.hub.end();
  const print = await shown(before.proxy, 'two.example.com');
  assert.ok(print);
  await before.proxy.close();
  const again = await start('b');
  assert.equal(await shown(again, 'two.example.com'), print);
});
