import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Committed } from '../../../src/git/committed-files.ts';
import { ReadCommits } from '../../../src/hub/apps/read-commits.ts';

const committed = (text: string): Committed => ({ subject: 'First', files: new Map([['Procfile', text]]) });
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Reads that end when they are told to. */
function reads() {
  const ends: (() => void)[] = [];
  const commits = new ReadCommits(['Procfile'], async (repository, commit) => {
    await new Promise<void>((resolve) => ends.push(resolve));
    if (commit === 'bad') throw new Error(`${repository} is damaged`);
    return committed(commit === 'large' ? 'x'.repeat(70_000) : commit);
  });
  return { commits, ends };
}

test('a commit is read once for all who ask, and not again', async () => {
  const { commits, ends } = reads();
  const asked = [1, 2, 3].map(() => commits.read('/repos/webapp.git', 'a'));
  await nextTurn();
  assert.equal(ends.length, 1);
  ends[0]?.();
  assert.deepEqual(await Promise.all(asked), Array(3).fill(committed('a')));
  assert.deepEqual(await commits.read('/repos/webapp.git', 'a'), committed('a'));
  assert.equal(ends.length, 1);
});

test('two of one repository are read at once, and four in all, however many are asked for', async () => {
  const { commits, ends } = reads();
  const asked = Array.from({ length: 64 }, (_, n) => commits.read('/repos/webapp.git', `${n}`));
  await nextTurn();
  assert.equal(ends.length, 2);
  const others = ['api', 'shop', 'wiki'].map((repo) => commits.read(`/repos/${repo}.git`, repo));
  await nextTurn();
  assert.equal(ends.length, 4);
  // The third of them is next, though the others came first.
  ends[0]?.();
  await nextTurn();
  assert.equal(ends.length, 5);
  ends.slice(2).forEach((end) => void end());
  assert.deepEqual(await Promise.all(others), ['api', 'shop', 'wiki'].map(committed));
  for (let n = 1; n < ends.length; n++) {
    ends[n]?.();
    await nextTurn();
  }
  await Promise.all(asked);
});

test('what cannot be read, or is large, is read again', async () => {
  const { commits, ends } = reads();
  for (const commit of ['bad', 'bad', 'large', 'large']) {
    const asked = commits.read('/repos/webapp.git', commit);
    await nextTurn();
    ends.pop()?.();
    if (commit === 'bad') await assert.rejects(asked, /is damaged/);
    else await asked;
  }
});
