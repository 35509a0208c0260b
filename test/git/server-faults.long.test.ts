import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { command, GitHost, leftovers } from '../fixtures/git-host.ts';
import { commit, eventually, git, headOf } from '../fixtures/local-fleet.ts';
import { packet } from '../fixtures/push.ts';

const ZERO = '0'.repeat(40);
const PUSH = '/app.git/git-receive-pack';
const FETCH = '/app.git/git-upload-pack';

let host: GitHost;
let app: string;
let head: string;
before(async () => {
  host = await new GitHost().start();
  app = host.app('app');
  head = headOf(app);
  assert.equal((await host.run(app, 'push', host.url('app'), 'main')).code, 0);
});
after(() => host.end());

/** A pack of everything that a commit needs, with this much noise in it. */
function packOf(bytes: number): { pack: Buffer; commit: string } {
  const made = commit(app, { 'noise.bin': randomBytes(bytes).toString('base64') });
  const pack = execFileSync('git', ['pack-objects', '--stdout', '--revs', '-q'], {
    cwd: app,
    input: `${made}\n^${head}\n`,
    maxBuffer: 1 << 30,
  });
  git(app, 'reset', '-q', '--hard', head);
  return { pack, commit: made };
}

/** The server is as it was: nothing runs or lies around, and the next client is served. */
async function isWell(): Promise<void> {
  await host.settled();
  const said = await host.run(app, 'ls-remote', host.url('app'));
  assert.match(said.text, new RegExp(`${head}\tHEAD`));
}

test('every path requires the secret, for GET and POST, on every kind of request', async () => {
  const paths = [
    '/',
    '/app.git/HEAD',
    '/app.git/config',
    '/app.git/objects/info/packs',
    '/v1/client',
    '/../etc/passwd',
  ];
  const authenticator = [
    ...paths.map((path) => ['GET', path]),
    ['GET', '/app.git/info/refs?service=git-upload-pack'],
    ['GET', '/app.git/info/refs?service=git-receive-pack'],
    ['POST', PUSH],
    ['POST', FETCH],
    ['PUT', PUSH],
    ['DELETE', '/app.git'],
    ['OPTIONS', '*'],
  ] as [string, string][];
  for (const [method, path] of authenticator) {
    for (const authorization of ['', 'Basic', 'Basic Z2l0OndybyZuZw==', 'Bearer x', 'Digest x']) {
      const { status, headers } = await host.http(method, path, { authorization });
      assert.equal(status, 401, `${method} ${path} with '${authorization}'`);
      assert.match(headers['www-authenticate'] ?? '', /^Basic/);
    }
  }
  for (const path of paths) assert.equal((await host.http('GET', path)).status, 404, path);
  assert.equal((await host.http('PUT', PUSH)).status, 405);
  assert.equal((await host.http('GET', PUSH)).status, 405);
});

test('only an authorized push creates a repository, and its name is a plain one', async () => {
  const ask = (repo: string, service: string) =>
    host.http('GET', `/${repo}/info/refs?service=git-${service}`);
  assert.equal((await ask('new.git', 'upload-pack')).status, 404);
  const refused = await host.http('GET', '/new.git/info/refs?service=git-receive-pack', {
    authorization: 'Basic eA==',
  });
  assert.equal(refused.status, 401);
  assert.equal((await host.http('POST', '/new.git/git-receive-pack')).status, 400);
  assert.equal((await host.http('POST', '/new.git/git-receive-pack', {}, '0000')).status, 200);
  const odd = [
    '..',
    '.',
    '.git',
    '-x',
    'a b',
    'a%2fb',
    '%2e%2e',
    'x.lock',
    'a..b',
    'x'.repeat(101),
    'é',
    '__proto__',
    'a\\b',
  ];
  for (const repo of odd) {
    const status = (await ask(`${encodeURI(repo)}.git`, 'receive-pack')).status;
    assert.equal(status, 404, repo);
  }
  assert.equal((await host.http('GET', '/a/b.git/info/refs?service=git-receive-pack')).status, 404);
  assert.equal((await host.http('GET', '/../x.git/info/refs?service=git-receive-pack')).status, 404);
  assert.equal((await ask('new.git', 'receive-pack')).status, 200);
  assert.equal((await ask('new.git', 'upload-pack')).status, 404, 'asking creates nothing');
  assert.deepEqual(leftovers(host.repos), []);
  const pushed = await host.run(host.app('first'), 'push', host.url('new'), 'main');
  assert.equal(pushed.code, 0, pushed.text);
  assert.equal((await ask('new', 'upload-pack')).status, 200, '.git may be left out');
});

