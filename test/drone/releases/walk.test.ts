import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Need } from '../../../src/drone/releases/need.ts';
import type { Want } from '../../../src/drone/releases/next.ts';
import type { StepContext } from '../../../src/drone/releases/steps/context.ts';
import { Walk } from '../../../src/drone/releases/walk.ts';
import { FleetError } from '../../../src/protocol/errors.ts';
import { needOfApp, ReleaseWorld, recordOf } from '../../fixtures/release-world.ts';

const FILES = { 'a.txt': 'one\n', 'b.txt': 'two\n' };
const HOUR_MS = 3_600_000;
const away = new FleetError('ECONNECT', 'the hub is away');
const BUILD = needOfApp({ build: ['make'] });

/** Goes all the way to what is wanted, and returns the walk and whether something was made. */
async function walk(
  world: ReleaseWorld,
  want: Want,
  need: Need | null = null,
  change: Partial<StepContext> = {},
) {
  const walked = new Walk({ ...world.context, ...change }, want, need);
  return { isMade: await walked.run(), pending: walked.pending };
}

/** A release that was deployed by hand. */
async function deployed(t: TestContext): Promise<ReleaseWorld> {
  const world = new ReleaseWorld(t, FILES);
  await walk(world, 'whole');
  return world;
}

/** Mirrors whose hub is away. */
const offline = ({ context }: ReleaseWorld): Pick<StepContext, 'mirrors'> => ({
  mirrors: { ...context.mirrors, fetch: () => Promise.reject(away) },
});

test('a deploy fetches and checks out once, and notes that it was by hand', async (t) => {
  const world = new ReleaseWorld(t, FILES);
  rmSync(join(world.dir, 'repos/webapp.git/refs/fleet'), { recursive: true });
  const began = Date.now();
  assert.equal((await walk(world, 'whole')).isMade, true);
  assert.equal(world.onDisk?.state, 'ready');
  assert.ok((world.onDisk?.byHandAt ?? 0) >= began);
  assert.equal(readFileSync(world.file('a.txt'), 'utf8'), 'one\n');
  assert.equal((await walk(world, 'whole')).isMade, false);
  assert.deepEqual(world.said, []);
});

test('a commit that cannot be fetched has failed, with the reason', async (t) => {
  const world = new ReleaseWorld(t);
  await assert.rejects(walk(world, 'whole', null, offline(world)), away);
  assert.equal(world.onDisk?.state, 'failed');
  assert.equal(world.onDisk?.why, 'the hub is away');
});

test('a checkout that cannot be made anew stays what it was', async (t) => {
  const world = await deployed(t);
  rmSync(join(world.dir, 'repos/webapp.git/refs/fleet'), { recursive: true });
  await assert.rejects(walk(world, 'new', null, offline(world)), away);
  assert.equal(world.onDisk?.state, 'ready');
});

test('a deploy restores what was changed, and names it', async (t) => {
  const world = await deployed(t);
  writeFileSync(world.file('a.txt'), 'mine\n');
  assert.equal((await walk(world, 'present')).isMade, false, 'a start leaves it');
  assert.equal((await walk(world, 'whole')).isMade, true);
  assert.equal(readFileSync(world.file('a.txt'), 'utf8'), 'one\n');
  assert.match(world.said.join(), /was changed on this drone \(a\.txt\): restored$/);
  assert.equal(world.onDisk?.state, 'ready');
});

test('what something runs from is left alone, and checked out beside it', async (t) => {
  const world = await deployed(t);
  const { name } = world.release;
  writeFileSync(world.file('a.txt'), 'mine\n');
  world.occupied.add(name);
  await walk(world, 'whole');
  assert.equal(world.onDisk?.directory, `${name}-2`);
  assert.equal(readFileSync(world.file('a.txt'), 'utf8'), 'mine\n');
  assert.match(world.said.join(), new RegExp(`\\(a\\.txt\\): checked out again in deploy/${name}-2$`));
});

test('so is a checkout in which git cannot put files back', async (t) => {
  const world = await deployed(t);
  writeFileSync(world.file('a.txt'), 'mine\n');
  let uses = 0;
  const mirrors: StepContext['mirrors'] = {
    ...world.context.mirrors,
    use: (_, work) => (uses++ === 0 ? Promise.reject(new FleetError('EGIT', 'cannot unlink')) : work()),
  };
  assert.equal((await walk(world, 'whole', null, { mirrors })).isMade, true);
  assert.equal(world.onDisk?.directory, `${world.release.name}-2`);
});

test('after a power cut, a start puts back what was lost, and keeps what the app has changed', async (t) => {
  const world = await deployed(t);
  truncateSync(world.file('a.txt'));
  writeFileSync(world.file('b.txt'), 'mine\n');
  await walk(world, 'present', null, { boot: 'the next boot' });
  assert.equal(readFileSync(world.file('a.txt'), 'utf8'), 'one\n');
  assert.equal(readFileSync(world.file('b.txt'), 'utf8'), 'mine\n');
  assert.equal(world.onDisk?.boot, 'the next boot');
});

