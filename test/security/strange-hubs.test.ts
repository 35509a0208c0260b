import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fetchCommit } from '../../src/git/mirror.ts';
import { pushCommit } from '../../src/git/push.ts';
import { hubRemote } from '../../src/git/remote.ts';
import { commit, git, headOf, initRepository } from '../fixtures/local-fleet.ts';
import { RealFleet } from '../fixtures/real-fleet.ts';

const SECRET = 'Tr0ub4dor-and-3-horses';

const fleet = new RealFleet([]);
/** Somebody's server that is no hub of the user's: all that clients have told it. */
const told: string[] = [];
const stranger = createServer((request, response) => {
  told.push(request.headers.authorization ?? 'nothing');
  response.writeHead(404).end();
}).on('upgrade', (request, socket) => {
  told.push(request.headers.authorization ?? 'nothing');
  socket.destroy();
});
let address = '';

before(async () => {
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  address = `127.0.0.1:${(stranger.address() as AddressInfo).port}`;
});
after(async () => {
  await fleet.end();
  await new Promise((resolve) => stranger.close(resolve));
});

const theirs = (more: object = {}) => JSON.stringify({ remote: { default: { hub: address, ...more } } });

/** A checkout of somebody's repository, with these files in it. */
function clone(name: string, files: Record<string, string>): string {
  const dir = join(fleet.dir, name);
  initRepository(dir);
  commit(dir, files);
  return dir;
}

/** What the stranger is told when this runs. */
async function toldBy(cwd: string, args: string[], env: Record<string, string> = {}) {
  told.length = 0;
  const result = await fleet.run(args, { cwd, env });
  return { ...result, told: [...told] };
}

const trustedJson = () => join(fleet.dir, '.config/fleet/trusted.json');

test('a fleet.json of a cloned repository gets no secret from the environment or from options', async () => {
  const cwd = clone('cloned', { 'fleet.json': theirs() });
  const file = join(fleet.dir, 'secret');
  writeFileSync(file, SECRET);
  for (const [args, env] of [
    [['ps'], { FLEET_SECRET: SECRET }],
    [['deploy'], { FLEET_SECRET: SECRET }],
    [['ps', '+default', `--secret=${SECRET}`], {}],
    [['ps', `--secret-file=${file}`], {}],
    [['drone', '--remote=default', `--secret=${SECRET}`], {}],
  ] as [string[], Record<string, string>][]) {
    const { code, stderr, told } = await toldBy(cwd, args, env);
    assert.deepEqual([code, told], [1, []], args.join(' '));
    assert.match(stderr, /^fleet: .*fleet\.json is tracked by git, .*fleet remote trust\n$/);
  }
});

test("it does not take the place of the user's own remote", async () => {
  const global = join(fleet.dir, '.config/fleet/fleet.json');
  mkdirSync(join(global, '..'), { recursive: true });
  writeFileSync(global, JSON.stringify({ remote: { prod: { hub: '127.0.0.1:1', secret: SECRET } } }));
  const cwd = clone('hiding', { 'fleet.json': JSON.stringify({ remote: { prod: { hub: address } } }) });
  const { code, told } = await toldBy(cwd, ['ps', '+prod']);
  assert.deepEqual([code, told], [1, []]);
  rmSync(global);
});

test('a tracked directory that looks like a bare repository hides nothing', async () => {
  for (const name of ['objects', 'refs'])
    mkdirSync(join(fleet.dir, 'disguised/sub', name), { recursive: true });
  const cwd = clone('disguised', {
    'sub/HEAD': 'ref: refs/heads/main\n',
    'sub/objects/x': '',
    'sub/refs/x': '',
    'sub/fleet.json': theirs(),
  });
  const { code, told } = await toldBy(join(cwd, 'sub'), ['ps'], { FLEET_SECRET: SECRET });
  assert.deepEqual([code, told], [1, []]);
});

