import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SourceReader } from '../../../src/hub/apps/source.ts';
import { commit, git, headOf, initRepository } from '../../fixtures/local-fleet.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const TOML = '[services.web]\ncommand = "node web.js"\n';

/** A reader at a hub that has one commit of these files, and the commit. */
function stored(t: TestContext, files: Record<string, string>, message = 'change') {
  const dir = temporaryFolder(t);
  initRepository(dir);
  commit(dir, files);
  git(dir, 'commit', '-q', '--amend', '--allow-empty-message', '-m', message);
  const made = headOf(dir);
  const held: string[] = [];
  const reader = new SourceReader(
    {
      has: async (_, one) => one === made,
      hold: async (_, one) => void held.push(one),
      repair: async () => {},
    },
    { path: () => join(dir, '.git'), holderOf: async (repo) => repo },
  );
  assert.ok(existsSync(join(dir, '.git')));
  return { reader, made, held };
}

test('what a commit says about its app is read, and the commit is kept from then on', async (t) => {
  const { reader, made, held } = stored(t, { 'fleet.toml': TOML, Procfile: 'web: node web.js\n' });
  assert.deepEqual(await reader.read('webapp', made, 'pr-1'), {
    ...{ subject: 'change', stage: 'pr-1', toml: TOML.trimEnd(), procfile: 'web: node web.js' },
  });
  assert.deepEqual(held, [made]);
});

test('a file that begins with blank lines is read whole, also of a commit without a message', async (t) => {
  const { reader, made } = stored(t, { 'fleet.toml': `\n\n${TOML}` }, '');
  const { subject, toml } = await reader.read('webapp', made, null);
  assert.deepEqual([subject, toml], ['', `\n\n${TOML.trimEnd()}`]);
});

test('a commit that the hub does not have is not looked for anywhere else', async (t) => {
  const { reader, held } = stored(t, { 'fleet.toml': TOML });
  const other = 'c'.repeat(40);
  await assert.rejects(reader.read('webapp', other, null), {
    code: 'ENOCOMMIT',
    message: `the hub does not have webapp/${other} yet; fleet up pushes it`,
  });
  assert.deepEqual(held, []);
});

test('a commit that says nothing of an app, or makes a mistake, is an error that says where', async (t) => {
  const bare = stored(t, { 'a.txt': 'a' });
  await assert.rejects(bare.reader.read('webapp', bare.made, null), {
    code: 'ECONFIG',
    message: `${bare.made.slice(0, 7)} has no fleet.toml and no Procfile; fleet init writes one`,
  });
  const wrong = stored(t, { 'fleet.toml': '[services.web]\ncomand = "x"\n' });
  await assert.rejects(wrong.reader.read('webapp', wrong.made, null), {
    code: 'ECONFIG',
    message: /fleet\.toml:2: /,
  });
});

test('a file without anything in it is read as that', async (t) => {
  for (const text of ['', '\n', '\n\n']) {
    const { reader, made } = stored(t, { 'fleet.toml': text, Procfile: text });
    const { toml, procfile } = await reader.read('webapp', made, null);
    assert.deepEqual([toml, procfile], ['', ''], JSON.stringify(text));
  }
});
