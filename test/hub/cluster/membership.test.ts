import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { sha256 } from '../../../src/hub/access/tokens.ts';
import { Vault } from '../../../src/hub/apps/vault.ts';
import { becomeMember, mustBeAlone } from '../../../src/hub/cluster/membership.ts';
import { FileStore } from '../../../src/hub/store/file-store.ts';
import { MemoryStore } from '../../fixtures/memory-store.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const TOKEN = { name: 'ci', hash: 'x' };

function hubIn(
  root: string,
  name: string,
  shared: MemoryStore,
  askKey: () => Promise<string | null> = async () => null,
  given: string | null = 'beepboop',
) {
  const secret = given ?? undefined;
  const dir = join(root, name);
  mkdirSync(dir, { recursive: true });
  const [own, vault] = [new FileStore(dir, () => {}), new Vault(dir)];
  const join_ = () =>
    becomeMember({ dir, own, shared, vault, name, secret, kinds: ['token.'], askKey, log: () => {} });
  return { dir, own, vault, join: join_ };
}

test('the first hub takes what it has along; the next has its key, and what is shared', async (t) => {
  const root = temporaryFolder(t);
  const shared = new MemoryStore();
  const h1 = hubIn(root, 'h1', shared);
  await h1.own.create('token.ci', TOKEN);
  await h1.join();
  assert.deepEqual((await shared.get('token.ci'))?.value, TOKEN);
  const h2 = hubIn(root, 'h2', shared, async () => h1.vault.ownKey());
  await h2.join();
  assert.equal(h2.vault.ownKey(), h1.vault.ownKey());
  await h2.join();
  await h1.join();
});

test('a hub that was killed while it took its state along goes on where it was; others wait for that', async (t) => {
  const root = temporaryFolder(t);
  const shared = new MemoryStore();
  const h1 = hubIn(root, 'h1', shared);
  await h1.own.create('token.ci', TOKEN);
  await h1.own.create('token.b', { name: 'b', hash: 'y' });
  shared.refuses = (key) => key === 'token.b';
  await assert.rejects(h1.join(), { code: 'EIO' });
  const h2 = hubIn(root, 'h2', shared, async () => h1.vault.ownKey());
  await assert.rejects(h2.join(), { code: 'ECONFIG', message: /h1 has not taken all of its state/ });
  shared.refuses = () => false;
  await h1.join();
  assert.equal((await shared.list('token.')).length, 2);
  await h2.join();
});

test('a directory with a state of its own, of another cluster, or without the key is refused', async (t) => {
  const root = temporaryFolder(t);
  const shared = new MemoryStore();
  await hubIn(root, 'h1', shared).join();
  const full = hubIn(root, 'full', shared);
  await full.own.create('token.ci', TOKEN);
  await assert.rejects(full.join(), { code: 'ECONFIG', message: /apps and tokens of its own/ });
  await assert.rejects(hubIn(root, 'late', shared).join(), {
    code: 'ECONFIG',
    message: /no other hub is there/,
  });
  const wrong = hubIn(root, 'wrong', shared, async () => null, 'other');
  await assert.rejects(wrong.join(), { code: 'ECONFIG', message: /the same secret/ });
  const elsewhere = hubIn(root, 'elsewhere', new MemoryStore());
  await elsewhere.join();
  const moved = hubIn(root, 'elsewhere', shared, async () => null);
  await assert.rejects(moved.join(), { code: 'ECONFIG', message: /of another cluster/ });
  assert.throws(() => mustBeAlone(elsewhere.dir), { code: 'ECONFIG', message: /--cluster/ });
  mustBeAlone(root);
});

test('after the secret was replaced, a hub with the new or an old one is one of them; with another, or none, it is not', async (t) => {
  const root = temporaryFolder(t);
  const shared = new MemoryStore();
  const h1 = hubIn(root, 'h1', shared);
  await h1.join();
  const hash = (secret: string) => sha256(secret).toString('hex');
  const old = [{ hash: hash('beepboop'), until: 0 }];
  await shared.create('secret', { current: hash('newer'), old });
  const joined = (name: string, secret: string | null) =>
    hubIn(root, name, shared, async () => h1.vault.ownKey(), secret).join();
  await joined('h2', 'newer');
  await joined('h3', 'beepboop');
  for (const [name, secret] of [
    ['h4', 'other'],
    ['h5', null],
  ] as const)
    await assert.rejects(joined(name, secret), { code: 'ECONFIG', message: /the same secret/ });
});

test('a hub that had replaced its secret, and was then started with one by hand, has others follow that one', async (t) => {
  const root = temporaryFolder(t);
  const shared = new MemoryStore();
  await shared.create('secret', { current: sha256('before').toString('hex'), old: [] });
  const h1 = hubIn(root, 'h1', shared, async () => null, 'by-hand');
  await h1.join();
  await h1.join();
  await hubIn(root, 'h2', shared, async () => h1.vault.ownKey(), 'by-hand').join();
});
