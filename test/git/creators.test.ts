import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createFor } from '../../src/git/creators.ts';
import { GitStore } from '../../src/git/store.ts';
import { git } from '../fixtures/local-fleet.ts';

function storeOf(t: TestContext): GitStore {
  const dir = mkdtempSync(join(tmpdir(), 'fleet-creators-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return new GitStore(join(dir, 'repos'));
}

/** Stands for repositories that a token has made. */
function make(store: GitStore, token: string, count: number): void {
  for (let n = 0; n < count; n++) {
    const path = store.path(`${token}-${n}`);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'config'), `[core]\n\tbare = true\n[fleet]\n\tcreator = "${token}"\n`);
  }
}

test('a repository says whose token has made it, and is made once', async (t) => {
  const store = storeOf(t);
  assert.equal(await createFor(store, 'ci', 'app'), true);
  assert.equal(await createFor(store, 'other', 'app'), false);
  assert.equal(git(store.path('app'), 'config', '--local', 'fleet.creator'), 'ci');
});

test('a token makes 200 repositories, tokens together 900, and whoever has the secret the rest', async (t) => {
  const store = storeOf(t);
  make(store, 'one', 199);
  assert.equal(await createFor(store, 'one', 'last'), true);
  await assert.rejects(createFor(store, 'one', 'more'), { code: 'ELIMIT', message: /token 'one'.* 200 / });
  assert.equal(await createFor(store, 'one', 'last'), false, 'what is there is not refused');
  for (const token of ['two', 'three', 'four']) make(store, token, 200);
  make(store, 'five', 100);
  await assert.rejects(createFor(store, 'six', 'more'), { code: 'ELIMIT', message: /tokens have made 900/ });
  assert.equal(await createFor(store, null, 'more'), true);
});
