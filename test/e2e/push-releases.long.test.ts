import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { commit, git, headOf } from '../fixtures/local-fleet.ts';
import { SECRET } from '../fixtures/real-fleet.ts';
import { stage } from '../fixtures/stage.ts';

const SERVER = `require('http').createServer((_, response) => response.end()).listen(process.env.PORT);`;
const FILES = {
  'server.js': SERVER,
  Procfile: 'web: node server.js\n',
  'fleet.toml': '[deploy]\nbranch = "main"\n',
};
// The hub answers while this process waits for a git.
const on = stage(['web1'], FILES, ['hub']);

const url = () => `http://git:${SECRET}@127.0.0.1:${on.fleet.gport}/webapp.git`;

/** Runs `git push` in the app's checkout. */
function push(...args: string[]): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0' };
    execFile('git', ['push', url(), ...args], { cwd: on.app, env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), text: stdout + stderr }),
    );
  });
}

/** Where a branch is at the hub; empty if it is not there. */
const branchAtHub = (name: string) =>
  git(on.app, 'ls-remote', url(), `refs/heads/${name}`).split('\t')[0] ?? '';

test('a push to the branch of fleet.toml is a release, told as it goes on', async () => {
  const { code, text } = await push('HEAD:refs/heads/main');
  assert.equal(code, 0, text);
  assert.match(text, /^remote: v1 webapp [0-9a-f]{7} change {2}by secret *$/m);
  assert.match(text, /^remote: web\.1 +web1#[0-9a-f]{6} +:\d+ +ready/m);
  assert.match(text, /^remote: v1 live {2}web 1\/1/m);
  assert.equal(branchAtHub('main'), headOf(on.app));
  assert.equal(
    git(on.app, 'ls-remote', '--symref', url(), 'HEAD').split('\n')[0],
    'ref: refs/heads/main\tHEAD',
  );
  assert.equal((await on.cli('status')).code, 0);
});

test('if the release fails, so does the push, and the branch stays where it was', async () => {
  const before = headOf(on.app);
  commit(on.app, { 'server.js': `require('./prices');` });
  const { code, text } = await push('HEAD:refs/heads/main');
  assert.equal(code, 1, text);
  assert.match(
    text,
    /^ ! \[remote rejected\] +HEAD -> main \(v2 failed: web\.1 exited with code 1 after \S+\)$/m,
  );
  assert.match(text, /^remote: +\[web1#[0-9a-f]{6}\] Error: Cannot find module '\.\/prices'/m);
  assert.equal(branchAtHub('main'), before);
  const again = await push('HEAD:refs/heads/main');
  assert.match(again.text, /\(v3 failed: web\.1 exited/, 'the same push can be tried again');
  commit(on.app, { 'server.js': SERVER });
  assert.equal((await push('HEAD:refs/heads/main')).code, 0);
  assert.equal(branchAtHub('main'), headOf(on.app));
});

test('a push that is cut off does not stop the release, and its branch is moved', async () => {
  commit(on.app, { 'again.txt': 'again' });
  const child = spawn('git', ['push', url(), 'HEAD:refs/heads/main'], {
    cwd: on.app,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    if (/remote: v5 /.test(text)) process.kill(-(child.pid ?? 0), 'SIGKILL');
  });
  await once(child, 'close');
  const attached = await on.cli('up', '--wait=20s');
  assert.equal(attached.code, 0, attached.stderr);
  assert.match(attached.stdout, /^v5 is live already/);
  for (let n = 0; n < 100 && branchAtHub('main') !== headOf(on.app); n++)
    await new Promise((r) => setTimeout(r, 20));
  assert.equal(branchAtHub('main'), headOf(on.app));
});

test('another branch is deployed as ever, and a moved one is not overwritten', async () => {
  commit(on.app, { 'topic.txt': 'topic' });
  const topic = await push('HEAD:refs/heads/topic');
  assert.equal(topic.code, 0, topic.text);
  assert.doesNotMatch(topic.text, /remote: v\d/);
  const releases = await on.cli('releases');
  assert.doesNotMatch(releases.stdout, /^v6/m);
  const { stdout } = await on.cli('exec', '--drone=web1', '--', 'cat', 'topic.txt');
  assert.match(stdout, /topic/);
});

test('a mistake in fleet.toml refuses the push of the branch that is released, with its line', async () => {
  await push('HEAD:refs/heads/main');
  const before = branchAtHub('main');
  const table: [string, RegExp][] = [
    [
      '[deploy]\nbranch = "main"\n[services.web]\ncuont = 2\n',
      /fleet\.toml:4: services\.web\.cuont is not a key/,
    ],
    ['[deploy]\nbranch = "main\n', /fleet\.toml:2: not valid TOML/],
  ];
  for (const [toml, why] of table) {
    commit(on.app, { 'fleet.toml': toml });
    const { code, text } = await push('HEAD:refs/heads/main');
    assert.equal(code, 1, text);
    assert.match(text, /^ ! \[remote rejected\] +HEAD -> main \(/m);
    assert.match(text, why);
    assert.equal(branchAtHub('main'), before);
  }
  const topic = await push('HEAD:refs/heads/topic-2');
  assert.equal(topic.code, 0, topic.text);
});