test('a request that is not a push gets an answer, and ends nothing', async () => {
  const table: [string, string | Buffer, Record<string, string>, number][] = [
    ['nothing at all', '', {}, 400],
    ['the question before a large push', '0000', {}, 200],
    ['text', 'hello, this is no packet', {}, 400],
    ['a packet without end', 'ffff', {}, 400],
    ['a length that is none', '0003', {}, 400],
    ['no ref', `${packet('hello')}0000`, {}, 400],
    ['two dots', command(ZERO, head, 'refs/heads/../../x'), {}, 200],
    ['a newline', command(ZERO, head, 'refs/heads/a\nb'), {}, 400],
    ['a name too long', command(ZERO, head, `refs/heads/${'x'.repeat(2000)}`), {}, 400],
    ['an odd hash', command(ZERO, 'z'.repeat(40), 'refs/heads/x'), {}, 400],
    ['another packing', 'x', { 'content-encoding': 'br' }, 400],
  ];
  for (const [what, body, headers, status] of table) {
    const answer = await host.http('POST', PUSH, headers, body);
    assert.equal(answer.status, status, `${what}: ${answer.body}`);
  }
  const dots = await host.http('POST', PUSH, {}, command(ZERO, head, 'refs/heads/a..b'));
  assert.match(String(dots.body), /ng refs\/heads\/a\.\.b funny refname|unpack/);
  await isWell();
});

test('garbage instead of gzip, a pack or a request ends the connection, not the server', async () => {
  const push = command(ZERO, 'f'.repeat(40), 'refs/heads/x');
  const gzip = { 'content-encoding': 'gzip' };
  await host.http('POST', PUSH, gzip, 'no gzip at all').catch(() => {});
  await host.http('POST', PUSH, gzip, gzipSync(push).subarray(0, 20)).catch(() => {});
  await host.http('POST', FETCH, gzip, randomBytes(5000)).catch(() => {});
  const unpacked = await host.http('POST', PUSH, {}, push + randomBytes(5000).toString('latin1'));
  assert.match(String(unpacked.body), /unpack (?!ok)|fatal|error/);
  const gzipped = await host.http('POST', PUSH, gzip, gzipSync(`${push}PACK`));
  assert.match(String(gzipped.body), /unpack (?!ok)|early EOF|unpacker error/);
  for (const body of ['', '0000', 'x', packet('want x'), `${packet(`want ${head}`)}0000`, randomBytes(100)]) {
    for (const protocol of ['', 'version=1', 'version=2', 'version=99', 'x;rm -rf']) {
      await host.http('POST', FETCH, { 'git-protocol': protocol }, body).catch(() => {});
    }
  }
  const huge = await host.http('POST', FETCH, {}, Buffer.alloc(6_000_000, 'x')).catch(() => null);
  assert.notEqual(huge?.status, 200);
  await isWell();
});

test('a push with a truncated pack or false objects changes nothing and leaves nothing', async () => {
  const { pack, commit: made } = packOf(300_000);
  const whole = Buffer.concat([Buffer.from(command(ZERO, made, 'refs/heads/cut')), pack]);
  const flipped = Buffer.from(whole);
  flipped[whole.length - 100_000] = (flipped[whole.length - 100_000] ?? 0) ^ 0xff;
  for (const body of [whole.subarray(0, 1000), whole.subarray(0, whole.length - 5), flipped]) {
    const { body: said } = await host.http('POST', PUSH, {}, body);
    assert.match(String(said), /ng refs\/heads\/cut|unpack (?!ok)|fatal/);
  }
  assert.doesNotMatch((await host.run(app, 'ls-remote', host.url('app'))).text, /cut/);
  await isWell();
});

test('a push is answered when its changes are stored, so a clone right after it finds a HEAD', async (t) => {
  const options = { cwd: app, input: `${head}\n` };
  const pack = execFileSync('git', ['pack-objects', '--stdout', '--revs', '-q'], options);
  const body = Buffer.concat([Buffer.from(command(ZERO, head, 'refs/heads/main')), pack]);
  await host.http('GET', '/held.git/info/refs?service=git-receive-pack');
  let isAnswered = false;
  const hold = host.store.hold.bind(host.store);
  const held: boolean[] = [];
  t.mock.method(host.store, 'hold', async (repo: string, commit: string) => {
    // An answer that was on its way already would be here before those of later requests.
    for (let n = 0; n < 3; n++) await host.http('GET', '/');
    held.push(isAnswered);
    await hold(repo, commit);
  });
  const answer = await host.http('POST', '/held.git/git-receive-pack', {}, body);
  isAnswered = true;
  assert.match(String(answer.body), /ok refs\/heads\/main/);
  assert.deepEqual(held, [false]);
  await isWell();
});