test('fleet remote trust agrees to it, as it is at that time and place', async () => {
  const cwd = clone('agreed', { 'fleet.json': theirs() });
  const agreed = await fleet.run(['remote', 'trust'], { cwd });
  assert.match(
    agreed.stdout,
    new RegExp(`^trusted .*/agreed/fleet\\.json as it is now: default ${address}\n$`),
  );
  assert.equal((await toldBy(cwd, ['ps'], { FLEET_SECRET: SECRET })).told.length, 1);
  assert.deepEqual(Object.keys(JSON.parse(readFileSync(trustedJson(), 'utf8'))), [join(cwd, 'fleet.json')]);

  const other = clone('agreed-elsewhere', { 'fleet.json': theirs() });
  assert.deepEqual((await toldBy(other, ['ps'], { FLEET_SECRET: SECRET })).told, [], 'another place');
  commit(cwd, { 'fleet.json': theirs({ env: { A: 'new' } }) });
  assert.deepEqual((await toldBy(cwd, ['ps'], { FLEET_SECRET: SECRET })).told, [], 'another content');

  await fleet.run(['remote', 'trust'], { cwd });
  await fleet.run(['remote', 'add', 'mine', '--hub=127.0.0.1:1'], { cwd });
  assert.equal((await toldBy(cwd, ['ps'], { FLEET_SECRET: SECRET })).told.length, 1, "the user's own change");
});

test("another user's fleet.json is refused, and can be agreed to", {
  skip: process.getuid?.() !== 0 && 'only root can give files away',
}, async () => {
  const cwd = clone('shared', { a: 'a' });
  writeFileSync(join(cwd, 'fleet.json'), theirs());
  chownSync(join(cwd, 'fleet.json'), 65_534, 65_534);
  const { code, stderr, told } = await toldBy(cwd, ['ps'], { FLEET_SECRET: SECRET });
  assert.deepEqual([code, told], [1, []]);
  assert.match(stderr, /fleet\.json belongs to another user, who chooses the hub; .*fleet remote trust\n$/);
  assert.equal((await fleet.run(['remote', 'trust'], { cwd })).code, 0);
  assert.equal((await toldBy(cwd, ['ps'], { FLEET_SECRET: SECRET })).told.length, 1);
});

test('a fleet.json that everybody can write is refused, and can be agreed to', async () => {
  const cwd = clone('open', { a: 'a' });
  writeFileSync(join(cwd, 'fleet.json'), theirs());
  chmodSync(join(cwd, 'fleet.json'), 0o666);
  const { code, stderr, told } = await toldBy(cwd, ['ps'], { FLEET_SECRET: SECRET });
  assert.deepEqual([code, told], [1, []]);
  assert.match(stderr, /fleet\.json can be written by others \(chmod o-w helps\), who choose the hub; /);
  assert.equal((await fleet.run(['remote', 'trust'], { cwd })).code, 0);
  assert.equal((await toldBy(cwd, ['ps'], { FLEET_SECRET: SECRET })).told.length, 1);
  writeFileSync(join(cwd, 'fleet.json'), theirs({ env: { A: 'changed' } }));
  assert.deepEqual((await toldBy(cwd, ['ps'], { FLEET_SECRET: SECRET })).told, [], 'another content');
});

test('a link to a fleet.json that another user has counts as theirs', {
  skip: process.getuid?.() !== 0 && 'only root can give files away',
}, async () => {
  const cwd = clone('linked', { a: 'a' });
  const file = join(fleet.dir, 'of-another');
  writeFileSync(file, theirs());
  chownSync(file, 65_534, 65_534);
  symlinkSync(file, join(cwd, 'fleet.json'));
  const { code, told } = await toldBy(cwd, ['ps'], { FLEET_SECRET: SECRET });
  assert.deepEqual([code, told], [1, []]);
});

test('a tracked link to a file that is not tracked is refused', async () => {
  const cwd = clone('tracked-link', { a: 'a' });
  symlinkSync('made-later.json', join(cwd, 'fleet.json'));
  git(cwd, 'add', 'fleet.json');
  git(cwd, 'commit', '-q', '-m', 'link');
  writeFileSync(join(cwd, 'made-later.json'), theirs());
  const { code, told } = await toldBy(cwd, ['ps'], { FLEET_SECRET: SECRET });
  assert.deepEqual([code, told], [1, []]);
});

