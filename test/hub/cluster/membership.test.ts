import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
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
  secret = 'beepboop',
) {
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