test('a client that disconnects during a large push leaves nothing, and others are served meanwhile', async () => {
  const { pack, commit: made } = packOf(2_000_000);
  const open = readdirSync('/proc/self/fd').length;
  const body = Buffer.concat([Buffer.from(command(ZERO, made, 'refs/heads/gone')), pack]);
  const length = body.length;
  for (const [at, how] of [
    [60, 'reset'],
    [200, 'end'],
    [length / 2, 'reset'],
    [length / 2, 'end'],
    [length - 10, 'reset'],
  ] as [number, 'reset' | 'end'][]) {
    const sent = Buffer.concat([host.head(PUSH, length), body.subarray(0, at)]);
    const [, other] = await Promise.all([host.raw(sent, how), host.run(app, 'ls-remote', host.url('app'))]);
    assert.match(other.text, new RegExp(head));
  }
  assert.doesNotMatch((await host.run(app, 'ls-remote', host.url('app'))).text, /gone/);
  await isWell();
  await eventually(() => readdirSync('/proc/self/fd').length <= open, 'no file descriptor is left');
});

test('a client that disconnects during a fetch leaves no git behind', async () => {
  const { pack, commit: made } = packOf(7_000_000);
  const push = Buffer.concat([Buffer.from(command(ZERO, made, `refs/fleet/${made}`)), pack]);
  assert.equal((await host.http('POST', PUSH, {}, push)).status, 200);
  const old = `${packet(`want ${made} side-band-64k\n`)}0000${packet('done\n')}`;
  await host.raw(Buffer.concat([host.head(FETCH, old.length), Buffer.from(old)]), 'reset');
  const question = `${packet('command=fetch')}0001${packet(`want ${made}\n`)}${packet('done\n')}0000`;
  const start = host.head(FETCH, question.length, 'Git-Protocol: version=2\r\n');
  await host.raw(Buffer.concat([start, Buffer.from(question)]), 'reset');
  await host.raw(Buffer.concat([start, Buffer.from(question.slice(0, 30))]), 'end');
  await isWell();
});

test('headers that are too large, and half a request, get an answer or are closed', async () => {
  assert.match(
    await host.raw(host.head(PUSH, 4, `X-Large: ${'x'.repeat(100_000)}\r\n`), 'wait'),
    /^HTTP\/1\.1 431/,
  );
  assert.match(await host.raw(Buffer.from('NONSENSE\r\n\r\n'), 'wait'), /^HTTP\/1\.1 400/);
  assert.equal(await host.raw(Buffer.from('POST /app.git/git-rec'), 'reset'), '');
  await host.raw(Buffer.from(`POST ${PUSH} HTTP/1.1\r\nHost`), 'end');
  await isWell();
});

test('leftovers of a killed git are removed when the server starts', async () => {
  const path = host.path('old');
  for (const dir of ['objects/tmp_objdir-incoming-abc/pack', 'objects/pack', 'refs/heads']) {
    mkdirSync(join(path, dir), { recursive: true });
  }
  const left = [
    'objects/tmp_objdir-incoming-abc/pack/tmp_pack_x',
    'objects/pack/tmp_pack_y',
    'refs/heads/x.lock',
    'packed-refs.lock',
    'HEAD.lock',
  ];
  for (const file of left) writeFileSync(join(path, file), 'x');
  writeFileSync(join(path, 'objects/pack/pack-1.pack'), 'x');
  assert.equal(leftovers(path).length, 6);
  const second = new GitHost(host.repos);
  assert.deepEqual(leftovers(path), []);
  rmSync(path, { recursive: true });
  await second.git.close();
  rmSync(second.dir, { recursive: true });
});

test('whoever pushes to a full disk is told, and fetches go on', async (t) => {
  const disk = mkdtempSync(join(tmpdir(), 'fleet-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'none', disk]).status === 0;
  t.after(() => {
    if (mounted) execFileSync('umount', [disk]);
    rmSync(disk, { recursive: true });
  });
  if (!mounted) return t.skip('a small file system cannot be mounted here');
  const small = await new GitHost(join(disk, 'repos')).start();
  t.after(() => small.end());
  assert.equal((await small.run(app, 'push', small.url('app'), 'main')).code, 0);
  const big = small.app('big', { 'noise.bin': randomBytes(4_500_000).toString('base64') });
  const said = await small.run(big, 'push', small.url('app'), 'main:refs/heads/big');
  assert.notEqual(said.code, 0);
  assert.match(said.text, /No space left on device/);
  await small.settled();
  assert.match((await small.run(app, 'ls-remote', small.url('app'))).text, new RegExp(head));
  writeFileSync(join(disk, 'fill'), Buffer.alloc(1_000_000));
  try {
    writeFileSync(join(disk, 'more'), Buffer.alloc(4_000_000));
  } catch {
    // As full as can be.
  }
  const created = await small.run(app, 'push', small.url('another'), 'main');
  assert.notEqual(created.code, 0);
  assert.match(created.text, /remote: .*(No space left|ENOSPC)|No space left/i);
});
