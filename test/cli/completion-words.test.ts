import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Arguments } from '../../src/cli/arguments.ts';
import { completionWords } from '../../src/cli/completion-words.ts';
import { commit, git, initRepository } from '../fixtures/local-fleet.ts';
import { makeDir, makeIo } from './world.ts';

const asked = (...words: string[]) => new Arguments('words', words, new Map());

test('branches, tags and remotes are those of the checkout, and no hub is asked for them', async (t) => {
  const dir = makeDir(t);
  initRepository(dir);
  commit(dir, { 'a.txt': 'a' });
  git(dir, 'branch', 'next');
  git(dir, 'tag', 'v1.0');
  const remote = { hub: '127.0.0.1:1', secret: 's' };
  writeFileSync(join(dir, 'fleet.json'), JSON.stringify({ remote: { default: remote, staging: remote } }));
  const io = makeIo(dir);
  assert.deepEqual(await completionWords(asked('refs'), io), ['main', 'next', 'v1.0']);
  assert.deepEqual(await completionWords(asked('remotes'), io), ['default', 'staging']);
});

test('without an answer there is nothing to offer, and no error in the middle of what is typed', async (t) => {
  const io = makeIo(makeDir(t));
  for (const kind of [
    'drones',
    'ids',
    'releases',
    'repos',
    'services',
    'stages',
    'variables',
    'refs',
    'remotes',
  ])
    assert.deepEqual(await completionWords(asked(kind), io), [], kind);
  await assert.rejects(completionWords(asked('nope'), io), {
    code: 'EUSAGE',
    message: /there are: drones, ids, refs, releases, remotes, repos, services, stages, variables$/,
  });
});