test('a damaged index is made again from the commit', async (t) => {
  const world = await deployed(t);
  const index = join(world.store.gitDir(world.release), 'index');
  writeFileSync(index, 'garbage');
  writeFileSync(world.file('a.txt'), 'mine\n');
  await walk(world, 'whole');
  assert.equal(readFileSync(world.file('a.txt'), 'utf8'), 'one\n');
  assert.ok(existsSync(index));
});

test('if nothing says which files there should be, a start makes do for now, and a deploy fails', async (t) => {
  const world = await deployed(t);
  writeFileSync(join(world.store.gitDir(world.release), 'index'), 'garbage');
  const objects = join(world.dir, 'repos/webapp.git/objects');
  for (const folder of readdirSync(objects)) rmSync(join(objects, folder), { recursive: true });
  const boot = 'the next boot';
  await walk(world, 'present', null, { boot });
  assert.equal(world.store.read(world.release)?.boot, boot);
  assert.equal(world.onDisk?.boot, 'this boot', 'the next drone looks again');
  await assert.rejects(walk(world, 'whole', null, { boot }), { code: 'EGIT' });
});

for (const [ago, isNoted] of [
  [HOUR_MS / 2, false],
  [HOUR_MS * 2, true],
] as const) {
  test(`another deploy ${ago / HOUR_MS} hours later is ${isNoted ? '' : 'not '}written down`, async (t) => {
    const world = await deployed(t);
    const byHandAt = Date.now() - ago;
    world.store.write(world.release, recordOf(world.release.name, { byHandAt }));
    await walk(world, 'whole');
    assert.equal(world.onDisk?.byHandAt !== byHandAt, isNoted);
  });
}

test('a checkout that only an app has made was not deployed by hand', async (t) => {
  const world = new ReleaseWorld(t, FILES);
  await walk(world, 'built', needOfApp());
  const { state, prepared, byHandAt, builtAt } = world.onDisk ?? recordOf('');
  assert.deepEqual([state, prepared, byHandAt], ['ready', 'built', null]);
  assert.ok(builtAt);
});

test('a build is recorded before it starts, and the walk leaves it running', async (t) => {
  const world = new ReleaseWorld(t, FILES);
  const started: string[] = [];
  const builds: StepContext['builds'] = {
    stateOf: () => 'running',
    start: async (_release, _need, path, begun) => {
      begun('1e99f4');
      started.push(`${path} ${world.onDisk?.job} ${world.onDisk?.prepared}`);
      return '1e99f4';
    },
  };
  assert.equal((await walk(world, 'built', BUILD, { builds })).pending, '1e99f4');
  assert.deepEqual(started, [`${world.file()} 1e99f4 linked`]);
  assert.equal(
    (await walk(world, 'built', BUILD, { builds })).pending,
    '1e99f4',
    'the next one waits for it',
  );
  assert.equal(started.length, 1);
});

test('what a build has made of the files is accepted when it has ended well', async (t) => {
  const world = new ReleaseWorld(t, FILES);
  await walk(world, 'built', BUILD);
  world.store.write(world.release, recordOf(world.release.name, { prepared: 'linked', job: '1e99f4' }));
  writeFileSync(world.file('a.txt'), 'built\n');
  const builds = { ...world.context.builds, stateOf: () => 'ok' as const };
  assert.equal((await walk(world, 'built', BUILD, { builds })).pending, null);
  assert.equal(world.onDisk?.prepared, 'built');
  await walk(world, 'whole');
  assert.equal(readFileSync(world.file('a.txt'), 'utf8'), 'built\n');
});

test('what a failed build has left is replaced by the next attempt', async (t) => {
  const world = new ReleaseWorld(t, FILES);
  await walk(world, 'built', BUILD);
  world.store.write(world.release, recordOf(world.release.name, { prepared: 'linked', job: '1e99f4' }));
  writeFileSync(world.file('half.o'), '');
  const builds = { ...world.context.builds, stateOf: () => 'failed' as const };
  await walk(world, 'built', BUILD, { builds });
  assert.equal(world.onDisk?.directory, world.release.name);
  assert.equal(existsSync(world.file('half.o')), false);
});

for (const [need, directory] of [
  [BUILD, '-2'],
  [needOfApp(), ''],
] as const) {
  test(`a checkout that something runs from is ${directory ? 'not built in' : 'used by an app that needs nothing'}`, async (t) => {
    const world = await deployed(t);
    world.occupied.add(world.release.name);
    await walk(world, 'built', need);
    assert.equal(world.onDisk?.directory, `${world.release.name}${directory}`);
  });
}
