import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { freeDirectory, recordSchema, releaseIn, releaseOf } from '../../../src/drone/releases/release.ts';

const C = 'c'.repeat(40);

test("a release is its app's, which is the repository unless it is a stage", () => {
  assert.deepEqual(releaseOf('webapp', C), { app: 'webapp', repo: 'webapp', commit: C, name: `webapp.${C}` });
  assert.deepEqual(releaseOf('webapp', C, 'webapp@pr-1').name, `webapp@pr-1.${C}`);
});

for (const [name, release] of [
  [`webapp.${C}`, releaseOf('webapp', C)],
  [`webapp.${C}-12`, releaseOf('webapp', C)],
  [`webapp.${C}.git`, releaseOf('webapp', C)],
  [`web.app.${C}`, releaseOf('web.app', C)],
  [`webapp@pr-1.${C}`, releaseOf('webapp', C, 'webapp@pr-1')],
  [`.tmp-webapp.${C}`, null],
  [`webapp.${C.slice(1)}`, null],
  [`webapp.${C}-`, null],
  [`webapp.${C}.git.tmp`, null],
  [`a@b@c.${C}`, null],
  ['webapp', null],
] as const) {
  test(`${name.replace(C, 'COMMIT')} is ${release ? `a directory of ${release.app}` : 'of no release'}`, () => {
    assert.deepEqual(releaseIn(name), release);
  });
}

test('a release that is made again gets the first directory that is not taken', () => {
  const release = releaseOf('webapp', C);
  const free = (...taken: string[]) => freeDirectory(release, (name) => taken.includes(name));
  assert.equal(free(), release.name);
  assert.equal(free(release.name), `${release.name}-2`);
  assert.equal(free(release.name, `${release.name}-2`, `${release.name}-4`), `${release.name}-3`);
  assert.deepEqual(releaseIn(free(release.name)), release);
});

test('a record of an older or newer version has defaults for what it lacks, and loses what is unknown', () => {
  assert.deepEqual(
    v.parse(recordSchema, { state: 'ready', directory: 'a', prepared: 'half', color: 'red' }),
    {
      ...{ version: 1, state: 'ready', directory: 'a', at: 0, boot: '', why: null },
      ...{ prepared: 'no', job: null, builtAt: null, byHandAt: null },
    },
  );
});

test('a record cannot name a directory outside of deploy/', () => {
  for (const directory of ['', '.', '..', '../a', '/a', 'a/b', '.tmp-a'])
    assert.equal(v.safeParse(recordSchema, { state: 'ready', directory }).success, false, directory);
});
