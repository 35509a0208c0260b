import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { Principal } from '../../../src/hub/access/principal.ts';
import { sha256, Tokens } from '../../../src/hub/access/tokens.ts';
import { FileStore } from '../../../src/hub/store/file-store.ts';
import type { Right } from '../../../src/protocol/rights.ts';
import { eventually } from '../../fixtures/local-fleet.ts';
import { OWNER } from '../../fixtures/principal.ts';

let dir: string;
const open = () => Tokens.open(new FileStore(dir, assert.fail));
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleet-tokens-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const spec = (name: string, can: Right[], repo: string | null = null, lifetime: number | null = null) => ({
  name,
  can,
  repo,
  lifetime,
});

test('only the hash of a token is stored, readable by its owner only, and it survives a restart', async () => {
  const text = await (await open()).create(OWNER, spec('ci', ['deploy', 'read'], 'webapp'));
  const path = join(dir, 'tokens.json');
  assert.ok(!readFileSync(path, 'utf8').includes(text));
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const again = await open();
  const found = again.find(sha256(text));
  assert.deepEqual([found?.name, found?.can, found?.repo], ['ci', ['deploy', 'read'], 'webapp']);
  assert.equal(again.find(sha256('else')), undefined);
  assert.ok(!JSON.stringify(again.list()).includes('hash'));
});

test('a token that was removed or has expired is refused, even after a new one was made under its name', async () => {
  const tokens = await open();
  const text = await tokens.create(OWNER, spec('ci', ['read']));
  const found = tokens.find(sha256(text));
  assert.ok(found && tokens.isValid(found));
  let told = 0;
  tokens.on('removed', () => told++);
  await tokens.remove('ci');
  assert.equal(told, 1);
  assert.equal(tokens.isValid(found), false);
  assert.equal(tokens.find(sha256(text)), undefined);
  const brief = await tokens.create(OWNER, spec('brief', ['read'], null, 0));
  const expired = tokens.find(sha256(brief));
  assert.ok(expired && !tokens.isValid(expired), 'still known, so that its owner is told');
  await assert.rejects(tokens.remove('ci'), { code: 'ENOTOKEN', message: /there are: brief/ });
  await assert.rejects(tokens.create(OWNER, spec('brief', ['read'])), { code: 'EUSAGE' });
});

test('nobody can grant a right that they lack, or for longer than they have it', async () => {
  const tokens = await open();
  const soon = Date.now() + 1000;
  const admin = { ...OWNER, name: 'ops', rights: new Set<Right>(['admin', 'read']), expires: soon };
  await assert.rejects(tokens.create(admin, spec('x', ['exec'])), {
    code: 'EFORBIDDEN',
    message: "'ops' cannot give the right 'exec', which it lacks",
  });
  await assert.rejects(tokens.create(admin, spec('x', ['read'])), {
    code: 'EFORBIDDEN',
    message: /longer than itself/,
  });
  await assert.rejects(tokens.create(admin, spec('x', ['read'], null, 60_000)), { code: 'EFORBIDDEN' });
  assert.ok(await tokens.create(admin, spec('x', ['read'], null, 10)));
});

/** Who comes with this token, as the hub lets them in. */
function principalOf(tokens: Tokens, text: string): Principal {
  const token = tokens.find(sha256(text));
  assert.ok(token?.accessor);
  const { name, accessor, can, drone = null, expires } = token;
  return {
    ...{ ...OWNER, name, accessor, drone, expires, rights: new Set(can) },
    isValid: () => tokens.isValid(token),
  };
}

test('a child ends with its parent, and its own children with it; other tokens stay, also after a restart', async () => {
  const tokens = await open();
  const ops = principalOf(tokens, await tokens.create(OWNER, spec('ops', ['admin', 'read'])));
  const child = principalOf(
    tokens,
    await tokens.create(ops, { ...spec('child', ['admin', 'read']), child: true }),
  );
  await tokens.create(child, { ...spec('grandchild', ['read']), child: true });
  await tokens.create(child, spec('free', ['read']));
  const parents = (all: Tokens) => all.list().map(({ name, parent }) => [name, parent]);
  const expected = [
    ['ops', undefined],
    ['child', 'ops'],
    ['grandchild', 'child'],
    ['free', undefined],
  ];
  assert.deepEqual(parents(tokens), expected);
  assert.deepEqual(parents(await open()), expected);
  const before = tokens.list();
  await tokens.remove('ops');
  assert.deepEqual(parents(tokens), [['free', undefined]]);
  assert.deepEqual(parents(await open()), [['free', undefined]]);
  assert.deepEqual(
    before.map((token) => tokens.isValid(token)),
    [false, false, false, true],
  );
  await tokens.create(OWNER, spec('ops', ['admin']));
  assert.equal(child.isValid(), false, 'a new token of the same name is another parent');
  await assert.rejects(tokens.create(ops, { ...spec('x', ['read']), child: true }), { code: 'EAUTH' });
});

