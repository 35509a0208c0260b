import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { branchOf, headToOwnRef, moveBranch, Remote } from '../../src/git/branch-push.ts';
import { commit, headOf, initRepository } from '../fixtures/local-fleet.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const ZERO = '0'.repeat(40);
const [A, B] = ['a'.repeat(40), 'b'.repeat(40)];
const push = { ref: 'refs/heads/main', before: A, after: B };
const head = { commands: [push], capabilities: ' report-status side-band-64k agent=git', isShallow: false };

for (const [what, more, isBranch] of [
  ['a branch that moves', {}, true],
  ['a new branch', { commands: [{ ...push, before: ZERO }] }, true],
  ['a branch that is deleted', { commands: [{ ...push, after: ZERO }] }, false],
  ['a branch that stays', { commands: [{ ...push, after: A }] }, false],
  ['a tag', { commands: [{ ...push, ref: 'refs/tags/v1' }] }, false],
  ['two branches', { commands: [push, push] }, false],
  ['nothing', { commands: [] }, false],
  ['a branch without its history', { isShallow: true }, false],
  ['a branch, by a client that hears nothing', { capabilities: 'report-status' }, false],
] as const) {
  test(`a push of ${what} is ${isBranch ? 'one' : 'not one'} that may release`, () => {
    const found = branchOf({ ...head, ...more } as Parameters<typeof branchOf>[0]);
    assert.equal(found !== null, isBranch);
  });
}

test("the commit of a branch comes first, under fleet's own ref", () => {
  const text = headToOwnRef(push).toString('latin1');
  assert.ok(text.slice(4).startsWith(`${ZERO} ${B} refs/fleet/${B}\0report-status side-band-64k`), text);
  assert.ok(text.endsWith('0000'));
});

test('a branch is moved only from where the push has found it', async (t) => {
  const dir = temporaryFolder(t);
  initRepository(dir);
  const first = commit(dir, { 'a.txt': 'one\n' });
  const second = commit(dir, { 'a.txt': 'two\n' });
  const repository = join(dir, '.git');
  const move = (before: string, after: string) =>
    moveBranch(repository, { ref: 'refs/heads/main', before, after });
  assert.equal(await move(first, first), 'somebody else has pushed meanwhile; git fetch first');
  assert.equal(await move(ZERO, first), 'somebody else has pushed meanwhile; git fetch first');
  assert.equal(headOf(dir), second);
  assert.equal(await move(second, first), null);
  assert.equal(headOf(dir), first);
  mkdirSync(join(repository, 'refs/heads'), { recursive: true });
  writeFileSync(join(repository, 'refs/heads/main.lock'), '');
  assert.match((await move(first, second)) ?? '', /lock/);
  assert.equal(readFileSync(join(repository, 'refs/heads/main'), 'utf8'), `${first}\n`);
});

test('whoever pushes hears what is told, and signs of life while nothing is', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const heard: string[] = [];
  const remote = new Remote((bytes) => heard.push(bytes.toString('latin1').slice(5)));
  remote.tell('hello');
  t.mock.timers.tick(5_000);
  remote.close();
  t.mock.timers.tick(60_000);
  assert.deepEqual(heard, ['hello\n', '']);
});
