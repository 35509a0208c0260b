import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { type Borrowed, fromDebian, fromNpm } from '../fixtures/borrowed.ts';
import { GIT_SECRET, GitHost } from '../fixtures/git-host.ts';
import { commit, headOf } from '../fixtures/local-fleet.ts';

// Each script is run with: what to do (push or clone), a directory, an address without credentials, the password.

const ISOMORPHIC = `
  const fs = require('node:fs');
  const git = require('isomorphic-git');
  const http = require('isomorphic-git/http/node');
  const [what, dir, url, password] = process.argv.slice(2);
  const common = { fs, http, dir, url, onAuth: () => ({ username: 'git', password }) };
  const work = what === 'push' ? git.push({ ...common, ref: 'main' }) : git.clone(common);
  work.then((result) => {
    if (result && !result.ok) throw new Error(JSON.stringify(result));
  });
`;
const DULWICH = `
import sys
from urllib.parse import quote
from dulwich import porcelain
what, dir, url, password = sys.argv[1:]
url = url.replace('://', '://git:' + quote(password, safe='') + '@')
if what == 'push':
    porcelain.push(dir, url, 'refs/heads/main')
else:
    porcelain.clone(url, dir)
`;
const LIBGIT2 = `
import sys
import pygit2
what, dir, url, password = sys.argv[1:]
class Callbacks(pygit2.RemoteCallbacks):
    def push_update_reference(self, name, message):
        if message:
            raise Exception(message)
callbacks = Callbacks(credentials=pygit2.UserPass('git', password))
if what == 'push':
    repository = pygit2.Repository(dir)
    repository.remotes.create(url.split('/')[-1], url).push(['refs/heads/main'], callbacks=callbacks)
else:
    pygit2.clone_repository(url, dir, callbacks=callbacks)
`;
const PYTHON = '/usr/bin/python3';
/** How often a repository is cloned right after its first push. */
const FIRST_PUSHES = 5;

interface OtherClient {
  program: string;
  script: string;
  borrow(): Borrowed;
}

const CLIENTS: Record<string, OtherClient> = {
  'isomorphic-git': {
    program: process.execPath,
    script: ISOMORPHIC,
    borrow: () => fromNpm('isomorphic-git', '1.44.17'),
  },
  dulwich: {
    program: PYTHON,
    script: DULWICH,
    borrow: () => fromDebian('dulwich', ['python3-dulwich', 'python3-urllib3', 'python3-certifi']),
  },
  libgit2: {
    program: PYTHON,
    script: LIBGIT2,
    borrow: () =>
      fromDebian('libgit2', [
        ...['python3-pygit2', 'python3-cached-property', 'python3-cffi-backend', 'python3-pycparser'],
        ...[
          'libgit2-1.5',
          'libhttp-parser2.9',
          'libmbedcrypto7',
          'libmbedtls14',
          'libmbedx509-1',
          'libssh2-1',
        ],
      ]),
  },
};

let host: GitHost;
before(async () => {
  host = await new GitHost().start();
});
after(() => host.end());

for (const [name, client] of Object.entries(CLIENTS))
  test(`${name} pushes and clones, also right after the first push`, (t) => pushesAndClones(t, name, client));

async function pushesAndClones(t: TestContext, name: string, { program, script, borrow }: OtherClient) {
  const borrowed = borrow();
  if ('missing' in borrowed) return t.skip(borrowed.missing);
  const file = join(borrowed.root, `client${program === PYTHON ? '.py' : '.js'}`);
  writeFileSync(file, script);
  const run = async (what: 'push' | 'clone', dir: string, repo: string) => {
    const url = `http://${new URL(host.url(repo)).host}/${repo}.git`;
    await promisify(execFile)(program, [file, what, dir, url, GIT_SECRET], {
      env: { ...process.env, ...borrowed.env },
    });
  };
  const app = host.app(name);
  for (let at = 0; at < FIRST_PUSHES; at++) {
    const repo = `${name}-${at}`;
    const head = commit(app, { 'a.txt': `${at}\n` });
    await run('push', app, repo);
    assert.ok(await host.store.has(repo, head), 'what was pushed is there');
    const clone = join(host.dir, `${repo}-clone`);
    await run('clone', clone, repo);
    assert.equal(headOf(clone), head);
    assert.equal(readFileSync(join(clone, 'a.txt'), 'utf8'), `${at}\n`);
  }
}