test('a child expires with its parent at the latest, and only a token has children', async () => {
  const tokens = await open();
  const ops = principalOf(tokens, await tokens.create(OWNER, spec('ops', ['admin', 'drone'], null, 60_000)));
  await tokens.create(ops, { ...spec('child', ['admin']), child: true });
  await tokens.create(ops, { ...spec('brief', ['admin'], null, 1_000), child: true });
  const [, child, brief] = tokens.list();
  assert.equal(child?.expires, ops.expires);
  assert.ok((brief?.expires ?? 0) < (ops.expires ?? 0));
  const long = { ...spec('x', ['admin'], null, 120_000), child: true };
  await assert.rejects(tokens.create(ops, long), { code: 'EFORBIDDEN', message: /longer than itself/ });
  await assert.rejects(tokens.create(OWNER, { ...spec('x', ['read']), child: true }), {
    code: 'EUSAGE',
    message: /leave out --child/,
  });
  const invitation = { ...spec('x', ['drone'], null, 1_000), invitation: true, child: true };
  await assert.rejects(tokens.create(ops, invitation), { code: 'EUSAGE', message: /invited/ });
});

test('an older hub lets no child in, and one whose parent it has removed is gone', async () => {
  const tokens = await open();
  const ops = principalOf(tokens, await tokens.create(OWNER, spec('ops', ['admin', 'read'])));
  await tokens.create(ops, { ...spec('child', ['read']), child: true });
  const path = join(dir, 'tokens.json');
  const { tokens: kept } = JSON.parse(readFileSync(path, 'utf8'));
  assert.deepEqual([kept[1].name, kept[1].can], ['child', []]);
  assert.deepEqual((await open()).list()[1]?.can, ['read']);
  writeFileSync(path, JSON.stringify({ tokens: [kept[1]] }));
  assert.deepEqual((await open()).list(), []);
});

test('a token for one drone lets in that one, and no other', async () => {
  const tokens = await open();
  const named = { ...spec('web1', ['admin', 'drone']), drone: 'web1' };
  const web1 = principalOf(tokens, await tokens.create(OWNER, named));
  for (const drone of [null, 'web2'])
    await assert.rejects(tokens.create(web1, { ...spec('x', ['drone']), drone }), {
      code: 'EFORBIDDEN',
      message: "'web1' can let in the drone 'web1', and no other",
    });
  assert.ok(await tokens.create(web1, { ...spec('x', ['drone']), drone: 'web1' }));
});

test('rights over the whole hub cannot be limited to a repository', async () => {
  const tokens = await open();
  for (const right of ['drone', 'admin'] as const) {
    await assert.rejects(tokens.create(OWNER, spec('x', ['read', right], 'webapp')), { code: 'EUSAGE' });
  }
});

test('a hub that cannot read its tokens does not start', async () => {
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '{"tokens":{}}',
    '{"tokens":[null]}',
    '{"tokens":[{"name":"x"}]}',
  ]) {
    writeFileSync(join(dir, 'tokens.json'), text);
    await assert.rejects(open, { code: 'ECONFIG' }, text);
  }
});

test('a token that one hub makes lets in at another one with the same store, until it is removed', async () => {
  const store = new FileStore(dir, assert.fail);
  const [one, other] = [await Tokens.open(store), await Tokens.open(store)];
  const text = await one.create(OWNER, spec('ci', ['read']));
  const found = await eventually(() => other.find(sha256(text)), 'the other hub knows the token');
  assert.equal(other.isValid(found), true);
  const removed = once(other, 'removed');
  await one.remove('ci');
  await removed;
  assert.deepEqual([other.isValid(found), other.list()], [false, []]);
});