test('no proxy of the environment is asked, whatever NO_PROXY says', async () => {
  const cwd = clone('proxied', { a: 'a' });
  const proxy = `http://${address}`;
  const proxies = Object.fromEntries(
    ['http_proxy', 'https_proxy', 'all_proxy', 'git_http_proxy'].flatMap((name) => [
      [name, proxy],
      [name.toUpperCase(), proxy],
    ]),
  );
  for (const noProxy of ['', '*.example'])
    for (const command of ['ps', 'deploy']) {
      const env = { ...proxies, NO_PROXY: noProxy, no_proxy: noProxy, NODE_USE_ENV_PROXY: '1' };
      const { code, told } = await toldBy(cwd, [command, '--hub=127.0.0.1:1', `--secret=${SECRET}`], env);
      assert.deepEqual([code, told], [1, []], `${command} ${noProxy}`);
    }
});

test('a hub that redirects has the secret sent nowhere else', async (t) => {
  const asked: string[] = [];
  const redirecting = createServer(({ method, url, headers }, response) => {
    asked.push(`${method} ${url?.split('?')[0]} ${headers.authorization ? 'with the secret' : ''}`.trim());
    response.writeHead(302, { location: `http://${address}${url}` }).end();
  });
  await new Promise<void>((resolve) => redirecting.listen(0, '127.0.0.1', resolve));
  t.after(() => redirecting.close());
  const hub = `127.0.0.1:${(redirecting.address() as AddressInfo).port}`;
  const cwd = clone('redirected', { a: 'a' });
  for (const args of [['ps'], ['deploy']]) {
    const { code, told } = await toldBy(cwd, [...args, `--hub=${hub}`, `--secret=${SECRET}`]);
    assert.deepEqual([code, told], [1, []], args.join(' '));
  }
  told.length = 0;
  const remote = hubRemote({ hub, secret: SECRET });
  await assert.rejects(pushCommit(cwd, remote, 'webapp', headOf(cwd)), { code: 'EGIT' });
  await assert.rejects(fetchCommit(join(fleet.dir, 'mirror'), remote, 'webapp', headOf(cwd)));
  assert.deepEqual(told, []);
  assert.ok(
    asked.some((one) => one.startsWith('GET /webapp.git/info/refs with the secret')),
    asked.join('\n'),
  );
});

test('a fleet.json that the user wrote stays theirs when the checkout is given to somebody', {
  skip: process.getuid?.() !== 0 && 'only root can give files away',
}, async () => {
  const cwd = clone('given', { a: 'a' });
  assert.equal((await fleet.run(['remote', 'add', `--hub=${address}`], { cwd })).code, 0);
  chownSync(join(cwd, 'fleet.json'), 65_534, 65_534);
  assert.equal((await toldBy(cwd, ['ps'], { FLEET_SECRET: SECRET })).told.length, 1);
  writeFileSync(join(cwd, 'fleet.json'), theirs({ env: { A: 'changed' } }));
  assert.deepEqual((await toldBy(cwd, ['ps'], { FLEET_SECRET: SECRET })).told, [], 'another content');
});

test("a remote's secret goes to its own hub only", async () => {
  const cwd = clone('own', { a: 'a' });
  writeFileSync(
    join(cwd, 'fleet.json'),
    JSON.stringify({ remote: { default: { hub: '127.0.0.1:1', secret: SECRET } } }),
  );
  for (const [args, env] of [
    [['ps', `--hub=${address}`], {}],
    [['ps', '+default', `--hub=${address}`], {}],
    [['ps'], { FLEET_HUB: address }],
  ] as [string[], Record<string, string>][])
    assert.deepEqual((await toldBy(cwd, args, env)).told, ['nothing'], args.join(' '));
});
